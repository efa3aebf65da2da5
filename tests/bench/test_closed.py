"""Closed conversations that are loaded are, to the letter, what the scripts would have left, and counted."""

import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from bench import closed, talks
from bench.talks import Kind
from domain.identities import contact_id
from domain.metrics import Filters, ReportName
from domain.periods import Preset, day_of, period_of
from domain.users import User
from store import Store
from tests.bench.acting import Actor
from tests.conftest import StoppedClock
from tests.servers import Valkey

CONVERSATIONS = 200
#: What only turns write, and what events are known by.
OF_TURNS = ("fence", "lease")


def ignore(_line: str) -> None:
    """Nobody reads here how far it is."""


def kept(store: Store) -> dict[str, Any]:
    """All keys of contacts and counters, but for the list that the search reads."""
    client = store.connection.client
    found: dict[str, Any] = {}
    for name in sorted(client.scan_iter(count=1000)):
        what = name.partition("}")[2].split(":")[0]
        if what in ("contact", "stats") or (what == "closed" and client.type(name) == "hash"):
            fields = {field: value for field, value in client.hgetall(name).items() if field not in OF_TURNS}
            found[name] = sorted(fields.items())
        elif what == "timeline":
            found[name] = client.lrange(name, 0, -1)
        elif what in ("contacts", "closed", "label", "inbox", "due", "mine", "unmatched"):
            found[name] = client.zrange(name, 0, -1, withscores=True)
        elif what in ("open", "pending"):
            found[name] = "there"
    return found


def reports(store: Store, filters: Filters) -> dict[str, Any]:
    closed.sum_up(store, ignore)
    zone = store.platform_settings().zone
    period = period_of(Preset.LAST_90_DAYS, day_of(store.now_ms(), zone))
    found = {name: store.summaries(name, period, zone, filters, most_days=90) for name in ReportName}
    assert not any(one.missing for one in found.values())
    return {name: one.days for name, one in found.items()}


def play(store: Store, clock: StoppedClock, users: list[User], now_ms: int) -> None:
    """The same conversations as the loader's, through the scripts."""
    chances = {partition: random.Random(f"closed {partition}") for partition in store.keys.each()}
    for number, count in talks.who(CONVERSATIONS):
        chance = chances[store.keys.partition(contact_id(talks.identity_of(number)))]
        Actor(store, clock, talks.guest(number, count, now_ms, chance), users).play()
    clock.ms = now_ms


@pytest.mark.parametrize("filters", [Filters(), Filters(channel="viber")])
def test_what_is_loaded_is_what_the_scripts_leave(
    store: Store, clock: StoppedClock, valkey: Valkey, filters: Filters
) -> None:
    now_ms = clock.ms
    filled = closed.fill(store, CONVERSATIONS, ignore)
    loaded, told = kept(store), reports(store, filters)
    valkey.client().flushall()
    play(store, clock, filled.users, now_ms)
    played = kept(store)
    assert played.keys() == loaded.keys()
    for name, value in played.items():
        assert loaded[name] == value, name
    assert reports(store, filters) == told
    assert sum(day.total("opened") for day in told[ReportName.CONVERSATIONS].values()) > CONVERSATIONS / 4


def test_stores_of_any_size_have_the_same_mixture() -> None:
    chance, now_ms = random.Random(1), 1_795_350_000_000
    guests = [talks.guest(number, count, now_ms, chance) for number, count in talks.who(8000)]
    assert len(guests) == 4000 and sum(len(one.talks) for one in guests) == 8000
    channels = Counter(one.identity.kind for one in guests)
    assert 0.3 < channels["viber"] / 4000 < 0.4
    all_talks = [talk for one in guests for talk in one.talks]
    assert {talk.kind for talk in all_talks} == set(Kind)
    assert len({talk.user for talk in all_talks}) == talks.USERS
    assert len({talk.category for talk in all_talks}) == talks.CATEGORIES + 1
    assert len({talk.intent for talk in all_talks}) == talks.INTENTS
    for one in guests:
        moments = [(talk.at_ms[0] - 5_000, max(talk.at_ms[-1], talk.at_ms[0] + 90_000_000)) for talk in one.talks]
        assert all(end < begin for (_, end), (begin, _) in pairwise(moments))
        assert moments[-1][1] < now_ms
    assert sum(count for _, count in talks.who(7)) == 7
