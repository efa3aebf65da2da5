#!lua
-- include: contact_keys, timeline, turns, counters, conversations
-- Take over, once, what is known of a contact that was made a part of this one, and the messages nobody has decided.
-- KEYS[1..16] as in shared/contact_keys.lua
-- KEYS[17..400] zset keys.label, keys.terms  what the contact leaves and enters
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  int    version that was seen
-- ARGV[4]  string terms that were seen; changing those alone raises no version
-- ARGV[5]  string the contact that becomes a part
-- ARGV[6]  int    when we first heard of that one (ms): who was deleted and wrote anew is another one
-- ARGV[7]  JSON   line
-- ARGV[8]  word   channel kind of a conversation that opens for the messages
-- ARGV[9]  int    number of pairs of field and value
-- ARGV[10] int    number of keys to leave
-- ARGV[11] int    number of keys to enter
-- ARGV[12] string what active automations wait for, parted by spaces
-- ARGV[13..] those pairs; pairs of a key's number and a member, to leave and to enter; then, of each message, its letter,
--         when it was received (ms) and the entry
-- Returns {ok} | {again} when that was done before | {conflict, snapshot} | {merged, primary} when this contact is
--         itself a part of another one | {unknown}
-- Emits   wake
local part = 'part:' .. ARGV[5]
fires = ARGV[12]
local known = redis.call('HMGET', contact_key, 'identity', part, 'merged_into', 'version', 'terms')
if not known[1] then return { 'unknown' } end
if known[2] == ARGV[6] then return { 'again' } end
if known[3] then return { 'merged', known[3] } end
if (known[4] or '0') ~= ARGV[3] or (known[5] or '') ~= ARGV[4] then return { 'conflict', snapshot() } end

local fields, leaves, enters = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local at = 13
for _ = 1, fields do
  redis.call('HSET', contact_key, ARGV[at], ARGV[at + 1])
  at = at + 2
end
for i = 1, leaves + enters do
  local zset_key = KEYS[tonumber(ARGV[at])]
  if i <= leaves then
    redis.call('ZREM', zset_key, ARGV[at + 1])
  else
    redis.call('ZADD', zset_key, 0, ARGV[at + 1])
  end
  at = at + 2
end
redis.call('HSET', contact_key, part, ARGV[6])
append_passed('e' .. ARGV[7])

local first, source, incoming, since = at, nil, 0, nil
for i = first, #ARGV, 3 do
  if ARGV[i] == 'm' then
    source, incoming = 'contact', incoming + 1
    if not since or tonumber(ARGV[i + 1]) < tonumber(since) then since = ARGV[i + 1] end
  elseif ARGV[i] == 'w' then
    source = source or 'welcome_event'
  end
end
local open = redis.call('HMGET', open_key, 'number', 'waiting_since', 'needs')
if source and not open[1] then
  open_conversation(source, '', ARGV[8], nil, incoming, since)
elseif incoming > 0 then
  redis.call('HINCRBY', open_key, 'incoming', incoming)
  index_activity()
  if not open[2] or tonumber(since) < tonumber(open[2]) then
    redis.call('HSET', open_key, 'waiting_since', since)
    if open[3] then index_needs_person(since, nil) end
  end
end
for i = first, #ARGV, 3 do
  if ARGV[i] == 'n' then append_passed('n' .. ARGV[i + 2]) else append(ARGV[i] .. ARGV[i + 2]) end
end
redis.call('HINCRBY', contact_key, 'version', 1)
if first < #ARGV then make_due(now_ms) else wake() end
return { 'ok' }
