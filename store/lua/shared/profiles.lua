-- What the commit does about who the contact is.
-- number of pairs, pairs of field and value (empty removes it), number of the terms' key or empty, how many members leave
-- and how many enter, pairs of a key's number and a member, line -> 1
function apply.profile(...)
  local words = { ... }
  local at = 2 + 2 * tonumber(words[1])
  if words[at] ~= '' then
    -- What leaves is what is there, not what the caller saw: nothing stays behind in the search for good.
    local terms_key = KEYS[tonumber(words[at])]
    for term in string.gmatch(redis.call('HGET', contact_key, 'terms') or '', '[^\n]+') do
      redis.call('ZREM', terms_key, term .. '\0' .. contact)
    end
  end
  at = 2
  for _ = 1, tonumber(words[1]) do
    if words[at + 1] == '' then
      redis.call('HDEL', contact_key, words[at])
    else
      redis.call('HSET', contact_key, words[at], words[at + 1])
    end
    at = at + 2
  end
  local leaves, enters = tonumber(words[at + 1]), tonumber(words[at + 2])
  at = at + 3
  for i = 1, leaves + enters do
    local zset_key = KEYS[tonumber(words[at])]
    if i <= leaves then
      redis.call('ZREM', zset_key, words[at + 1])
    else
      redis.call('ZADD', zset_key, 0, words[at + 1])
    end
    at = at + 2
  end
  raise_version()
  say(words[at])
  return 1
end

-- on | off, line -> 1, or 0 when it is so already
function apply.block(state, line)
  local is_blocked = redis.call('HEXISTS', contact_key, 'blocked') == 1
  if is_blocked == (state == 'on') then return 0 end
  raise_version()
  say(line)
  if state == 'off' then
    redis.call('HDEL', contact_key, 'blocked')
    return 1
  end
  redis.call('HSET', contact_key, 'blocked', 1)
  for _, number in ipairs(redis.call('LRANGE', pending_key, 0, -1)) do
    local e = split_entry(read_entry(tonumber(number)))
    -- What is on its way cannot be called back.
    if e.letter == 'p' then
      e.letter, e.at, e.reason = 'f', now_ms, 'blocked'
      write_entry(tonumber(number), join_entry(e))
      pop_pending(number)
    end
  end
  return 1
end

