#!lua flags=allow-oom
-- include: contact_keys, timeline, turns
-- Let the head of `pending` wait, without an attempt, because its page or bot rests.
-- KEYS[1..16] as in shared/contact_keys.lua
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  int    fence
-- ARGV[4]  int    when it may be tried (ms)
-- Returns {ok} | {lost}
-- Emits   nothing
if redis.call('HGET', contact_key, 'fence') ~= ARGV[3] then return { 'lost' } end
redis.call('HSET', contact_key, 'try_at', ARGV[4], 'wait', 'backoff')
return { 'ok' }
