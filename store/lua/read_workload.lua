#!lua flags=no-writes
-- Read of one partition how much there is to do: who waits longest for a person, and what each user has.
-- KEYS[1] zset   keys.inbox         contact -> last activity of its open conversation (ms)
-- KEYS[2] zset   keys.unassigned    the same, of conversations without an assignee
-- KEYS[3] zset   keys.needs_person  contact -> waiting since (ms)
-- KEYS[4] zset   keys.mine          `<user>:<contact>`, score 0
-- ARGV[1] int    how many of those who wait longest are wanted
-- ARGV[2] int    of each user, among how many conversations those are counted that wait
-- ARGV[3] string ids of users, parted by spaces
-- Returns {ok, open conversations, those without an assignee, those that wait, contact and waiting since of the longest,
--   of each user: open conversations, those among them that were looked at, those of these that wait}
-- Emits   nothing
local inbox_key, unassigned_key, needs_person_key, mine_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local wanted, most = tonumber(ARGV[1]), tonumber(ARGV[2])
-- As in shared/conversations.lua: who was answered stands behind all who wait.
local AFTER_ALL_WHO_WAIT = 10000000000000

local function count_waiting(contacts)
  if #contacts == 0 then return 0 end
  local waiting = 0
  for _, since in ipairs(redis.call('ZMSCORE', needs_person_key, unpack(contacts))) do
    if since and tonumber(since) < AFTER_ALL_WHO_WAIT then waiting = waiting + 1 end
  end
  return waiting
end

local of_users = {}
for user in string.gmatch(ARGV[3], '%S+') do
  local low, high = '[' .. user .. ':', '(' .. user .. ';'
  local contacts = redis.call('ZRANGE', mine_key, low, high, 'BYLEX', 'LIMIT', 0, most)
  for i, member in ipairs(contacts) do contacts[i] = string.sub(member, #user + 2) end
  local open = #contacts < most and #contacts or redis.call('ZLEXCOUNT', mine_key, low, high)
  of_users[#of_users + 1] = open
  of_users[#of_users + 1] = #contacts
  of_users[#of_users + 1] = count_waiting(contacts)
end
local before = '(' .. string.format('%.0f', AFTER_ALL_WHO_WAIT)
local longest = redis.call('ZRANGE', needs_person_key, '-inf', before, 'BYSCORE', 'LIMIT', 0, wanted, 'WITHSCORES')
local waiting = redis.call('ZCOUNT', needs_person_key, '-inf', before)
return { 'ok', redis.call('ZCARD', inbox_key), redis.call('ZCARD', unassigned_key), waiting, longest, of_users }
