#!lua flags=allow-oom
-- include: contact_keys, timeline, turns
-- Record what became of an attempt to send. Needs the attempt's nonce, not the lease; the status moves one way only.
-- KEYS[1..16] as in shared/contact_keys.lua
-- KEYS[17] hash   keys.early  receipts that came before their send was settled
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  int    entry number
-- ARGV[4]  string nonce
-- ARGV[5]  word   sent | failed | unconfirmed | retry (may be tried at ARGV[8]) | waiting (the same, ended by a message too)
-- ARGV[6]  string platform id, when sent
-- ARGV[7]  word   reason, when not
-- ARGV[8]  int    when it may be tried again (ms)
-- ARGV[9]  int    fence of the turn that made the attempt, which is given back if nothing is left to do; empty for others
-- Returns {ok, head, its entry, 1 if the turn was given back} | {already} when it is settled
--         | {unknown} when no attempt had that nonce
-- Emits   wake
local number, nonce, outcome, early_key = tonumber(ARGV[3]), ARGV[4], ARGV[5], KEYS[17]
local entry = read_entry(number)
if not entry then return { 'unknown' } end
local letter = string.sub(entry, 1, 1)
if letter == 's' or letter == 'd' or letter == 'r' then return { 'already' } end
local e = split_entry(entry)
if not string.find(',' .. e.nonces .. ',', ',' .. nonce .. ',', 1, true) then return { 'unknown' } end

if outcome == 'sent' then
  -- Its time stays that of the attempt: a platform's watermarks count from when it took the message, before we knew.
  e.letter, e.nonces, e.external_id, e.reason = 's', '', ARGV[6], ''
  local early = redis.call('HGET', early_key, ARGV[6])
  if early then
    e.letter, e.reason = string.match(early, '^(.)(.*)$')
    redis.call('HDEL', early_key, ARGV[6])
  end
  write_entry(number, join_entry(e))
  pop_pending(number)
else
  local latest = string.match(e.nonces, '([^,]*)$')
  if letter ~= 'g' or nonce ~= latest then return { 'already' } end
  e.reason = ARGV[7]
  local tries_again = outcome == 'retry' or outcome == 'waiting'
  if tries_again and redis.call('HEXISTS', contact_key, 'blocked') == 1 then
    e.letter, e.reason = 'f', 'blocked'
    pop_pending(number)
  elseif tries_again then
    e.letter = 'p'
    redis.call('HSET', contact_key, 'try_at', ARGV[8], 'wait', outcome == 'waiting' and 'platform' or 'backoff')
  else
    e.letter = outcome == 'failed' and 'f' or 'u'
    pop_pending(number)
  end
  write_entry(number, join_entry(e))
end
local has_turn = ARGV[9] ~= '' and redis.call('HGET', contact_key, 'fence') == ARGV[9]
local head = redis.call('LINDEX', pending_key, 0)
if has_turn and not has_more() then
  release_lease()
elseif head then
  make_due(math.max(now_ms, tonumber(redis.call('HGET', contact_key, 'try_at') or 0)))
end
wake()
return { 'ok', head or '', head and read_entry(tonumber(head)) or '', has_turn and not has_more() and 1 or 0 }
