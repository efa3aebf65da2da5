#!lua
-- include: contact_keys, timeline, turns, counters, conversations
-- Make a contact a part of another one: what is open closes, it leaves all lists and takes nothing any more. Repeatable.
-- KEYS[1..16] as in shared/contact_keys.lua
-- KEYS[17..400] zset keys.label, keys.terms  what the contact leaves
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  int    version that was seen
-- ARGV[4]  string terms that were seen; changing those alone raises no version
-- ARGV[5]  string the contact that it becomes a part of
-- ARGV[6]  JSON   who wants it; empty: nobody says
-- ARGV[7]  JSON   line
-- ARGV[8]  string what active automations wait for, parted by spaces
-- ARGV[9..] pairs of a key's number and a member to be removed
-- Returns {ok, snapshot, entries}: undecided ones that go to the other contact, each number and entry
--         | {conflict, snapshot} | {elsewhere, primary} when it is a part of a third one | {unknown}
-- Emits   wake
local known = redis.call('HMGET', contact_key, 'identity', 'merged_into', 'merged_from', 'version', 'terms', 'cursor', 'closed_end')
local primary = ARGV[5]
fires = ARGV[8]
if not known[1] then return { 'unknown' } end
if known[2] and known[2] ~= primary then return { 'elsewhere', known[2] } end

local moves_from = tonumber(known[3] or 0)
if not known[2] then
  if (known[4] or '0') ~= ARGV[3] or (known[5] or '') ~= ARGV[4] then return { 'conflict', snapshot() } end
  local open = read_open()
  -- What stands before the open conversation was closed by somebody with an earlier one: it moves nowhere.
  moves_from = math.max(tonumber(known[6] or 0), tonumber(open and open.from or known[7] or 0))
  if open then
    local incoming = 0
    find_from(moves_from, function(e)
      if string.sub(e, 1, 1) == 'm' then incoming = incoming + 1 end
      return false
    end)
    open.incoming = open.incoming - incoming
    open.moved_from = moves_from
    close_conversation(open, 'contact_merge', ARGV[6], '', false, '')
  end
  redis.call('ZREM', contacts_key, contact)
  for i = 9, #ARGV, 2 do
    local zset_key = KEYS[tonumber(ARGV[i])]
    redis.call('ZREM', zset_key, ARGV[i + 1])
  end
  append_passed('e' .. ARGV[7])
  redis.call('HINCRBY', contact_key, 'version', 1)
  redis.call('HSET', contact_key, 'merged_into', primary, 'merged_from', moves_from)
end

local moved, position = {}, math.max(moves_from - base, 0)
for i, entry in ipairs(redis.call('LRANGE', timeline_key, position, -1)) do
  if is_decidable(entry) and string.sub(entry, 1, 1) ~= 'a' then
    moved[#moved + 1] = base + position + i - 1
    moved[#moved + 1] = entry
  end
end
-- Else, if something is left, it is due already: its own turns send what is pending, and pass over what has moved.
if has_fired then make_due(now_ms) else wake() end
return { 'ok', snapshot(), moved }
