-- What the reports count, each in the step in which it happens; docs/metrics.md lists every name and what it means.
local function count(name, amount)
  redis.call('HINCRBY', stats_key, name, amount)
end

local QUARTER_MS = 900000

-- Relative error of the histogram at most 2 %: a bucket is 4 % wide. Where one of the steps that reports show begins
-- within a bucket, a + says that the duration is not below it: domain/durations.py has the same, by bucket here.
local STEPS_MS = { [262] = 30000, [298] = 120000, [321] = 300000, [339] = 600000, [367] = 1800000, [384] = 3600000, [420] = 14400000, [465] = 86400000, [493] = 259200000 }
local function duration_bucket(ms)
  local bucket = math.floor(math.log(math.max(ms, 1)) / math.log(1.04))
  return STEPS_MS[bucket] and ms >= STEPS_MS[bucket] and bucket .. '+' or bucket
end

-- The id on a user's card; empty when it was no user.
local function user_of(source, by)
  return source == 'user' and by and string.match(by, '"id":"([^"]*)"') or ''
end

-- The channel on which we first heard of the contact; that of a conversation may be another one after a merge.
local function own_channel()
  return string.match(redis.call('HGET', contact_key, 'identity') or '', '^[^:]*') or ''
end

-- A person wrote in the open conversation: how long somebody had waited for that. `open` has source, opened_at,
-- waiting_since and channel, and first_response_at where it had its first response before. Returns the first response
-- time, if this was it.
local function count_response(open, user)
  local dimensions = '|' .. open.channel .. '|' .. user
  local function count_duration(name, ms)
    count(name .. dimensions .. '|' .. duration_bucket(ms), 1)
    count(name .. '_ms' .. dimensions, ms)
  end
  local waited_ms = open.waiting_since and math.max(now_ms - tonumber(open.waiting_since), 0)
  if waited_ms then count_duration('response', waited_ms) end
  if open.first_response_at then return end
  -- Who came by themselves wait from the opening; where we began, nobody waits before they wrote.
  local came = open.source == 'contact' or open.source == 'welcome_event'
  local first_ms = came and math.max(now_ms - tonumber(open.opened_at), 0) or waited_ms
  if not first_ms then return end
  count_duration('first_response', first_ms)
  redis.call('HSET', open_key, 'first_response_at', now_ms, 'first_response_ms', first_ms)
end

-- A person is asked for. That the bot gives a conversation to people, or they take it, counts once per conversation; what
-- it never had it cannot give.
local function count_hand_off(reason)
  local open = redis.call('HMGET', open_key, 'needs', 'handed_off', 'without_bot', 'channel', 'asked_person')
  if open[1] or open[2] or open[3] or reason == 'no_bot' then
    if not open[5] then redis.call('HSET', open_key, 'asked_person', 1) end
    return
  end
  redis.call('HSET', open_key, 'handed_off', 1)
  count('handed_off|' .. open[4] .. '|' .. reason, 1)
end
