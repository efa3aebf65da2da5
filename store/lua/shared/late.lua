-- What is known by its key for seven days: effects, and events that carry no usable time.
local LATE_MS = 7 * 24 * 3600 * 1000

local function is_filed(id)
  return redis.call('ZSCORE', late_key, id)
end

local function file(id)
  redis.call('ZADD', late_key, now_ms, id)
  local oldest = redis.call('ZRANGE', late_key, 0, 2, 'WITHSCORES')
  for i = 1, #oldest, 2 do
    if tonumber(oldest[i + 1]) < now_ms - LATE_MS then redis.call('ZREM', late_key, oldest[i]) end
  end
end
