#!lua
-- include: contact_keys, timeline, turns, late, conversations
-- Carry out what was decided for a contact, all or nothing, if the contact is still as it was seen.
-- KEYS[1..15] as in shared/contact_keys.lua
-- KEYS[16] string keys.welcome  the HTTP answer to a Viber conversation_started
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  int    version that was seen
-- ARGV[4]  int    fence of the turn; empty for everybody outside of a turn
-- ARGV[5]  int    number of the entry that is decided; empty outside of a turn
-- ARGV[6]  0|1    keep the lease, if there is something left to decide or to send
-- ARGV[7]  int    refuse when a message newer than this entry is there; empty: do not look
-- ARGV[8]  bytes  what makes all of it happen once; empty: nothing does
-- ARGV[9..] actions, each: name, effect key or empty, and the arguments of `apply` below
-- Returns {ok, results, snapshot}: per action what its function returns, -1 where its effect was there already
--         {conflict, snapshot} | {newer, snapshot} | {repeated, snapshot} | {lost} | {decided}; then nothing was written
-- Emits   wake
local version, fence, decided, keep, last_seen = ARGV[3], ARGV[4], ARGV[5], ARGV[6] == '1', ARGV[7]
local operation = ARGV[8]

if fence ~= '' and redis.call('HGET', contact_key, 'fence') ~= fence then return { 'lost' } end
if decided ~= '' and (redis.call('HGET', contact_key, 'cursor') or '0') ~= decided then return { 'decided' } end
if operation ~= '' and is_filed(operation) then return { 'repeated', snapshot() } end
if (redis.call('HGET', contact_key, 'version') or '0') ~= version then return { 'conflict', snapshot() } end
local function is_message(entry) return string.sub(entry, 1, 1) == 'm' end
if last_seen ~= '' and find_from(tonumber(last_seen) + 1, is_message) then return { 'newer', snapshot() } end

local has_news = false
local function raise_version() redis.call('HINCRBY', contact_key, 'version', 1) end
local function say(json) if json ~= '' then append_passed('e' .. json) end end
local function is_open(number) return redis.call('HGET', open_key, 'number') == number end

local function set_needs(reason)
  redis.call('HSET', open_key, 'needs', reason)
  local open = redis.call('HMGET', open_key, 'waiting_since', 'last_at')
  index_needs_person(open[1] or open[2])
end

-- Whoever wrote at or after entry `from` without an answer: what opens for them, how many messages, since when; or nil.
local function find_later(from)
  local later
  find_from(from, function(e)
    local letter = string.sub(e, 1, 1)
    if letter ~= 'm' and letter ~= 'w' then return false end
    later = later or { source = letter == 'm' and 'contact' or 'welcome_event', incoming = 0 }
    if letter == 'm' then
      later.incoming = later.incoming + 1
      later.since = later.since or string.match(e, '"at":(%d+)')
    end
    return false
  end)
  return later
end

local apply = {}

-- source, by, channel -> number, or 0 when one is open
function apply.open(source, by, channel)
  if redis.call('EXISTS', open_key) == 1 then return 0 end
  return open_conversation(source, by, channel, nil, 0, nil)
end

-- number, source, by, note, entry that caused it, first entry that may belong to the next one, bot back on -> 1, or 0 when
-- that number is not open
function apply.close(number, source, by, note, cause, later_from, bot_back_on)
  local open = read_open()
  if not open or open.number ~= number then return 0 end
  local from, later
  if later_from ~= '' then
    -- What stands before this conversation was closed with an earlier one.
    local cursor = tonumber(redis.call('HGET', contact_key, 'cursor') or 0)
    from = math.max(tonumber(later_from), cursor, tonumber(open.from))
    later = find_later(from)
  end
  if later then open.incoming = open.incoming - later.incoming end
  close_conversation(open, source, by, note)
  if cause ~= '' then redis.call('HSET', contact_key, 'closed_entry', cause, 'closed_number', number) end
  if bot_back_on == '1' then redis.call('HDEL', contact_key, 'bot_off') end
  -- Nobody is closed away: the next conversation is theirs.
  if later then open_conversation(later.source, '', open.channel, from, later.incoming, later.since) end
  return 1
end

-- number of the conversation or empty, sender, entry -> entry number
function apply.send(number, sender, json)
  local entry = append_passed('p' .. json .. '|||')
  redis.call('RPUSH', pending_key, entry)
  has_news = true
  if is_open(number) then
    redis.call('HINCRBY', open_key, 'outgoing', 1)
    redis.call('HSET', open_key, 'last_at', now_ms)
    redis.call('ZADD', inbox_key, now_ms, contact)
    redis.call('ZADD', unassigned_key, 'XX', now_ms, contact)
    local open = redis.call('HMGET', open_key, 'needs', 'first_response_at')
    -- A bot that says "somebody will be with you" has not answered.
    if sender ~= 'bot' or not open[1] then
      redis.call('HDEL', open_key, 'waiting_since')
      if open[1] then index_needs_person(now_ms) end
    end
    if sender == 'user' and not open[2] then redis.call('HSET', open_key, 'first_response_at', now_ms) end
  end
  return entry
end

-- number, entry as sent, entry as not sent, body, whether the contact can be written to -> entry number
function apply.welcome(number, json, not_sent, body, can_write)
  if redis.call('EXISTS', KEYS[16]) == 0 then
    local TWO_DAYS_S = 48 * 3600
    redis.call('SET', KEYS[16], body, 'EX', TWO_DAYS_S)
    if is_open(number) then redis.call('HINCRBY', open_key, 'outgoing', 1) end
    return append_passed('s' .. json .. '|' .. now_ms .. '||')
  end
  if can_write == '1' then return apply.send(number, 'bot', json) end
  return append_passed('x' .. not_sent)
end

-- letter, entry -> entry number
function apply.note(letter, json)
  return append_passed(letter .. json)
end

-- on | off, entry that caused it or -, line -> 1
function apply.bot(state, cause, json)
  if state == 'off' then
    redis.call('HSET', contact_key, 'bot_off', cause)
    -- Whatever asked for a person before goes on asking when the bot is back.
    if redis.call('EXISTS', open_key) == 1 and not redis.call('HGET', open_key, 'needs') then set_needs('bot_off') end
  else
    redis.call('HDEL', contact_key, 'bot_off')
    if redis.call('HGET', open_key, 'needs') == 'bot_off' then
      redis.call('HDEL', open_key, 'needs')
      redis.call('ZREM', needs_person_key, contact)
    end
  end
  raise_version()
  say(json)
  return 1
end

-- number, reason, line -> 1, or 0 when that number is not open
function apply.pause(number, reason, json)
  if not is_open(number) then return 0 end
  redis.call('HSET', open_key, 'paused', reason)
  set_needs('paused')
  raise_version()
  say(json)
  return 1
end

-- number, reason, line -> 1, or 0 when that number is not open
function apply.need_person(number, reason, json)
  if not is_open(number) then return 0 end
  set_needs(reason)
  raise_version()
  say(json)
  return 1
end

-- number, user id or empty, user as JSON, line -> 1, or 0 when that number is not open
function apply.assign(number, user_id, user, json)
  if not is_open(number) then return 0 end
  local before = redis.call('HGET', open_key, 'assignee_id')
  if before then redis.call('ZREM', mine_key, before .. ':' .. contact) end
  if user_id == '' then
    redis.call('HDEL', open_key, 'assignee_id', 'assignee')
    redis.call('ZADD', unassigned_key, redis.call('HGET', open_key, 'last_at'), contact)
  else
    redis.call('HSET', open_key, 'assignee_id', user_id, 'assignee', user)
    redis.call('ZREM', unassigned_key, contact)
    redis.call('ZADD', mine_key, 0, user_id .. ':' .. contact)
  end
  raise_version()
  say(json)
  return 1
end

local ARGUMENTS = { open = 3, close = 7, send = 3, welcome = 5, note = 2, bot = 3, pause = 3, need_person = 3, assign = 4 }

local results, i = {}, 9
while i <= #ARGV do
  local name, effect = ARGV[i], ARGV[i + 1]
  local last = i + 1 + ARGUMENTS[name]
  if effect ~= '' and is_filed(effect) then
    results[#results + 1] = -1
  else
    results[#results + 1] = apply[name](unpack(ARGV, i + 2, last))
    if effect ~= '' then file(effect) end
  end
  i = last + 1
end

if operation ~= '' then file(operation) end
if decided ~= '' then
  redis.call('HSET', contact_key, 'cursor', find_from(tonumber(decided) + 1, is_decidable) or timeline_end())
end
if fence == '' then
  if has_news then make_due(now_ms) else wake() end
elseif keep and has_more() then
  hold_lease()
else
  release_lease()
end
return { 'ok', results, snapshot() }
