#!lua
-- include: contact_keys, timeline, turns, late, counters, conversations, answering
-- Carry out what was decided for a contact, all or nothing, if the contact is still as it was seen.
-- KEYS[1..16] as in shared/contact_keys.lua
-- KEYS[17] string keys.welcome  the HTTP answer to a Viber conversation_started
-- KEYS[18..200] zset keys.label, keys.terms, keys.notices  what the actions name by number: these may have any number
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  int    version that was seen
-- ARGV[4]  int    fence of the turn; empty for everybody outside of a turn
-- ARGV[5]  int    number of the entry that is decided; empty outside of a turn
-- ARGV[6]  0|1    keep the lease, if there is something left to decide or to send
-- ARGV[7]  int    refuse when a message newer than this entry is there; empty: do not look
-- ARGV[8]  0|1    refuse when anything at all is newer, not only a message of the contact
-- ARGV[9]  bytes  what makes all of it happen once; empty: nothing does
-- ARGV[10] string what active automations wait for, parted by spaces
-- ARGV[11] int    when the contact is to be looked at by itself at the latest (ms); empty: nothing new about that
-- ARGV[12..] actions, each: name, effect key or empty, number of arguments, and the arguments of `apply` below
-- Returns {ok, results, snapshot}: per action what its function returns, -1 where its effect was there already
--         {conflict, snapshot} | {newer, snapshot} | {repeated, snapshot} | {lost} | {decided} | {merged, primary} for
--         everybody outside of a turn, when the contact was merged into another one; then nothing was written
--         | {gone} when the contact was deleted
-- Emits   wake
local version, fence, decided, keep, last_seen = ARGV[3], ARGV[4], ARGV[5], ARGV[6] == '1', ARGV[7]
local operation = ARGV[9]
fires = ARGV[10]

if fence ~= '' and redis.call('HGET', contact_key, 'fence') ~= fence then return { 'lost' } end
if decided ~= '' and (redis.call('HGET', contact_key, 'cursor') or '0') ~= decided then return { 'decided' } end
local known = redis.call('HMGET', contact_key, 'version', 'merged_into', 'identity')
if not known[3] then return { 'gone' } end
if operation ~= '' and is_filed(operation) then return { 'repeated', snapshot() } end
if (known[1] or '0') ~= version then return { 'conflict', snapshot() } end
if known[2] and fence == '' then return { 'merged', known[2] } end
local function is_news(entry) return ARGV[8] == '1' or string.sub(entry, 1, 1) == 'm' end
if last_seen ~= '' and find_from(tonumber(last_seen) + 1, is_news) then return { 'newer', snapshot() } end

local has_news = false
local function raise_version() redis.call('HINCRBY', contact_key, 'version', 1) end
local function say(line) if line ~= '' then append_line(line) end end
local function is_open(number) return redis.call('HGET', open_key, 'number') == number end

-- Whoever wrote at or after entry `from` without an answer: what opens for them, how many messages, since when; or nil.
local function find_later(from)
  local later
  find_from(from, function(e, number)
    local letter = string.sub(e, 1, 1)
    if letter ~= 'm' and letter ~= 'w' then return false end
    later = later or { first = number, source = letter == 'm' and 'contact' or 'welcome_event', incoming = 0 }
    if letter == 'm' then
      later.incoming = later.incoming + 1
      -- What a merge brought may be older than what stood before it.
      local at = tonumber(string.match(e, '"at":(%d+)'))
      later.since = math.min(later.since or at, at)
    end
    return false
  end)
  return later
end

local apply, results = {}, {}

-- source, by, channel -> number, or 0 when one is open
function apply.open(source, by, channel)
  if redis.call('EXISTS', open_key) == 1 then return 0 end
  return open_conversation(source, by, channel, nil, 0, nil)
end

-- number, source, by, note, its category, entry that caused it, first entry that may belong to the next one, bot back on,
-- keeps the assignee for the next one -> 1, or 0 when that number is not open
function apply.close(number, source, by, note, category, cause, later_from, bot_back_on, keeps_assignee)
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
  close_conversation(open, source, by, note, keeps_assignee == '1', category)
  if cause ~= '' then redis.call('HSET', contact_key, 'closed_entry', cause, 'closed_number', number) end
  if bot_back_on == '1' then redis.call('HDEL', contact_key, 'bot_off') end
  -- Nobody is closed away: the next conversation is theirs.
  if later then open_conversation(later.source, '', open.channel, from, later.incoming, later.since, later.first) end
  return 1
end

-- number of the conversation or empty, sender, user id or empty, channel kind, chain of automations or empty, entry
-- -> entry number
function apply.send(number, sender, user, channel, chain, json)
  local entry = append_passed('p' .. json .. '|||')
  redis.call('RPUSH', pending_key, entry)
  has_news = true
  count('message|' .. channel .. '|' .. sender .. '|' .. user, 1)
  if is_open(number) then note_written(entry, sender, user, chain) end
  return entry
end

-- number, bot | automation, channel kind, chain of automations or empty, entry as sent, entry as not sent, body, whether the
-- contact can be written to -> entry number
function apply.welcome(number, sender, channel, chain, json, not_sent, body, can_write)
  if redis.call('EXISTS', KEYS[17]) == 0 then
    local TWO_DAYS_S = 48 * 3600
    redis.call('SET', KEYS[17], body, 'EX', TWO_DAYS_S)
    count('message|' .. channel .. '|' .. sender .. '|', 1)
    if is_open(number) then
      redis.call('HINCRBY', open_key, 'outgoing', 1)
      if sender == 'bot' then redis.call('HSET', open_key, 'bot_wrote', 1) end
      note_last_word(timeline_end(), chain)
    end
    return append_passed('s' .. json .. '|' .. now_ms .. '||')
  end
  if can_write == '1' then return apply.send(number, sender, '', channel, chain, json) end
  return append_passed('x' .. not_sent)
end

-- entry with its letter -> entry number
function apply.note(entry)
  return append_line(entry)
end

-- channel kind, matched | fallback | failed, intent or failure, entry, line -> 1
function apply.answered(channel, outcome, what, entry, line)
  local MOST = 500
  count('answered|' .. channel .. '|' .. outcome .. '|' .. what, 1)
  if outcome == 'fallback' then
    redis.call('ZADD', unmatched_key, now_ms, contact .. '|' .. entry)
    redis.call('ZREMRANGEBYRANK', unmatched_key, 0, -MOST - 1)
  end
  say(line)
  return 1
end

-- on | off, entry that caused it or -, line -> 1
function apply.bot(state, cause, line)
  if state == 'off' then
    redis.call('HSET', contact_key, 'bot_off', cause)
    -- Whatever asked for a person before goes on asking when the bot is back.
    if redis.call('EXISTS', open_key) == 1 and not redis.call('HGET', open_key, 'needs') then set_needs('bot_off') end
  else
    redis.call('HDEL', contact_key, 'bot_off')
    redis.call('HDEL', open_key, 'without_bot')
    if redis.call('HGET', open_key, 'needs') == 'bot_off' then
      redis.call('HDEL', open_key, 'needs')
      redis.call('ZREM', needs_person_key, contact)
      redis.call('ZADD', with_bot_key, redis.call('HGET', open_key, 'last_at'), contact)
    end
  end
  raise_version()
  say(line)
  return 1
end

-- number, reason, line -> 1, or 0 when that number is not open
function apply.pause(number, reason, line)
  if not is_open(number) then return 0 end
  redis.call('HSET', open_key, 'paused', reason)
  set_needs('paused', reason)
  raise_version()
  say(line)
  return 1
end

-- number, reason, line -> 1, or 0 when that number is not open
function apply.need_person(number, reason, line)
  if not is_open(number) then return 0 end
  set_needs(reason)
  raise_version()
  say(line)
  return 1
end

-- number, source, user id or empty, user as JSON, id of the user who does it or empty, line -> 1, or 0 when that number
-- is not open
function apply.assign(number, source, user_id, user, by_id, line)
  if not is_open(number) then return 0 end
  count('assigned|' .. redis.call('HGET', open_key, 'channel') .. '|' .. source .. '|' .. user_id .. '|' .. by_id, 1)
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
  say(line)
  return 1
end

-- include: profiles, automating
-- JSON, numbers of the users' keys -> 1, or 0 when the action before it did nothing to speak of
function apply.notify(json, ...)
  if #results > 0 and results[#results] < 1 then return 0 end
  local MOST = 200
  local notice = contact .. '|' .. (timeline_end() - 1) .. '|' .. json
  for _, i in ipairs({ ... }) do
    local notices_key = KEYS[tonumber(i)]
    redis.call('ZADD', notices_key, now_ms, notice)
    redis.call('ZREMRANGEBYRANK', notices_key, 0, -MOST - 1)
    redis.call('PUBLISH', 'markdone:notify', string.match(notices_key, 'notices:(.*)$'))
  end
  return 1
end

local i = 12
while i <= #ARGV do
  local name, effect = ARGV[i], ARGV[i + 1]
  local first, last = i + 3, i + 2 + tonumber(ARGV[i + 2])
  if effect ~= '' and is_filed(effect) then
    results[#results + 1] = -1
  else
    results[#results + 1] = apply[name](unpack(ARGV, first, last))
    if effect ~= '' then file(effect) end
  end
  i = last + 1
end

if operation ~= '' then file(operation) end
if ARGV[11] ~= '' then wake_no_later_than(tonumber(ARGV[11])) end
if decided ~= '' then
  redis.call('HSET', contact_key, 'cursor', find_from(tonumber(decided) + 1, is_decidable) or timeline_end())
end
if fence == '' then
  if has_news or has_fired then make_due(now_ms) else wake() end
elseif keep and has_more() then
  hold_lease()
else
  release_lease()
end
return { 'ok', results, snapshot() }
