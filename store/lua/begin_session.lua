#!lua
-- include: audit
-- Begin a session for a user who is still what they were, password included, when it was checked.
-- KEYS[1] list   keys.audit
-- KEYS[2] hash   keys.users
-- KEYS[3] hash   keys.passwords
-- KEYS[4] hash   keys.sessions
-- KEYS[5] hash   keys.last_seen
-- ARGV[1] JSON   line of the audit
-- ARGV[2] string user id
-- ARGV[3] JSON   the user as the caller read it
-- ARGV[4] string the hash of the password that was checked
-- ARGV[5] string session id
-- ARGV[6] JSON   the session
-- ARGV[7] int    how long sessions are kept (s)
-- ARGV[8] int    now_ms
-- Returns {ok} | {changed} when user or password are others by now
-- Emits   nothing
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then return { 'changed' } end
if redis.call('HGET', KEYS[3], ARGV[2]) ~= ARGV[4] then return { 'changed' } end
redis.call('HSET', KEYS[4], ARGV[5], ARGV[6])
redis.call('EXPIRE', KEYS[4], ARGV[7])
redis.call('HSET', KEYS[5], ARGV[2], ARGV[8])
append_audit(ARGV[1])
return { 'ok' }
