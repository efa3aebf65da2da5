-- What the commit keeps of automations' runs.
-- state or empty, when the contact was to be looked at by itself as it was seen (ms) and when it is now; empty: it is
-- not -> 1
function apply.automate(state, seen, at_ms)
  if state == '' then
    redis.call('HDEL', contact_key, 'automations')
  else
    redis.call('HSET', contact_key, 'automations', state)
  end
  if (redis.call('HGET', contact_key, 'wake_at') or '') ~= seen then
    -- Somebody else wants it looked at, too.
    if at_ms ~= '' then wake_no_later_than(tonumber(at_ms)) end
  elseif at_ms == '' then
    redis.call('HDEL', contact_key, 'wake_at')
  else
    redis.call('HSET', contact_key, 'wake_at', at_ms)
  end
  wake_after_last_word()
  raise_version()
  return 1
end

-- automation, triggered | failed | guarded or empty, number of the numbers' key, number of the history's key, record or
-- empty -> 1
function apply.ran(automation, what, numbers, history, record)
  local KEPT = 50
  local numbers_key, history_key = KEYS[tonumber(numbers)], KEYS[tonumber(history)]
  if what ~= '' then
    redis.call('HINCRBY', numbers_key, automation .. '|' .. what, 1)
    redis.call('HSET', numbers_key, automation .. '|' .. what .. '_at', now_ms)
  end
  if record ~= '' then
    redis.call('LPUSH', history_key, record)
    redis.call('LTRIM', history_key, 0, KEPT - 1)
  end
  return 1
end

