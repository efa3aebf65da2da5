"""A store full of closed conversations, quickly: straight into its keys, and counted as the scripts count.

Everything of a partition is made at once, so that its counters are written once and whole. What is left out: the words
by which the search finds contacts.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.crowd import add_users, configure, pipe
from bench.talks import guest, identity_of, who
from bench.writing import Command, Desk, Written, category_name
from domain.identities import contact_id
from domain.setting_lists import ClosingCategory
from domain.users import User
from store import Store
from store.setting_words import write_list

#: As commit.lua keeps them.
UNMATCHED_KEPT = 500
#: All of it happened since then: 92 days.
BEGAN_MS = 92 * 86_400_000
#: So many contacts, or quarters of an hour, are written in one round trip.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Closed:
    """What there is to ask for. users: the first is an owner; category: the name of one."""

    users: list[User]
    category: str


def fill(store: Store, conversations: int, say: Callable[[str], None]) -> Closed:
    """Load so many closed conversations of the last 90 days; the store must be empty."""
    began, users, now_ms = time.monotonic(), add_users(store), store.now_ms()
    names = [category_name(number) for number in range(1, 9)]
    categories = tuple(ClosingCategory(id=f"c{place}", name=name) for place, name in enumerate(names))
    store.change_settings(lambda settings: {"closing_categories": write_list(categories)})
    configure(store, "appendfsync", "no")  # what loading costs the disk is not what is measured
    configure(store, "auto-aof-rewrite-percentage", "0")
    for partition, some in enumerate(_by_partition(store, conversations)):
        chance = random.Random(f"closed {partition}")
        desk = Desk(users)
        unmatched: list[tuple[int, str]] = []
        for start in range(0, len(some), BATCH):
            written = [desk.write(guest(*one, now_ms, chance)) for one in some[start : start + BATCH]]
            pipe(store, _commands(store, partition, written))
            unmatched += [
                (at_ms, f"{one.guest.id}|{entry}") for one in written for entry, at_ms in one.unmatched_ms.items()
            ]
        latest = [part for pair in sorted(unmatched)[-UNMATCHED_KEPT:] for part in pair]
        pipe(store, [("ZADD", store.keys.unmatched(partition), *latest)] if latest else [])
        counted = list(desk.counted.items())
        for start in range(0, len(counted), BATCH):
            pairs = (
                (store.keys.stats(partition, quarter), counters) for quarter, counters in counted[start : start + BATCH]
            )
            pipe(store, (("HSET", key, *_flat(counters)) for key, counters in pairs))
        if partition % 4 == 3:
            done = f"{partition + 1} of {store.keys.partitions} partitions"
            say(f"{conversations:,} closed conversations: {done} after {time.monotonic() - began:.0f} s")
    configure(store, "appendfsync", "always")
    return Closed(users, names[0])


def sum_up(store: Store, say: Callable[[str], None]) -> float:
    """Sum up all days, as a worker would, and return how many seconds that took."""
    began, zone = time.monotonic(), store.platform_settings().zone
    store.forget_sums(store.now_ms() - BEGAN_MS)
    for day in store.days_to_sum_up(zone):
        store.sum_up_day(day, zone)
    took_s = time.monotonic() - began
    say(f"all days summed up in {took_s:.1f} s")
    return took_s


def _by_partition(store: Store, conversations: int) -> list[list[tuple[int, int]]]:
    found: list[list[tuple[int, int]]] = [[] for _ in store.keys.each()]
    for number, count in who(conversations):
        found[store.keys.partition(contact_id(identity_of(number)))].append((number, count))
    return found


def _commands(store: Store, partition: int, some: list[Written]) -> Iterator[Command]:
    keys = store.keys
    contacts: list[Any] = []
    closed: list[Any] = []
    labels: dict[str, list[Any]] = {}
    for one in some:
        id = one.guest.id
        yield "HSET", keys.contact(id), *_flat(one.fields)
        yield "HSET", keys.closed(id), *_flat(one.records)
        yield "RPUSH", keys.timeline(id), *one.entries
        contacts += (one.fields["created_at"], id)
        for number, at_ms in one.closed_ms.items():
            closed += (at_ms, f"{id}-{number}")
        labels.setdefault(one.guest.identity.channel, []).extend((0, id))
    yield "ZADD", keys.contacts(partition), *contacts
    yield "ZADD", keys.closed_index(partition), *closed
    for channel, members in labels.items():
        yield "ZADD", keys.label(partition, f"channel:{channel}"), *members


def _flat(pairs: dict[Any, Any]) -> list[Any]:
    return [part for pair in pairs.items() for part in pair]
