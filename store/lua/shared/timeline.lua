-- Entries by absolute number: number = base + position in the list.
local base = tonumber(redis.call('HGET', contact_key, 'base') or 0)

local function timeline_end()
  return base + redis.call('LLEN', timeline_key)
end

local function read_entry(number)
  return redis.call('LINDEX', timeline_key, number - base)
end

local function write_entry(number, entry)
  redis.call('LSET', timeline_key, number - base, entry)
end

local function append(entry)
  return base + redis.call('RPUSH', timeline_key, entry) - 1
end

-- An entry waits for a decision when it is a message (m), a welcome (w opens, v does not) or a line that automations
-- want to look at (a).
local function is_decidable(entry)
  local letter = string.sub(entry, 1, 1)
  return letter == 'm' or letter == 'w' or letter == 'v' or letter == 'a'
end

-- The first number at or after `number` whose entry fits, or nil; reads in pieces, so that a long tail costs one pass.
local function find_from(number, fits)
  local position, step = math.max(number - base, 0), 20
  while true do
    local entries = redis.call('LRANGE', timeline_key, position, position + step - 1)
    for i, entry in ipairs(entries) do
      if fits(entry, base + position + i - 1) then return base + position + i - 1, entry end
    end
    if #entries < step then return nil end
    position, step = position + step, 100
  end
end

-- Append what needs no decision; the cursor goes with it when it stood at the end.
local function append_passed(entry)
  local number = append(entry)
  local cursor = tonumber(redis.call('HGET', contact_key, 'cursor') or 0)
  if cursor == number then redis.call('HSET', contact_key, 'cursor', number + 1) end
  return number
end

-- Append a line with its letter: a waits for a decision, whatever else there is needs none.
local has_fired = false
local function append_line(line)
  if not is_decidable(line) then return append_passed(line) end
  has_fired = true
  return append(line)
end

local function is_wanted(what)
  return string.find(fires, what, 1, true) ~= nil
end

-- An entry = letter + JSON + suffix; suffix = nonces | time (ms) | platform id | reason.
local function split_entry(entry)
  local letter, json, suffix = string.match(entry, '^(.)(.*})([^}]*)$')
  local nonces, at, external_id, reason = string.match(suffix, '^([^|]*)|?([^|]*)|?([^|]*)|?(.*)$')
  return { letter = letter, json = json, nonces = nonces, at = at, external_id = external_id, reason = reason }
end

local function join_entry(e)
  return e.letter .. e.json .. e.nonces .. '|' .. e.at .. '|' .. e.external_id .. '|' .. e.reason
end
