#!lua
-- Change settings of the platform, all or none, if each still is as it was seen.
-- KEYS[1]  hash   keys.settings  name -> value
-- ARGV[1]  string name of a setting
-- ARGV[2]  string the value that was seen; empty: there was none
-- ARGV[3]  string the new value; empty: there shall be none
-- ARGV[4..] the same three of further settings
-- Returns {ok} | {conflict}; then nothing was written
-- Emits   nothing
for i = 1, #ARGV, 3 do
  if (redis.call('HGET', KEYS[1], ARGV[i]) or '') ~= ARGV[i + 1] then return { 'conflict' } end
end
for i = 1, #ARGV, 3 do
  if ARGV[i + 2] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
  end
end
return { 'ok' }
