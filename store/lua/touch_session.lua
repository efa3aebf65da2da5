#!lua
-- Note that a session was used; one that has ended stays so.
-- KEYS[1] hash   keys.sessions
-- KEYS[2] hash   keys.last_seen
-- ARGV[1] string user id
-- ARGV[2] string session id
-- ARGV[3] JSON   the session as it is from now on
-- ARGV[4] int    how long sessions are kept (s)
-- ARGV[5] int    now_ms
-- Returns {ok} | {ended}
-- Emits   nothing
if redis.call('HEXISTS', KEYS[1], ARGV[2]) == 0 then return { 'ended' } end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[5])
return { 'ok' }
