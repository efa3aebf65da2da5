#!lua
-- include: audit
-- Give a user a new one-time link in place of an older one; or the first owner, while nobody can log in yet.
-- KEYS[1] list   keys.audit
-- KEYS[2] hash   keys.users
-- KEYS[3] hash   keys.passwords
-- KEYS[4] string keys.link
-- ARGV[1] JSON   line of the audit; may be empty
-- ARGV[2] string user id; empty for the first owner
-- ARGV[3] JSON   the user as the caller read it; empty for the first owner
-- ARGV[4] string the link
-- ARGV[5] int    how long it is kept (s)
-- Returns {ok} | {changed} when the user is not what the caller read | {late} when somebody can log in already
-- Emits   nothing
if ARGV[2] == '' then
  if redis.call('HLEN', KEYS[3]) > 0 then return { 'late' } end
elseif redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then
  return { 'changed' }
end
redis.call('SET', KEYS[4], ARGV[4], 'EX', ARGV[5])
append_audit(ARGV[1])
return { 'ok' }
