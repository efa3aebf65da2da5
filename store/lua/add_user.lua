#!lua
-- include: audit
-- Add a user whose e-mail address nobody has yet, with the link by which they come in.
-- KEYS[1] list   keys.audit
-- KEYS[2] hash   keys.users
-- KEYS[3] hash   keys.user_emails
-- KEYS[4] string keys.link
-- ARGV[1] JSON   line of the audit
-- ARGV[2] string user id
-- ARGV[3] string e-mail address in lower case
-- ARGV[4] JSON   the user
-- ARGV[5] string the link
-- ARGV[6] int    how long the link is kept (s)
-- Returns {ok} | {taken} when somebody has that address
-- Emits   nothing
if redis.call('HEXISTS', KEYS[3], ARGV[3]) == 1 then return { 'taken' } end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
redis.call('HSET', KEYS[3], ARGV[3], ARGV[2])
redis.call('SET', KEYS[4], ARGV[5], 'EX', ARGV[6])
append_audit(ARGV[1])
return { 'ok' }
