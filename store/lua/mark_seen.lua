#!lua
-- include: contact_keys
-- Note how much of a contact's open conversation a user has seen; never less than before.
-- KEYS[1..16] as in shared/contact_keys.lua
-- KEYS[17] hash   keys.seen_by   user -> `<number>:<incoming messages seen>`
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  string user id
-- ARGV[4]  int    number of the conversation
-- ARGV[5]  int    incoming messages that the user has seen of it
-- Returns {ok} | {unknown} when there is no such contact (any more)
-- Emits   nothing
if redis.call('EXISTS', contact_key) == 0 then return { 'unknown' } end
local number, incoming = string.match(redis.call('HGET', KEYS[17], ARGV[3]) or '0:0', '^(%d+):(%d+)$')
local is_older = tonumber(number) > tonumber(ARGV[4])
if is_older or (number == ARGV[4] and tonumber(incoming) >= tonumber(ARGV[5])) then return { 'ok' } end
redis.call('HSET', KEYS[17], ARGV[3], ARGV[4] .. ':' .. ARGV[5])
return { 'ok' }
