-- Opening and closing: the only place where a conversation begins or ends.
-- Whoever waits comes first, the longest first; who was answered comes after them, in the order of that.
local function index_needs_person(waiting_since, answered_at)
  local AFTER_ALL_WHO_WAIT = 10000000000000
  redis.call('ZADD', needs_person_key, waiting_since or answered_at + AFTER_ALL_WHO_WAIT, contact)
  redis.call('ZREM', with_bot_key, contact)
end

local function index_activity()
  redis.call('HSET', open_key, 'last_at', now_ms)
  redis.call('ZADD', inbox_key, now_ms, contact)
  redis.call('ZADD', unassigned_key, 'XX', now_ms, contact)
  redis.call('ZADD', with_bot_key, 'XX', now_ms, contact)
end

-- Ours is the last word from here on, as long as `incoming` stays the same; whoever waits for an answer looks when the
-- shortest of their times is over. chain: see domain/automations.py.
local function note_last_word(entry, chain)
  local shortest_ms = string.match(fires, 'silence:(%d+)')
  if not shortest_ms then return end
  local incoming = redis.call('HGET', open_key, 'incoming') or 0
  redis.call('HSET', open_key, 'last_word', entry .. '|' .. now_ms .. '|' .. incoming .. '|' .. chain)
  local at_ms = now_ms + tonumber(shortest_ms)
  wake_no_later_than(at_ms)
  redis.call('ZADD', due_key, 'LT', math.max(at_ms, lease_end()), contact)
end

-- Whoever decided on what the contact was did not know of what was written since, or in the same step.
local function wake_after_last_word()
  local shortest_ms = string.match(fires, 'silence:(%d+)')
  if not shortest_ms then return end
  local open = redis.call('HMGET', open_key, 'last_word', 'incoming')
  local word_ms, incoming = string.match(open[1] or '', '^%d+|(%d+)|(%d+)|')
  if not word_ms or incoming ~= open[2] then return end
  local at_ms = tonumber(word_ms) + tonumber(shortest_ms)
  if at_ms > now_ms then wake_no_later_than(at_ms) end
end

-- When the conversation before this one was opened or closed, as a quarter of an hour; empty for the first one. Of all
-- that happened to a contact in some days, only the first has the one before it outside of them: so contacts are told
-- apart by adding.
local function quarter_before(number, name)
  local record = number > 1 and redis.call('HGET', closed_key, number - 1)
  local at = record and string.match(record, '"' .. name .. '":(%d+)')
  return at and math.floor(at / QUARTER_MS) or ''
end

-- Automations that want to know of a conversation that the contact opened look at it with the message that did. One that
-- was closed away with that message undecided is none by then: the message has opened the next.
local function note_opening(entry, number, source)
  local cursor = tonumber(redis.call('HGET', contact_key, 'cursor') or 0)
  local openings = entry .. ':' .. number .. ':' .. source
  for opening, at in string.gmatch(redis.call('HGET', contact_key, 'openings') or '', '((%d+):[^,]+)') do
    if tonumber(at) >= cursor and tonumber(at) ~= entry then openings = opening .. ',' .. openings end
  end
  redis.call('HSET', contact_key, 'openings', openings)
end

-- Open the next number. `from` is its first own entry; nil makes the line that says "opened" the first.
-- `incoming` messages from `waiting_since` on are already its own. `first`: the entry that opens it, where it stands
-- before that line; else it is the one behind it.
local function open_conversation(source, by, channel, from, incoming, waiting_since, first)
  local number = redis.call('HINCRBY', contact_key, 'conversations', 1)
  redis.call('HINCRBY', contact_key, 'version', 1)
  local known = redis.call('HMGET', contact_key, 'bot_off', 'next_assignee_id', 'next_assignee')
  local is_theirs = source == 'contact' or source == 'welcome_event'
  local letter = is_wanted('opened') and not is_theirs and 'a' or 'e'
  local line = append_line(letter .. '{"kind":"opened","at":' .. now_ms .. ',"conversation":' .. number .. ',"source":"' .. source .. '"'
    .. (by ~= '' and ',"by":' .. by or '') .. (known[3] and ',"user":' .. known[3] or '') .. '}')
  if is_theirs and is_wanted('opened') then note_opening(first or line + 1, number, source) end
  local fields = { 'number', number, 'from', from or line, 'opened_at', now_ms, 'source', source, 'channel', channel,
    'incoming', incoming, 'outgoing', 0, 'last_at', now_ms }
  local function add(name, value)
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
  if by ~= '' then add('by', by) end
  if waiting_since then add('waiting_since', waiting_since) end
  if known[2] then
    add('assignee_id', known[2])
    add('assignee', known[3])
    redis.call('HDEL', contact_key, 'next_assignee_id', 'next_assignee')
    redis.call('ZADD', mine_key, 0, known[2] .. ':' .. contact)
    count('assigned|' .. channel .. '|kept|' .. known[2] .. '|', 1)
  else
    redis.call('ZADD', unassigned_key, now_ms, contact)
  end
  -- Whoever only came to the door asks nobody for anything: that waits for the first message.
  local needs = (source == 'user' and 'opened_by_user') or (known[1] and source ~= 'welcome_event' and 'bot_off') or nil
  if known[1] then add('without_bot', 1) end
  if needs then
    add('needs', needs)
    add('asked_person', 1)
    index_needs_person(waiting_since, now_ms)
  else
    redis.call('ZADD', with_bot_key, now_ms, contact)
  end
  redis.call('HSET', open_key, unpack(fields))
  redis.call('ZADD', inbox_key, now_ms, contact)
  count('opened|' .. channel .. '|' .. source .. '|' .. user_of(source, by) .. '|' .. (number == 1 and 'new' or 'returning'), 1)
  if number > 1 then count('contact_opened|' .. own_channel() .. '|' .. quarter_before(number, 'opened_at'), 1) end
  return number
end

local function closed_record(open, source, by, note, resolution_ms)
  local record = '{"number":' .. open.number .. ',"from":' .. open.from .. ',"opened_at":' .. open.opened_at
    .. ',"source":"' .. open.source .. '","channel":"' .. open.channel .. '","incoming":' .. open.incoming
    .. ',"outgoing":' .. open.outgoing .. ',"closed_at":' .. now_ms .. ',"closed_source":"' .. source
    .. '","resolution_ms":' .. resolution_ms
  if open.by then record = record .. ',"by":' .. open.by end
  if by ~= '' then record = record .. ',"closed_by":' .. by end
  if note ~= '' then record = record .. ',"note":' .. note end
  if open.assignee then record = record .. ',"assignee":' .. open.assignee end
  if open.first_response_at then
    record = record .. ',"first_response_at":' .. open.first_response_at .. ',"first_response_ms":' .. open.first_response_ms
  end
  if open.handed_off then record = record .. ',"handed_off":true' end
  if open.moved_from then record = record .. ',"moved_from":' .. open.moved_from end
  return record .. '}'
end

local function read_open()
  local flat = redis.call('HGETALL', open_key)
  if #flat == 0 then return nil end
  local open = {}
  for i = 1, #flat, 2 do open[flat[i]] = flat[i + 1] end
  return open
end

local function count_closed(open, source, by, resolution_ms, category)
  local number, user = tonumber(open.number), user_of(source, by)
  local dimensions = '|' .. open.channel .. '|' .. source .. '|' .. user
  count('closed' .. dimensions .. '|' .. duration_bucket(resolution_ms) .. '|' .. category, 1)
  count('resolution_ms' .. dimensions .. '|' .. category, resolution_ms)
  local known = redis.call('HMGET', contact_key, 'identity', 'closed_by:' .. user)
  local own = string.match(known[1] or '', '^[^:]*')
  count('contact_closed|' .. own .. '|' .. quarter_before(number, 'closed_at'), 1)
  if user ~= '' then
    local before = known[2] or ''
    redis.call('HSET', contact_key, 'closed_by:' .. user, math.floor(now_ms / QUARTER_MS))
    count('contact_closed_by|' .. own .. '|' .. user .. '|' .. before, 1)
  end
  local had_person = open.asked_person or open.handed_off or open.user_wrote
  local is_solved = open.bot_wrote and tonumber(open.incoming) > 0 and not had_person
  if is_solved and source ~= 'user' and source ~= 'contact_merge' then count('solved_by_bot|' .. open.channel, 1) end
end

local function close_conversation(open, source, by, note, keeps_assignee, category)
  local resolution_ms = math.max(now_ms - tonumber(open.opened_at), 0)
  redis.call('HSET', closed_key, open.number, closed_record(open, source, by, note, resolution_ms))
  redis.call('HSET', contact_key, 'closed_from', open.from, 'closed_end', timeline_end())
  redis.call('DEL', open_key)
  redis.call('ZREM', inbox_key, contact)
  redis.call('ZREM', unassigned_key, contact)
  redis.call('ZREM', needs_person_key, contact)
  redis.call('ZREM', with_bot_key, contact)
  if open.assignee_id then
    redis.call('ZREM', mine_key, open.assignee_id .. ':' .. contact)
    redis.call('HSET', contact_key, 'last_assignee_id', open.assignee_id)
    if keeps_assignee then
      redis.call('HSET', contact_key, 'next_assignee_id', open.assignee_id, 'next_assignee', open.assignee)
    end
  else
    redis.call('HDEL', contact_key, 'last_assignee_id')
  end
  redis.call('ZADD', closed_index_key, now_ms, contact .. '-' .. open.number)
  redis.call('HINCRBY', contact_key, 'version', 1)
  append_line((is_wanted('closed') and 'a' or 'e') .. '{"kind":"closed","at":' .. now_ms .. ',"conversation":' .. open.number .. ',"source":"' .. source .. '"'
    .. ',"resolution_ms":' .. resolution_ms .. (by ~= '' and ',"by":' .. by or '') .. (note ~= '' and ',"note":' .. note or '') .. '}')
  count_closed(open, source, by, resolution_ms, category)
end
