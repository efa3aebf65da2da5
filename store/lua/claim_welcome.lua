#!lua
-- include: contact_keys, timeline, turns, counters, conversations
-- Answer a Viber conversation_started with the configured text, unless the bot's welcome is there first.
-- KEYS[1..16] as in shared/contact_keys.lua
-- KEYS[17] string keys.welcome  the body that this token was answered with
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  string the configured text; may be empty
-- ARGV[4]  JSON   its entry
-- ARGV[5]  int    how long the answer is kept (s)
-- ARGV[6]  string what active automations wait for, parted by spaces
-- Returns {ok, text}: what this token is answered with, now and on every repeat
-- Emits   wake
fires = ARGV[6]
local answered = redis.call('GET', KEYS[17])
if answered then return { 'ok', answered } end
if ARGV[3] ~= '' and redis.call('EXISTS', contact_key) == 1 then
  append_passed('s' .. ARGV[4] .. '|' .. now_ms .. '||')
  local channel = string.match(ARGV[4], '"identity":"([^:"]*)') or own_channel()
  count('message|' .. channel .. '|automation|', 1)
  if redis.call('EXISTS', open_key) == 1 then
    redis.call('HINCRBY', open_key, 'outgoing', 1)
    note_last_word(timeline_end() - 1, '')
  end
end
redis.call('SET', KEYS[17], ARGV[3], 'EX', ARGV[5])
wake()
return { 'ok', ARGV[3] }
