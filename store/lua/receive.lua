#!lua
-- include: contact_keys
-- Record what arrived for one contact, once, and open a conversation when it opens one.
-- KEYS[1..16] as in shared/contact_keys.lua
-- KEYS[17] set    keys.seen  native ids of the event's own hour
-- KEYS[18] zset   keys.label    contacts of the channel
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  bytes  12 bytes that stand for the native id
-- ARGV[4]  int    when the seen set may go (epoch seconds); 0: the event has no usable time, file it under `late`
-- ARGV[5]  letter m message, w welcome that opens, v welcome that does not, n noted, s sent by a person elsewhere
-- ARGV[6]  JSON   the entry
-- ARGV[7]  word   source of the opening; empty: it opens nothing
-- ARGV[8]  word   channel kind
-- ARGV[9]  string identity
-- ARGV[10] string platform id of what a person sent elsewhere, else empty
-- ARGV[11] 0|1|-  whether the contact can be written to (Viber's subscription); - : not said
-- ARGV[12] 0|1    whether this comes from a contact that was merged into this one, which then must be known
-- ARGV[13] string what active automations wait for, parted by spaces
-- ARGV[14..] pairs of profile field and value
-- Returns {ok, entry number, opened number or 0} | {duplicate} | {merged, primary}
--         | {unknown} when the contact is not, but must be
-- Emits   wake
local id12, seen_until, letter, entry = ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]
local source, channel = ARGV[7], ARGV[8]
local seen_key = KEYS[17]

if redis.call('SISMEMBER', seen_key, id12) == 1 or redis.call('ZSCORE', late_key, id12) then return { 'duplicate' } end
local known = redis.call('HMGET', contact_key, 'identity', 'merged_into', 'blocked', 'subscribed', 'wait', 'lease', 'base', 'via')
if known[2] then return { 'merged', known[2] } end
if ARGV[12] == '1' and not known[1] then return { 'unknown' } end
local open = redis.call('HMGET', open_key, 'number', 'waiting_since', 'needs', 'incoming', 'last_at')

-- The shared parts are defined only where they are used: on the way that nearly every message takes, defining them
-- would cost as much as the work itself.
local function mark_seen()
  if redis.call('EXISTS', seen_key) == 1 then
    redis.call('SADD', seen_key, id12)
  else
    redis.call('SADD', seen_key, id12)
    redis.call('EXPIREAT', seen_key, seen_until)
  end
end

local is_plain = open[1] and letter == 'm' and seen_until > 0 and not known[3] and not known[5]
  and (ARGV[11] == '-' or ARGV[11] == known[4]) and (open[2] or not open[3]) and not known[8] and ARGV[9] == known[1]
if is_plain then
  -- Who was active last is told to the second: of a burst only the first message moves the conversation in the lists.
  local fields = { 'incoming', open[4] + 1 }
  if not open[2] then fields[3], fields[4] = 'waiting_since', now_ms end
  if now_ms - tonumber(open[5]) >= 1000 then
    fields[#fields + 1], fields[#fields + 2] = 'last_at', now_ms
    redis.call('ZADD', inbox_key, now_ms, contact)
    redis.call('ZADD', unassigned_key, 'XX', now_ms, contact)
    if not open[3] then redis.call('ZADD', with_bot_key, now_ms, contact) end
  end
  redis.call('HSET', open_key, unpack(fields))
  if #ARGV > 13 then redis.call('HSET', contact_key, unpack(ARGV, 14)) end
  local length = redis.call('RPUSH', timeline_key, letter .. entry)
  redis.call('HINCRBY', stats_key, 'message|' .. channel .. '|contact|', 1)
  mark_seen()
  -- While somebody has the turn it is due at the end of the lease already; giving the turn back looks again.
  -- (Not if it ends a minute later than any lease can: then the clock has been set back; see lease_end in turns.lua.)
  local lease, LONGEST_MS = tonumber(known[6] or 0), 15000 + 60000
  if lease < now_ms or lease > now_ms + LONGEST_MS then redis.call('ZADD', due_key, 'LT', now_ms, contact) end
  redis.call('PUBLISH', 'markdone:wake', contact)
  return { 'ok', length - 1 + (known[7] or 0), 0 }
end

-- include: timeline, turns, late, counters, conversations
fires = ARGV[13]
local profile = {}
if not known[1] then
  profile = { 'identity', ARGV[9], 'created_at', now_ms }
  redis.call('ZADD', contacts_key, now_ms, contact)
  redis.call('ZADD', KEYS[18], 0, contact)
elseif letter ~= 'n' and letter ~= 's' then
  -- From a contact that was merged into this one: it is answered where it wrote.
  if ARGV[9] ~= known[1] then profile = { 'via', ARGV[9] } elseif known[8] then redis.call('HDEL', contact_key, 'via') end
end
if ARGV[11] ~= '-' and ARGV[11] ~= known[4] then
  profile[#profile + 1] = 'subscribed'
  profile[#profile + 1] = ARGV[11]
end
for i = 14, #ARGV do profile[#profile + 1] = ARGV[i] end
if #profile > 0 then redis.call('HSET', contact_key, unpack(profile)) end
if not known[1] and is_wanted('created') then
  -- It speaks for the conversation that this opens.
  append_line('a{"kind":"created","at":' .. now_ms .. (source ~= '' and ',"conversation":1' or '') .. '}')
end

if known[3] then
  letter, source = letter == 's' and 's' or 'n', ''
end
local opened = 0
if source ~= '' and not open[1] then
  opened = open_conversation(source, '', channel, nil, letter == 'm' and 1 or 0, letter == 'm' and now_ms)
elseif open[1] and letter == 'm' then
  redis.call('HINCRBY', open_key, 'incoming', 1)
  index_activity()
  if not open[2] then
    redis.call('HSET', open_key, 'waiting_since', now_ms)
    if open[3] then index_needs_person(now_ms, nil) end
  end
elseif open[1] and letter == 's' then
  -- A person wrote from elsewhere: the bot is silent from here on, also the answer that is under way.
  count_hand_off('page_inbox')
  count_response(read_open(), '')
  redis.call('HSET', open_key, 'paused', 'page_inbox', 'needs', 'paused', 'user_wrote', 1)
  redis.call('HINCRBY', open_key, 'outgoing', 1)
  redis.call('HDEL', open_key, 'waiting_since')
  redis.call('HINCRBY', contact_key, 'version', 1)
  index_activity()
  index_needs_person(nil, now_ms)
  note_last_word(timeline_end(), '')
end

local number
if letter == 'm' then count('message|' .. channel .. '|contact|', 1) end
if letter == 's' then
  count('message|' .. channel .. '|user|', 1)
  number = append_passed('s' .. entry .. '|' .. now_ms .. '|' .. ARGV[10] .. '|')
elseif letter == 'n' then
  number = append_passed('n' .. entry)
else
  number = append(letter .. entry)
end
if letter == 'm' and known[5] == 'platform' then redis.call('HDEL', contact_key, 'try_at', 'wait') end

if seen_until > 0 then mark_seen() else file(id12) end
if is_decidable(letter) or has_fired then make_due(now_ms) else wake() end
return { 'ok', number, opened }
