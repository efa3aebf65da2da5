-- The list of who did what, newest first: KEYS[1] of every script that writes to it.
local audit_key = KEYS[1]
local AUDIT_KEPT = 10000

-- Put a line in front; an empty one is none.
local function append_audit(line)
  if line == '' then return end
  redis.call('LPUSH', audit_key, line)
  redis.call('LTRIM', audit_key, 0, AUDIT_KEPT - 1)
end
