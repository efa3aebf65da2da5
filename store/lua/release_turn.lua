#!lua flags=allow-oom
-- include: contact_keys, timeline, turns
-- Give a contact's turn back.
-- KEYS[1..16] as in shared/contact_keys.lua
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  int    fence
-- Returns {ok} | {lost} when somebody else has the turn by now
-- Emits   wake, when there is more to do
if redis.call('HGET', contact_key, 'fence') ~= ARGV[3] then return { 'lost' } end
release_lease()
return { 'ok' }
