#!lua flags=allow-oom
-- include: contact_keys, timeline, turns
-- Record what the platform says became of something we sent.
-- KEYS[1..16] as in shared/contact_keys.lua
-- KEYS[17] hash   keys.early  receipts that came before their send was settled
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  letter d delivered | r read | f failed
-- ARGV[4]  int    watermark (ms) of the platform: all up to it; 0: this is about one message
-- ARGV[5]  string platform id of the message, when it is about one
-- ARGV[6]  word   reason, when failed
-- Returns {ok} | {early} when no such message is known yet | {unknown} when there is no such contact
--         | {merged, primary} when no such message is known here, and there may be one there
-- Emits   wake
local letter, watermark, external_id = ARGV[3], tonumber(ARGV[4]), ARGV[5]
if redis.call('EXISTS', contact_key) == 0 then return { 'unknown' } end
if watermark > 0 then
  local field = letter == 'r' and 'read_until' or 'delivered_until'
  if watermark > tonumber(redis.call('HGET', contact_key, field) or 0) then
    redis.call('HSET', contact_key, field, watermark)
    wake()
  end
  return { 'ok' }
end

local rank = { s = 1, d = 2, r = 3 }
local LOOK_BACK, STEP = 200, 20
local suffix = '|' .. external_id .. '|'
local last = redis.call('LLEN', timeline_key) - 1
for stop = last, math.max(last - LOOK_BACK + 1, 0), -STEP do
  local start = math.max(stop - STEP + 1, 0)
  local entries = redis.call('LRANGE', timeline_key, start, stop)
  for i = #entries, 1, -1 do
    if string.find(entries[i], suffix, 1, true) then
      local e = split_entry(entries[i])
      if e.external_id == external_id and rank[e.letter] then
        if (letter == 'f' and e.letter == 's') or (rank[letter] or 0) > rank[e.letter] then
          e.letter, e.reason = letter, ARGV[6]
          redis.call('LSET', timeline_key, start + i - 1, join_entry(e))
          wake()
        end
        return { 'ok' }
      end
    end
  end
end
local primary = redis.call('HGET', contact_key, 'merged_into')
local EARLY_SECONDS, MOST_EARLY = 600, 100
local before = redis.call('HGET', KEYS[17], external_id)
local is_further = (rank[letter] or 0) >= (before and rank[string.sub(before, 1, 1)] or 0)
if is_further and (before or redis.call('HLEN', KEYS[17]) < MOST_EARLY) then
  redis.call('HSET', KEYS[17], external_id, letter .. ARGV[6])
  redis.call('EXPIRE', KEYS[17], EARLY_SECONDS, 'NX')
end
if primary then return { 'merged', primary } end
return { 'early' }
