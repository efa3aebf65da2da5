#!lua
-- include: contact_keys, timeline, turns
-- Take a contact's turn: nobody else decides or sends for it until the lease ends.
-- KEYS[1..16] as in shared/contact_keys.lua
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- Returns {ok, fence, snapshot} | {busy} while somebody holds it | {idle} when nothing is due
-- Emits   nothing
local due = redis.call('ZSCORE', due_key, contact)
if not due or tonumber(due) > now_ms then return { 'idle' } end
if lease_end() > now_ms then return { 'busy' } end
-- The fence is a counter, so that no two turns ever share one, whatever the clocks of two machines say.
local fence = redis.call('HINCRBY', contact_key, 'fence', 1)
-- It begins at the contact's own beginning: whoever had a turn before the contact was deleted has none of those after.
if fence == 1 then
  fence = redis.call('HINCRBY', contact_key, 'fence', redis.call('HGET', contact_key, 'created_at') or 0)
end
hold_lease()
return { 'ok', fence, snapshot() }
