"""Reads what was counted, as the scripts wrote it, and lets things happen that count."""

from collections import Counter
from functools import partial
from typing import Any

from domain.actions import Action, Close, Open, Send
from domain.arrivals import Record
from domain.identities import MERGES_ID, Identity
from domain.models import Letter, Sender, Source
from domain.periods import QUARTER_MS
from store import Committed, Store
from tests.conftest import StoppedClock
from tests.lua_servers import Monitor
from tests.people import ALICE, BOB, SUSAN, SUSAN_ID, message, take
from turns.merges import carry_out

DAY_MS = 24 * 3_600_000
WRITES = {"HSET", "HDEL", "HINCRBY", "RPUSH", "LPUSH", "LSET", "ZADD", "ZREM", "SET", "DEL", "UNLINK"}
ALICE_ID, BOB_ID = str(ALICE["id"]), str(BOB["id"])


def quarter_of(store: Store) -> int:
    """The quarter of an hour that it is."""
    return store.now_ms() // QUARTER_MS


def counted_in(store: Store, quarter: int) -> dict[str, int]:
    """What was counted in a quarter of an hour, over all partitions."""
    found: Counter[str] = Counter()
    for partition in store.keys.each():
        key = store.keys.stats(partition, quarter)
        counts: dict[str, str] = store.connection.command(partial(_read, key))
        found.update({name: int(count) for name, count in counts.items()})
    return dict(found)


def counted(store: Store, *metrics: str) -> dict[str, int]:
    """What was counted in this quarter of an hour; only some metrics, if any are named."""
    found = counted_in(store, quarter_of(store))
    return {name: count for name, count in found.items() if not metrics or name.split("|")[0] in metrics}


def forget(store: Store) -> None:
    """Begin to count anew."""

    def delete(client: Any) -> None:
        for key in client.scan_iter("*stats:*", count=1000):
            client.delete(key)

    store.connection.command(delete)


def noon(clock: StoppedClock) -> None:
    """Set the clock to five past twelve: what takes a minute ends in the same quarter of an hour."""
    clock.ms = clock.ms // DAY_MS * DAY_MS + DAY_MS // 2 + 300_000


STEPS_S = (30, 120, 300, 600, 1800, 3600, 4 * 3600, 86_400, 3 * 86_400)


def bucket(ms: int) -> str:
    """Where a duration is filed, by the rule of docs/metrics.md: each bucket is 4 % wider than the one before.

    With a + where a step of the reports begins within the bucket and the duration is not below it.
    """
    return f"{_bucket(ms)}" + "+" * any(_bucket(step * 1000) == _bucket(ms) and ms >= step * 1000 for step in STEPS_S)


def _bucket(ms: int) -> int:
    number = 0
    while 1.04 ** (number + 1) <= ms:
        number += 1
    return number


def act(store: Store, *actions: Action, contact: str = SUSAN_ID, **options: Any) -> Committed:
    """Carry out actions that must be carried out."""
    committed = store.commit(store.snapshot(contact), list(actions), **options)
    assert committed.is_done
    return committed


def number_of(store: Store, contact: str = SUSAN_ID) -> int:
    """The last conversation's."""
    return store.snapshot(contact).contact.conversations


def close(store: Store, contact: str = SUSAN_ID, *, source: Source = Source.USER, **more: Any) -> Committed:
    """Close the last conversation."""
    options = {name: more.pop(name) for name in ("keeps_assignee", "turn", "decides") if name in more}
    return act(store, Close(number=number_of(store, contact), source=source, **more), contact=contact, **options)


def begin(store: Store, contact: str = SUSAN_ID, *, source: Source = Source.USER, channel: str = "facebook") -> None:
    """Open a conversation from here."""
    by = ALICE if source is Source.USER else None
    assert act(store, Open(source=source, channel=channel, by=by), contact=contact).results[0] > 0


def reply(
    store: Store, contact: str = SUSAN_ID, *, sender: Sender = Sender.USER, by: Any = ALICE, **more: Any
) -> Committed:
    """Write into the last conversation."""
    by = by if sender is Sender.USER else None
    return act(store, Send(number=number_of(store, contact), text="x", sender=sender, by=by, **more), contact=contact)


def from_page_inbox(who: Identity = SUSAN, **changes: Any) -> Record:
    """What a person wrote from the Page's own inbox, as the platform tells it."""
    data = {"kind": "message", "text": "x", "sender": "user", "via": "page_inbox"}
    return message(who=who, letter=Letter.SENT, data=data, opens=None, **changes)


def merge(store: Store, primary: str, secondary: str) -> None:
    """Make the second a part of the first, as a worker does."""
    store.request_merge(primary, secondary, by=ALICE)
    turn, snapshot = take(store, MERGES_ID)
    assert snapshot.undecided
    actions = carry_out(store, snapshot.undecided)
    assert store.commit(snapshot, actions, turn=turn, decides=snapshot.undecided.number).is_done


def counting_steps(monitor: Monitor, *touched: str) -> list[set[str]]:
    """Of each script that wrote to all of those keys: the metrics that it counted."""
    steps = []
    for ran in monitor.scripts():
        written = {words[1] for words in ran.commands if words[0] in WRITES}
        if written >= set(touched):
            counts = [words for words in ran.commands if words[0] == "HINCRBY" and "stats:" in words[1]]
            steps.append({words[2].split("|")[0] for words in counts})
    return steps


def first(seconds: int, who: str = ALICE_ID, channel: str = "facebook") -> dict[str, int]:
    """What a first response counts."""
    ms = seconds * 1000
    return {f"first_response|{channel}|{who}|{bucket(ms)}": 1, f"first_response_ms|{channel}|{who}": ms}


def each(seconds: int, who: str = ALICE_ID, channel: str = "facebook") -> dict[str, int]:
    """What a response counts."""
    ms = seconds * 1000
    return {f"response|{channel}|{who}|{bucket(ms)}": 1, f"response_ms|{channel}|{who}": ms}


def _read(key: str, client: Any) -> dict[str, str]:
    found: dict[str, str] = client.hgetall(key)
    return found
