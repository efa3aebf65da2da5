#!lua
-- include: contact_keys, timeline, turns
-- Put a merge behind those that are to be done before it.
-- KEYS[1..16] as in shared/contact_keys.lua
-- ARGV[1]  string contact id: the one of all merges
-- ARGV[2]  int    now_ms
-- ARGV[3]  string its identity
-- ARGV[4]  JSON   the entry
-- ARGV[5]  string what the entry holds and no other one that was not asked for by the same request; empty: nothing
-- Returns {ok, entry number} | {repeated, entry number} when the same request was made before
-- Emits   wake
local LOOK_BACK = 1000
if ARGV[5] ~= '' then
  local recent = redis.call('LRANGE', timeline_key, -LOOK_BACK, -1)
  for i, entry in ipairs(recent) do
    if string.find(entry, ARGV[5], 1, true) then return { 'repeated', timeline_end() - #recent + i - 1 } end
  end
end
redis.call('HSET', contact_key, 'identity', ARGV[3])
local number = append('v' .. ARGV[4])
make_due(now_ms)
return { 'ok', number }
