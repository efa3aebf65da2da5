#!lua
-- include: audit
-- Replace the hash of a password if it is still the one that was checked; on request every other session ends.
-- KEYS[1] list   keys.audit
-- KEYS[2] hash   keys.passwords
-- KEYS[3] hash   keys.sessions
-- KEYS[4] string keys.link
-- ARGV[1] JSON   line of the audit; empty when the password itself stays the same
-- ARGV[2] string user id
-- ARGV[3] string the hash that was checked
-- ARGV[4] string the new hash
-- ARGV[5] string the session that goes on; empty: all of them do
-- ARGV[6] int    how long sessions are kept (s)
-- Returns {ok} | {changed} when somebody was faster
-- Emits   nothing
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then return { 'changed' } end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
if ARGV[5] ~= '' then
  local kept = redis.call('HGET', KEYS[3], ARGV[5])
  redis.call('DEL', KEYS[3], KEYS[4])
  if kept then
    redis.call('HSET', KEYS[3], ARGV[5], kept)
    redis.call('EXPIRE', KEYS[3], ARGV[6])
  end
end
append_audit(ARGV[1])
return { 'ok' }
