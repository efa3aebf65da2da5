#!lua flags=allow-oom
-- include: audit
-- Change a user if nobody else has meanwhile; the last owner who can log in stays one. Who is deactivated is out at once.
-- KEYS[1] list   keys.audit
-- KEYS[2] hash   keys.users
-- KEYS[3] hash   keys.passwords
-- KEYS[4] set    keys.owners
-- KEYS[5] string keys.link
-- KEYS[6] hash   keys.sessions
-- ARGV[1] JSON   line of the audit; may be empty
-- ARGV[2] string user id
-- ARGV[3] JSON   the user as the caller read it
-- ARGV[4] JSON   the user as they are from now on
-- ARGV[5] 0|1    is active from now on
-- ARGV[6] 0|1    is an active owner from now on
-- Returns {ok} | {changed} when somebody was faster | {last_owner} when nobody would be left to give access
-- Emits   nothing
local user, owners_key = ARGV[2], KEYS[4]
if redis.call('HGET', KEYS[2], user) ~= ARGV[3] then return { 'changed' } end
local loses_owner = ARGV[6] == '0' and redis.call('SISMEMBER', owners_key, user) == 1
if loses_owner and redis.call('SCARD', owners_key) == 1 then return { 'last_owner' } end

redis.call('HSET', KEYS[2], user, ARGV[4])
if loses_owner then redis.call('SREM', owners_key, user) end
if ARGV[6] == '1' and redis.call('HEXISTS', KEYS[3], user) == 1 then redis.call('SADD', owners_key, user) end
if ARGV[5] == '0' then redis.call('DEL', KEYS[5], KEYS[6]) end
append_audit(ARGV[1])
return { 'ok' }
