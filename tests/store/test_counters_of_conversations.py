"""What is counted when a conversation begins or ends: once, by what did it, when it happened."""

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from domain.actions import Close, Open
from domain.durations import BUCKETS, middle_ms, read_bucket
from domain.errors import NotFound
from domain.identities import Identity
from domain.models import ClosedConversation, Source
from domain.periods import QUARTER_MS
from store import Committed, Store
from tests.conftest import StoppedClock
from tests.lua_servers import Monitor
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, take, welcome, write
from tests.servers import Valkey
from tests.store.counting import (
    ALICE_ID,
    BOB_ID,
    DAY_MS,
    act,
    begin,
    bucket,
    close,
    counted,
    counted_in,
    counting_steps,
    forget,
    merge,
    noon,
    quarter_of,
)

OWN = ("opened", "closed", "resolution_ms")


@pytest.fixture(autouse=True)
def _at_noon(clock: StoppedClock) -> None:
    noon(clock)


@pytest.mark.parametrize(
    ("who", "contact", "channel", "source"),
    [
        (SUSAN, SUSAN_ID, "facebook", Source.CONTACT),
        (PETAR, PETAR_ID, "viber", Source.CONTACT),
        (PETAR, PETAR_ID, "viber", Source.WELCOME_EVENT),
    ],
)
def test_what_a_platform_brings_is_counted_by_channel_and_source(
    store: Store, who: Identity, contact: str, channel: str, source: Source
) -> None:
    arrived = message if source is Source.CONTACT else welcome
    store.receive([arrived(who=who)])
    assert counted(store, *OWN) == {f"opened|{channel}|{source}||new": 1}
    close(store, contact)
    store.receive([arrived(who=who)])
    assert counted(store, "opened") == {
        f"opened|{channel}|{source}||new": 1,
        f"opened|{channel}|{source}||returning": 1,
    }


@pytest.mark.parametrize("source", [Source.AUTOMATION, Source.DIALOGFLOW, Source.API, Source.AUTO_CLOSE])
def test_what_is_opened_and_closed_here_is_counted_by_its_source(
    store: Store, clock: StoppedClock, source: Source
) -> None:
    store.receive([welcome(opens=False)])
    act(store, Open(source=source, channel="facebook", by=ALICE))
    clock.ms += 61_000
    close(store, source=source, by=BOB)
    assert counted(store, *OWN) == {
        f"opened|facebook|{source}||new": 1,
        f"closed|facebook|{source}||{bucket(61_000)}|": 1,
        f"resolution_ms|facebook|{source}||": 61_000,
    }, "who is a user only counts where a user did it"


def test_a_user_who_opens_and_one_who_closes_are_counted_with_the_category(store: Store, clock: StoppedClock) -> None:
    store.receive([welcome(opens=False)])
    for category, seconds in (("Sold", 100), ("Sold", 300), ("Returned", 100)):
        act(store, Open(source=Source.USER, channel="facebook", by=ALICE))
        clock.pass_s(seconds)
        close(store, by=BOB, category=category)
    assert counted(store, *OWN) == {
        f"opened|facebook|user|{ALICE_ID}|new": 1,
        f"opened|facebook|user|{ALICE_ID}|returning": 2,
        f"closed|facebook|user|{BOB_ID}|{bucket(100_000)}|Sold": 1,
        f"closed|facebook|user|{BOB_ID}|{bucket(300_000)}|Sold": 1,
        f"closed|facebook|user|{BOB_ID}|{bucket(100_000)}|Returned": 1,
        f"resolution_ms|facebook|user|{BOB_ID}|Sold": 400_000,
        f"resolution_ms|facebook|user|{BOB_ID}|Returned": 100_000,
    }


def test_a_category_may_hold_whatever_a_name_may(store: Store) -> None:
    write(store)
    close(store, category="Sold | gone", by=BOB)
    assert counted(store, "resolution_ms") == {f"resolution_ms|facebook|user|{BOB_ID}|Sold | gone": 0}


def test_a_close_and_all_its_counters_are_one_step(store: Store, valkey: Valkey) -> None:
    write(store)
    act(store)
    monitor = Monitor(valkey)
    close(store, by=BOB)
    assert counting_steps(monitor, store.keys.open(SUSAN_ID), store.keys.closed(SUSAN_ID)) == [
        {"closed", "resolution_ms", "contact_closed", "contact_closed_by"}
    ]


def test_an_opening_and_all_its_counters_are_one_step(store: Store, valkey: Valkey) -> None:
    write(store)
    close(store, by=BOB, keeps_assignee=True)
    monitor = Monitor(valkey)
    write(store)
    assert counting_steps(monitor, store.keys.open(SUSAN_ID)) == [{"opened", "contact_opened", "message"}]


def test_opening_what_is_open_and_closing_what_is_closed_count_nothing(store: Store) -> None:
    write(store)
    write(store, "again")
    store.receive([welcome()])
    act(store, Open(source=Source.API, channel="facebook"))
    assert counted(store, *OWN) == {"opened|facebook|contact||new": 1}
    close(store)
    once = counted(store)
    assert close(store).results == (0,)
    assert act(store, Close(number=7, source=Source.API)).results == (0,)
    assert counted(store) == once


def test_what_is_asked_for_twice_under_one_key_is_counted_once(store: Store) -> None:
    write(store)
    close(store, source=Source.DIALOGFLOW, effect="key")
    begun = Open(source=Source.API, channel="facebook", effect="other")
    assert act(store, begun).results == (2,)
    once = counted(store)
    assert close(store, source=Source.DIALOGFLOW, effect="key").results == (-1,)
    close(store)
    forget(store)
    assert act(store, begun).results == (-1,)
    assert counted(store) == {}
    assert once["closed|facebook|dialogflow||0|"] == once["opened|facebook|api||returning"] == 1


@pytest.mark.parametrize("status", ["conflict", "newer", "repeated", "lost", "decided", "gone"])
def test_what_is_refused_counts_nothing(store: Store, clock: StoppedClock, status: str) -> None:
    write(store)
    turn, seen = take(store)

    def wait_for_another_turn() -> None:
        clock.pass_s(100)
        take(store)

    def delete() -> None:
        store.release_turn(turn)
        store.delete_contact(SUSAN_ID, None)

    stale: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
        "conflict": (lambda: close(store), {}),
        "newer": (lambda: write(store), {"last_entry": 0}),
        "repeated": (lambda: act(store, operation="o"), {"operation": "o"}),
        "lost": (wait_for_another_turn, {"turn": turn, "decides": 1}),
        "decided": (lambda: act(store, turn=turn, decides=1), {"turn": turn, "decides": 1}),
        "gone": (delete, {}),
    }
    happens, options = stale[status]
    happens()
    before = counted(store)

    def commit() -> Committed:
        return store.commit(seen, [Close(number=1, source=Source.USER, by=BOB)], **options)

    if status == "gone":
        with pytest.raises(NotFound):
            commit()
    else:
        assert commit().status == status
    assert counted(store) == before


def test_a_message_that_is_delivered_twice_opens_and_is_counted_once(store: Store) -> None:
    for sent_at_ms in (None, store.now_ms()):
        delivered = message(sent_at_ms=sent_at_ms)
        store.receive([delivered, delivered])
        store.receive([delivered])
        close(store)
        store.receive([delivered])
    assert counted(store, "opened") == {"opened|facebook|contact||new": 1, "opened|facebook|contact||returning": 1}


def test_what_is_only_noted_and_what_a_blocked_contact_sends_open_nothing(store: Store) -> None:
    store.receive([welcome(opens=False)])
    store.connection.command(lambda client: client.hset(store.keys.contact(SUSAN_ID), "blocked", 1))
    store.receive([message(), welcome()])
    assert counted(store) == {}


def test_a_close_that_opens_the_next_for_a_later_message_counts_both(store: Store, clock: StoppedClock) -> None:
    write(store, "bye")
    store.receive([message("wait!")])
    clock.pass_s(7)
    act(store, Close(number=1, source=Source.DIALOGFLOW, later_from=2))
    act(store, Close(number=1, source=Source.DIALOGFLOW, later_from=2))
    assert counted(store, *OWN) == {
        "opened|facebook|contact||new": 1,
        "opened|facebook|contact||returning": 1,
        f"closed|facebook|dialogflow||{bucket(7000)}|": 1,
        "resolution_ms|facebook|dialogflow||": 7000,
    }


def test_a_merge_counts_what_it_closes_and_opens_and_nothing_twice(store: Store, clock: StoppedClock) -> None:
    write(store)
    close(store)
    write(store, who=PETAR)
    forget(store)
    clock.pass_s(50)
    merge(store, SUSAN_ID, PETAR_ID)
    merge(store, SUSAN_ID, PETAR_ID)
    assert counted(store, *OWN) == {
        f"closed|viber|contact_merge||{bucket(50_000)}|": 1,
        "resolution_ms|viber|contact_merge||": 50_000,
        "opened|viber|contact||returning": 1,
    }


def test_it_is_counted_in_the_quarter_of_the_hour_in_which_it_happened(store: Store, clock: StoppedClock) -> None:
    clock.ms = clock.ms // QUARTER_MS * QUARTER_MS + QUARTER_MS - 1
    begun = quarter_of(store)
    write(store)
    clock.ms += 1
    assert quarter_of(store) == begun + 1
    close(store)
    assert {name.split("|")[0] for name in counted_in(store, begun)} == {"opened", "message"}
    assert {name.split("|")[0] for name in counted(store)} == {"closed", "resolution_ms", "contact_closed"}


def test_what_was_counted_stays_as_it_was_whatever_happens_later(store: Store, clock: StoppedClock) -> None:
    write(store)
    close(store, by=BOB, category="Sold")
    begin(store)
    write(store, who=PETAR)
    then, once = quarter_of(store), counted(store)
    clock.ms += DAY_MS
    merge(store, SUSAN_ID, PETAR_ID)
    close(store)
    store.delete_contact(SUSAN_ID, ALICE)
    assert counted_in(store, then) == once


@given(ms=st.one_of(st.integers(1, 1000), st.integers(1, 30 * DAY_MS)))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_middle_of_a_durations_bucket_is_at_most_2_percent_off(store: Store, clock: StoppedClock, ms: int) -> None:
    store.connection.command(lambda client: client.flushall())
    write(store)
    clock.ms += ms
    close(store)
    counters = counted(store)
    assert counters["resolution_ms|facebook|user||"] == ms
    [name] = [name for name in counters if name.startswith("closed|")]
    found = name.split("|")[4]
    assert found == bucket(ms) and abs(middle_ms(read_bucket(found)) - ms) <= 0.02 * ms + 0.5, (
        "a middle is a whole number"
    )


def test_whatever_takes_longer_than_all_buckets_is_still_counted(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.ms += 10_000 * DAY_MS
    close(store)
    [name] = counted(store, "closed")
    found = name.split("|")[4]
    assert found == bucket(10_000 * DAY_MS) and int(found) >= BUCKETS


def test_a_clock_that_is_set_back_never_makes_a_duration_negative(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(-3600)
    close(store)
    assert counted(store, *OWN) == {"closed|facebook|user||0|": 1, "resolution_ms|facebook|user||": 0}
    closed = store.conversation(SUSAN_ID, 1)
    assert isinstance(closed, ClosedConversation) and closed.resolution_ms == 0
