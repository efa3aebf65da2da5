-- Whom the open conversation waits for: a person who is asked for, or the contact when something was written to them.
-- why: what the hand-over is counted as
local function set_needs(reason, why)
  count_hand_off(why or reason)
  redis.call('HSET', open_key, 'needs', reason)
  local open = redis.call('HMGET', open_key, 'waiting_since', 'last_at')
  index_needs_person(open[1], open[2])
end

-- What a message of ours changes in the open conversation.
local function note_written(entry, sender, user, chain)
  redis.call('HINCRBY', open_key, 'outgoing', 1)
  index_activity()
  note_last_word(entry, chain)
  local open = read_open()
  -- A bot or an automation that says "somebody will be with you" has not answered.
  if (sender ~= 'bot' and sender ~= 'automation') or not open.needs then
    redis.call('HDEL', open_key, 'waiting_since')
    if open.needs then index_needs_person(nil, now_ms) end
  end
  if sender == 'user' then count_response(open, user) end
  local wrote = (sender == 'bot' or sender == 'user') and sender .. '_wrote'
  if wrote and not open[wrote] then redis.call('HSET', open_key, wrote, 1) end
end
