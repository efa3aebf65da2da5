#!lua
-- include: audit
-- Use a one-time link: set name and password, end every session of that user, and let the link be used no more.
-- KEYS[1] list   keys.audit
-- KEYS[2] hash   keys.users
-- KEYS[3] hash   keys.user_emails
-- KEYS[4] hash   keys.passwords
-- KEYS[5] set    keys.owners
-- KEYS[6] string keys.link
-- KEYS[7] hash   keys.sessions
-- ARGV[1] JSON   line of the audit
-- ARGV[2] string user id
-- ARGV[3] JSON   the user as the caller read it; empty for the first owner
-- ARGV[4] JSON   the user as they are from now on
-- ARGV[5] string e-mail address in lower case
-- ARGV[6] string hash of the password
-- ARGV[7] string the link as the caller read it
-- ARGV[8] 0|1    is an owner
-- Returns {ok} | {used} when the link is gone | {changed} when the user is not what the caller read
--         | {taken} when another user has that address | {late} when somebody can log in, so that none is the first
-- Emits   nothing
local user = ARGV[2]
if redis.call('GET', KEYS[6]) ~= ARGV[7] then return { 'used' } end
if (redis.call('HGET', KEYS[2], user) or '') ~= ARGV[3] then return { 'changed' } end
if ARGV[3] == '' and redis.call('HLEN', KEYS[4]) > 0 then return { 'late' } end
local holder = redis.call('HGET', KEYS[3], ARGV[5])
if holder and holder ~= user then return { 'taken' } end

redis.call('DEL', KEYS[6], KEYS[7])
redis.call('HSET', KEYS[2], user, ARGV[4])
redis.call('HSET', KEYS[3], ARGV[5], user)
redis.call('HSET', KEYS[4], user, ARGV[6])
if ARGV[8] == '1' then redis.call('SADD', KEYS[5], user) end
append_audit(ARGV[1])
return { 'ok' }
