-- When a contact's turn is due, and who holds it.
local LEASE_MS = 15000

local function wake()
  redis.call('PUBLISH', 'markdone:wake', contact)
end

-- When the running lease ends; 0 when there is none. One that ends a minute later than any lease can was given by a
-- clock that has since been set back; less than that is how much two processes' clocks may differ.
local function lease_end()
  local CLOCKS_DIFFER_MS = 60000
  local lease = tonumber(redis.call('HGET', contact_key, 'lease') or 0)
  return lease <= now_ms + LEASE_MS + CLOCKS_DIFFER_MS and lease or 0
end

-- Due at `at_ms`, but not before a running lease ends, and never later than it was.
local function make_due(at_ms)
  redis.call('ZADD', due_key, 'LT', math.max(at_ms, lease_end()), contact)
  wake()
end

local function hold_lease()
  local lease = now_ms + LEASE_MS
  redis.call('HSET', contact_key, 'lease', lease)
  redis.call('ZADD', due_key, lease, contact)
end

-- When the contact is to be looked at by itself, because a run of an automation or a silence goes on; nil: it is not.
local function wake_at()
  return tonumber(redis.call('HGET', contact_key, 'wake_at') or nil)
end

local function wake_no_later_than(at_ms)
  local known = wake_at()
  if not known or at_ms < known then redis.call('HSET', contact_key, 'wake_at', at_ms) end
end

-- Give the turn back: due now with something undecided, else when the head of `pending` may be tried or it is to be
-- looked at by itself, else not at all.
local function release_lease()
  redis.call('HDEL', contact_key, 'lease')
  local cursor = tonumber(redis.call('HGET', contact_key, 'cursor') or 0)
  if cursor < timeline_end() then
    redis.call('ZADD', due_key, now_ms, contact)
    wake()
    return
  end
  local at_ms = wake_at()
  if redis.call('EXISTS', pending_key) == 1 then
    local try_at = tonumber(redis.call('HGET', contact_key, 'try_at') or 0)
    at_ms = math.min(at_ms or try_at, try_at)
  end
  if at_ms then
    redis.call('ZADD', due_key, math.max(now_ms, at_ms), contact)
    -- What is later than that is found by looking once a second.
    if at_ms < now_ms + 1000 then wake() end
  else
    redis.call('ZREM', due_key, contact)
  end
end

local function has_more()
  local cursor = tonumber(redis.call('HGET', contact_key, 'cursor') or 0)
  return cursor < timeline_end() or redis.call('EXISTS', pending_key) == 1 or (wake_at() or now_ms + 1) <= now_ms
end

-- What a decision is made from: contact, open conversation, cursor and its entry, head of `pending` and its entry, end.
local function snapshot()
  local cursor = tonumber(redis.call('HGET', contact_key, 'cursor') or 0)
  local head = redis.call('LINDEX', pending_key, 0)
  return {
    redis.call('HGETALL', contact_key),
    redis.call('HGETALL', open_key),
    cursor,
    read_entry(cursor) or '',
    head or '',
    head and read_entry(tonumber(head)) or '',
    timeline_end(),
  }
end

-- The head of `pending` is dealt with: the next one starts afresh. What had left it before (its echo comes late) changes
-- nothing for the message that is the head by now.
local function pop_pending(number)
  local was_head = redis.call('LINDEX', pending_key, 0) == tostring(number)
  if redis.call('LREM', pending_key, 1, number) > 0 and was_head then
    redis.call('HDEL', contact_key, 'try_at', 'wait', 'attempts', 'unsure')
  end
end
