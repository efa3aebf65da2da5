"""Plays that are small enough for a test, and what they leave in a store, to be compared."""

from typing import Any
from zoneinfo import ZoneInfo

from demo.hours import Quarter
from demo.play import Play, make_play
from store import Store
from store.reenacting import SETTLED_MS

SOFIA = ZoneInfo("Europe/Sofia")
CONVERSATIONS, DAYS = 60, 30


def make_small(store: Store, *, conversations: int = CONVERSATIONS) -> Play:
    quarter = Quarter(store.now_ms() - SETTLED_MS - 60_000, DAYS, SOFIA)
    return make_play(conversations, quarter, 7, "facebook:demo", "viber:demo")


def everything(store: Store) -> dict[str, Any]:
    """What is kept of contacts and what was counted; who of the users it was is left out of the counters."""
    client = store.connection.client
    ids = {user.id: user.email for user in store.users()}
    found: dict[str, Any] = {}
    for name in sorted(client.scan_iter(count=1000)):
        kind, what = client.type(name), name.partition("}")[2].split(":")[0]
        if what in ("contact", "open", "closed", "stats") and kind == "hash":
            found[name] = sorted(_named(pair, ids) for pair in client.hgetall(name).items())
        elif what == "timeline":
            found[name] = [_named(entry, ids) for entry in client.lrange(name, 0, -1)]
        elif kind == "zset" and what in ("inbox", "closed", "contacts", "label", "terms", "due", "mine", "unmatched"):
            found[name] = sorted(_named(pair, ids) for pair in client.zrange(name, 0, -1, withscores=True))
    return found


def _named(value: object, ids: dict[str, str]) -> str:
    text = repr(value)
    for user, email in ids.items():
        text = text.replace(user, email)
    return text


def without_turns(kept: dict[str, Any]) -> dict[str, Any]:
    """Of contacts only what can be seen: how many turns it took differs."""
    return {name: value for name, value in kept.items() if "}contact:" not in name}
