-- What each script about one contact begins with: the names of its keys.
-- KEYS[1]  hash   keys.contact      profile, cursor, version, lease, what the head of `pending` waits for
-- KEYS[2]  hash   keys.open         the open conversation; exists = open
-- KEYS[3]  hash   keys.closed       number -> record of a closed conversation (JSON)
-- KEYS[4]  list   keys.timeline     entries: status letter + JSON + suffix
-- KEYS[5]  list   keys.pending      numbers of the entries to send
-- KEYS[6]  zset   keys.due          contact -> when its turn is due (ms)
-- KEYS[7]  zset   keys.inbox        contact -> last activity of its open conversation (ms)
-- KEYS[8]  zset   keys.unassigned   the same, of conversations without an assignee
-- KEYS[9]  zset   keys.needs_person contact -> waiting since (ms)
-- KEYS[10] zset   keys.mine         `<user>:<contact>`, score 0
-- KEYS[11] zset   keys.closed_index conversation id -> closing time (ms)
-- KEYS[12] zset   keys.contacts     contact -> when we first heard of it (ms)
-- KEYS[13] zset   keys.late         effect keys and late events -> arrival (ms)
-- KEYS[14] hash   keys.stats        counters of the quarter of an hour
-- KEYS[15] zset   keys.unmatched    `<contact>|<entry>` that the bot had no intent for -> when (ms)
-- KEYS[16] zset   keys.with_bot     contact -> last activity of its open conversation, if that needs no person (ms)
-- ARGV[1]  string contact id;  ARGV[2] int now_ms
local contact_key, open_key, closed_key, timeline_key, pending_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local due_key, inbox_key, unassigned_key, needs_person_key = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local mine_key, closed_index_key, contacts_key, late_key = KEYS[10], KEYS[11], KEYS[12], KEYS[13]
local stats_key, unmatched_key, with_bot_key = KEYS[14], KEYS[15], KEYS[16]
local contact, now_ms = ARGV[1], tonumber(ARGV[2])
-- What active automations wait for: kinds of lines, and `silence:<shortest time, ms>`; each script that is told so puts
-- it here.
local fires = ''
