#!lua
-- include: contact_keys, timeline, turns
-- Mark the head of `pending` as being sent, before the platform is called. Holds the lease anew. May be repeated.
-- KEYS[1..16] as in shared/contact_keys.lua
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  int    fence
-- ARGV[4]  int    entry number
-- ARGV[5]  string nonce of this attempt
-- ARGV[6]  int    how long to wait for an echo before anything else is tried (ms)
-- Returns {ok, attempts} | {lost} | {gone} when that entry is not the head any more
-- Emits   nothing
if redis.call('HGET', contact_key, 'fence') ~= ARGV[3] then return { 'lost' } end
local number = tonumber(ARGV[4])
if redis.call('LINDEX', pending_key, 0) ~= ARGV[4] then return { 'gone' } end
local e = split_entry(read_entry(number))
if e.letter ~= 'p' and e.letter ~= 'g' then
  pop_pending(number)
  return { 'gone' }
end
if e.letter == 'g' and string.match(e.nonces, '([^,]*)$') == ARGV[5] then
  -- This very attempt was started; only the answer did not arrive.
  hold_lease()
  return { 'ok', tonumber(redis.call('HGET', contact_key, 'attempts')) }
end
if redis.call('HEXISTS', contact_key, 'blocked') == 1 then
  -- Blocked while it was under way: what became of that attempt nobody knows; another one is not made.
  e.letter, e.at, e.reason = e.letter == 'g' and 'u' or 'f', ARGV[2], 'blocked'
  write_entry(number, join_entry(e))
  pop_pending(number)
  return { 'gone' }
end
-- Still `sending` from before: nobody knows what became of that attempt.
if e.letter == 'g' then redis.call('HINCRBY', contact_key, 'unsure', 1) end
e.letter = 'g'
e.nonces = (e.nonces == '' and '' or e.nonces .. ',') .. ARGV[5]
e.at = ARGV[2]
write_entry(number, join_entry(e))
redis.call('HSET', contact_key, 'try_at', now_ms + tonumber(ARGV[6]), 'wait', 'echo')
local attempts = redis.call('HINCRBY', contact_key, 'attempts', 1)
hold_lease()
return { 'ok', attempts }
