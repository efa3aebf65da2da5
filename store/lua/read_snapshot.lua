#!lua flags=no-writes
-- include: contact_keys, timeline, turns
-- Read what a decision is made from.
-- KEYS[1..16] as in shared/contact_keys.lua
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- Returns {ok, snapshot} | {unknown} when there is no such contact
-- Emits   nothing
if redis.call('EXISTS', contact_key) == 0 then return { 'unknown' } end
return { 'ok', snapshot() }
