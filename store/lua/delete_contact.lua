#!lua flags=allow-oom
-- include: contact_keys, timeline, turns, counters, conversations
-- Delete a contact: an open conversation is closed and counted like any other, then all that is the contact's goes.
-- What was merged into it lies in other partitions: that is noted among the leftovers, to be deleted next.
-- KEYS[1..16] as in shared/contact_keys.lua
-- KEYS[17] zset   keys.terms          under which words contacts are found
-- KEYS[18] hash   keys.early
-- KEYS[19] hash   keys.seen_by
-- KEYS[20] hash   keys.files
-- KEYS[21] hash   keys.file_contents
-- KEYS[22] string keys.typing
-- KEYS[23] string keys.typing_shown
-- KEYS[24] string keys.profile_asked
-- KEYS[25] zset   keys.leftovers      <part>|<contact>|<created_at of the part> -> when the contact was deleted (ms)
-- KEYS[26..8000] zset keys.label of ARGV[10] labels, then keys.notices of every user
-- ARGV[1]  string contact id
-- ARGV[2]  int    now_ms
-- ARGV[3]  string tags as the caller read them, from which the labels' names are; empty: none
-- ARGV[4]  string other identities, likewise
-- ARGV[5]  string the contact that it was merged into, as the caller read it; empty: none
-- ARGV[6]  int    delete only if we first heard of it then (ms), so that who wrote anew stays; empty: whenever it was
-- ARGV[7]  int    delete only if this is still the version; empty: whatever it is
-- ARGV[8]  word   source of the close
-- ARGV[9]  JSON   who closes; empty: nobody
-- ARGV[10] int    number of labels
-- Returns {ok} | {unknown} when there is no such contact | {busy} while a worker has its turn
--         | {changed} when it is not as the caller read it; then nothing was written
-- Emits   wake
local known = redis.call('HMGET', contact_key, 'identity', 'tags', 'identities', 'merged_into', 'created_at', 'version', 'terms',
  'conversations', 'parts')
if not known[1] then return { 'unknown' } end
if lease_end() > now_ms then return { 'busy' } end
for i = 2, 4 do
  if (known[i] or '') ~= ARGV[i + 1] then return { 'changed' } end
end
if ARGV[6] ~= '' and known[5] ~= ARGV[6] then return { 'changed' } end
if ARGV[7] ~= '' and (known[6] or '0') ~= ARGV[7] then return { 'changed' } end

local open = read_open()
if open then close_conversation(open, ARGV[8], ARGV[9], '', false, '') end

for part in string.gmatch(known[9] or '', '"([^"]+)"') do
  local created_at = redis.call('HGET', contact_key, 'part:' .. part) or ''
  redis.call('ZADD', KEYS[25], now_ms, part .. '|' .. contact .. '|' .. created_at)
end
redis.call('ZREM', due_key, contact)
for number = 1, tonumber(known[8] or 0) do redis.call('ZREM', closed_index_key, contact .. '-' .. number) end
for term in string.gmatch(known[7] or '', '[^\n]+') do redis.call('ZREM', KEYS[17], term .. '\0' .. contact) end
local FIRST_LABEL = 26
local first_notices = FIRST_LABEL + tonumber(ARGV[10])
for i = FIRST_LABEL, first_notices - 1 do
  local label_key = KEYS[tonumber(i)]
  redis.call('ZREM', label_key, contact)
end
local function remove_own(zset_key)
  for _, member in ipairs(redis.call('ZRANGE', zset_key, 0, -1)) do
    if string.find(member, contact .. '|', 1, true) == 1 then redis.call('ZREM', zset_key, member) end
  end
end
for i = first_notices, #KEYS do remove_own(KEYS[tonumber(i)]) end
remove_own(unmatched_key)
for i = 18, 24 do
  local own_key = KEYS[tonumber(i)]
  redis.call('UNLINK', own_key)
end
redis.call('UNLINK', open_key)
redis.call('UNLINK', closed_key)
redis.call('UNLINK', timeline_key)
redis.call('UNLINK', pending_key)
redis.call('ZREM', contacts_key, contact)
-- Last: from it all of the above is found again, should any of it fail.
redis.call('UNLINK', contact_key)
wake()
return { 'ok' }
