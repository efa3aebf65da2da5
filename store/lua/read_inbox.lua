#!lua flags=no-writes
-- Read what comes next in one partition's part of an inbox list, of those that carry all labels; in no order.
-- KEYS[1] zset   keys.inbox   or another list of conversations by contact or by conversation id, and a score
-- KEYS[2] zset   keys.mine    `<user>:<contact>`
-- KEYS[3..8] zset keys.label  contacts; there may be any number of labels
-- ARGV[1] 0|1    greatest score first
-- ARGV[2] int    score of the last one that was seen; empty: from the beginning
-- ARGV[3] string its member
-- ARGV[4] int    how many are wanted; where few can be in the list at all there may be more
-- ARGV[5] int    how many may be looked at in the list
-- ARGV[6] int    a label that no more contacts carry is read whole instead; 0 where the list holds conversation ids
-- ARGV[7] string user id: only conversations of theirs; empty: of anybody
-- Returns {ok, 1 when there may be more, score and member up to which all is told then, pairs of score and member}
-- Emits   nothing
local list_key, mine_key = KEYS[1], KEYS[2]
local descending, wanted, most, few, user = ARGV[1] == '1', tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local last_score, last_member = tonumber(ARGV[2]), ARGV[3]
local MOST_OF_ONE = 2000

local function is_new(score, member)
  if not last_score then return true end
  if score ~= last_score then return (score < last_score) == descending end
  return member ~= last_member and (member < last_member) == descending
end

-- Those of the list's members whose contact carries all labels, in their order.
local function labelled(members)
  for number = 3, #KEYS do
    if #members == 0 then return members end
    local label_key, contacts, kept = KEYS[number], members, {}
    if #members[1] > 24 then
      -- A conversation's id begins with its contact's.
      contacts = {}
      for i, member in ipairs(members) do contacts[i] = string.sub(member, 1, 24) end
    end
    for i, score in ipairs(redis.call('ZMSCORE', label_key, unpack(contacts))) do
      if score then kept[#kept + 1] = members[i] end
    end
    members = kept
  end
  return members
end

-- {score, member, ...} of those that the list holds.
local function scored(members)
  local flat = {}
  if #members == 0 then return flat end
  for i, score in ipairs(redis.call('ZMSCORE', list_key, unpack(members))) do
    if score then
      flat[#flat + 1] = tonumber(score)
      flat[#flat + 1] = members[i]
    end
  end
  return flat
end

-- All of these members that the list holds and that were not seen: few enough to be put in order by whoever asked.
local function all_of(members)
  local flat, left = scored(labelled(members)), {}
  for i = 1, #flat, 2 do
    if is_new(flat[i], flat[i + 1]) then left[#left + 1], left[#left + 2] = flat[i], flat[i + 1] end
  end
  return { 'ok', 0, 0, '', left }
end

if user ~= '' then
  local low, high = '[' .. user .. ':', '(' .. user .. ';'
  local members = redis.call('ZRANGE', mine_key, low, high, 'BYLEX', 'LIMIT', 0, MOST_OF_ONE)
  for i, member in ipairs(members) do members[i] = string.sub(member, #user + 2) end
  return all_of(members)
end
for number = 3, #KEYS do
  local label_key = KEYS[tonumber(number)]
  if redis.call('ZCARD', label_key) <= few then return all_of(redis.call('ZRANGE', label_key, 0, -1)) end
end

-- How many of the list stand before what comes next.
local function count_seen()
  if not last_score then return 0 end
  local low, high = '-inf', '(' .. ARGV[2]
  if descending then low, high = '(' .. ARGV[2], '+inf' end
  local seen = redis.call('ZCOUNT', list_key, low, high)
  for _, member in ipairs(redis.call('ZRANGE', list_key, ARGV[2], ARGV[2], 'BYSCORE')) do
    if not is_new(last_score, member) then seen = seen + 1 end
  end
  return seen
end

-- So many have to be looked at to find what is wanted, if the first label is spread evenly.
local function likely_step()
  if #KEYS == 2 then return wanted end
  local part = redis.call('ZCARD', KEYS[3]) / math.max(redis.call('ZCARD', list_key), 1)
  return math.ceil(math.max(wanted, math.min(wanted / part, 500)))
end

local found, start, looked_at, step = {}, count_seen(), 0, math.min(likely_step(), most)
while true do
  local stop = start + looked_at + step - 1
  local members = descending and redis.call('ZRANGE', list_key, start + looked_at, stop, 'REV')
    or redis.call('ZRANGE', list_key, start + looked_at, stop)
  looked_at = looked_at + #members
  local last = members[#members]
  for _, member in ipairs(labelled(members)) do
    if #found < wanted then found[#found + 1] = member end
    if #found == wanted then last = member end
  end
  if #found == wanted or (#members == step and looked_at >= most) then
    return { 'ok', 1, tonumber(redis.call('ZSCORE', list_key, last)), last, scored(found) }
  end
  if #members < step then return { 'ok', 0, 0, '', scored(found) } end
end
