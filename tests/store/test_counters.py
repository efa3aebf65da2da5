"""What is counted when a conversation begins or ends: in the same step, once, and where it belongs."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from domain.actions import Close, Open
from domain.identities import Identity
from domain.models import ClosedConversation, Source
from store import Committed, Store
from store.keys import stats_names
from tests.conftest import StoppedClock
from tests.lua_servers import Monitor
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, welcome, write
from tests.servers import Valkey

DAY_MS = 24 * 3_600_000
QUARTER_MS = 900_000
#: A bucket of the histogram is so much wider than the one before.
STEP = 1.04
SOFIA, NEW_YORK = ZoneInfo("Europe/Sofia"), ZoneInfo("America/New_York")


@pytest.fixture
def clock(clock: StoppedClock) -> StoppedClock:
    """Five past twelve: what takes a minute ends in the same quarter of an hour."""
    clock.ms = clock.ms // DAY_MS * DAY_MS + DAY_MS // 2 + 300_000
    return clock


def keys(store: Store, contact: str) -> tuple[str, str]:
    """Where the day and the quarter of an hour that it is now are counted."""
    day, quarter = store.keys.of_contact(contact, *stats_names(store.now_ms(), store.zone))[13:15]
    return day, quarter


def counted_in(store: Store, key: str) -> dict[str, int]:
    found = store.connection.command(lambda client: client.hgetall(key))
    return {name: int(value) for name, value in found.items()}


def counted(store: Store, contact: str = SUSAN_ID) -> dict[str, int]:
    """What is counted in this quarter of an hour; when all of today is in it, the day must say the same."""
    day, quarter = keys(store, contact)
    assert counted_in(store, day) == counted_in(store, quarter)
    return counted_in(store, day)


def words(store: Store, key: str) -> list[str]:
    return sorted(name.split("|")[0] for name in counted_in(store, key))


def close(store: Store, contact: str = SUSAN_ID, *, source: Source = Source.USER, effect: str = "") -> Committed:
    snapshot = store.snapshot(contact)
    committed = store.commit(snapshot, [Close(number=snapshot.contact.conversations, source=source, effect=effect)])
    assert committed.is_done
    return committed


def bucket(ms: int, counters: dict[str, int], names: str = "facebook|user") -> int:
    """The bucket that the only duration was counted in."""
    found = {name: value for name, value in counters.items() if name.startswith("resolution|")}
    assert list(found.values()) == [1], f"{ms} ms are counted once"
    word, number, rest = next(iter(found)).split("|", 2)
    assert rest == names and word == "resolution"
    return int(number)


@pytest.mark.parametrize(
    ("who", "contact", "channel", "source"),
    [
        (SUSAN, SUSAN_ID, "facebook", Source.CONTACT),
        (PETAR, PETAR_ID, "viber", Source.CONTACT),
        (PETAR, PETAR_ID, "viber", Source.WELCOME_EVENT),
    ],
)
def test_what_a_platform_brings_is_counted_by_channel_and_source(
    store: Store, clock: StoppedClock, who: Identity, contact: str, channel: str, source: Source
) -> None:
    store.receive([message(who=who) if source is Source.CONTACT else welcome(who=who)])
    assert counted(store, contact) == {f"opened|{channel}|{source}": 1}


@pytest.mark.parametrize("source", [Source.USER, Source.AUTOMATION, Source.DIALOGFLOW, Source.API])
def test_what_is_opened_and_closed_here_is_counted_by_its_source(
    store: Store, clock: StoppedClock, source: Source
) -> None:
    write(store)
    close(store, source=source)
    clock.ms += DAY_MS
    store.commit(store.snapshot(SUSAN_ID), [Open(source=source, channel="facebook", by=ALICE)])
    clock.ms += 61_000
    close(store, source=source)
    counters = counted(store)
    number = bucket(61_000, counters, f"facebook|{source}")
    assert counters == {
        f"opened|facebook|{source}": 1,
        f"closed|facebook|{source}": 1,
        f"resolution_ms|facebook|{source}": 61_000,
        f"resolution|{number}|facebook|{source}": 1,
    }


def test_a_close_and_all_its_counters_are_one_step(store: Store, clock: StoppedClock, valkey: Valkey) -> None:
    write(store)
    snapshot = store.snapshot(SUSAN_ID)
    monitor = Monitor(valkey)
    store.commit(snapshot, [Close(number=1, source=Source.USER)])
    steps = [
        [words for words in ran.commands if words[0] == "HINCRBY" and words[1] in keys(store, SUSAN_ID)]
        for ran in monitor.scripts()
        if any(words[:2] == ["DEL", store.keys.open(SUSAN_ID)] for words in ran.commands)
    ]
    assert [sorted(words[2].split("|")[0] for words in step) for step in steps] == [
        sorted(["closed", "resolution_ms", "resolution"] * 2)
    ]


def test_opening_what_is_open_and_closing_what_is_closed_count_nothing(store: Store, clock: StoppedClock) -> None:
    write(store)
    write(store, "again")
    store.receive([welcome()])
    store.commit(store.snapshot(SUSAN_ID), [Open(source=Source.API, channel="facebook")])
    assert counted(store) == {"opened|facebook|contact": 1}
    close(store)
    once = counted(store)
    assert close(store).results == (0,)
    assert counted(store) == once


def test_a_close_that_is_asked_for_twice_under_one_key_is_counted_once(store: Store, clock: StoppedClock) -> None:
    write(store)
    close(store, source=Source.DIALOGFLOW, effect="key")
    once = counted(store)
    assert close(store, source=Source.DIALOGFLOW, effect="key").results == (-1,)
    assert counted(store) == once and once["closed|facebook|dialogflow"] == 1


def test_a_message_that_is_delivered_twice_opens_and_is_counted_once(store: Store, clock: StoppedClock) -> None:
    delivered = message()
    store.receive([delivered])
    store.receive([delivered])
    assert counted(store) == {"opened|facebook|contact": 1}


def test_a_close_that_opens_the_next_for_a_later_message_counts_both(store: Store, clock: StoppedClock) -> None:
    write(store, "bye")
    store.receive([message("wait!")])
    store.commit(store.snapshot(SUSAN_ID), [Close(number=1, source=Source.DIALOGFLOW, later_from=2)])
    counters = counted(store)
    assert counters["opened|facebook|contact"] == 2 and counters["closed|facebook|dialogflow"] == 1


@pytest.mark.parametrize(
    ("zone", "day"), [(SOFIA, "2026-11-23"), (NEW_YORK, "2026-11-22"), (UTC, "2026-11-22")], ids=str
)
def test_it_is_counted_on_the_local_day_and_in_the_quarter_of_the_hour(
    store: Store, clock: StoppedClock, zone: ZoneInfo, day: str
) -> None:
    store.zone = zone
    clock.ms = int(datetime(2026, 11, 22, 22, 29, 59, tzinfo=UTC).timestamp() * 1000)
    write(store)
    by_day, by_quarter = keys(store, SUSAN_ID)
    assert by_day.endswith(f"stats:{day}")
    assert by_quarter.endswith(f"stats:{clock.ms // QUARTER_MS}")
    assert counted(store) == {"opened|facebook|contact": 1}
    clock.pass_s(2)
    assert keys(store, SUSAN_ID)[0] == by_day and keys(store, SUSAN_ID)[1] != by_quarter
    close(store)
    closing = ["closed", "resolution", "resolution_ms"]
    assert words(store, by_day) == [closing[0], "opened", *closing[1:]]
    assert (words(store, by_quarter), words(store, keys(store, SUSAN_ID)[1])) == (["opened"], closing)


@pytest.mark.parametrize("zone", [SOFIA, NEW_YORK], ids=str)
def test_a_conversation_over_midnight_is_opened_on_one_local_day_and_closed_on_the_next(
    store: Store, clock: StoppedClock, zone: ZoneInfo
) -> None:
    store.zone = zone
    clock.ms = int(datetime(2026, 11, 22, 23, 59, 30, tzinfo=zone).timestamp() * 1000)
    write(store)
    assert counted(store) == {"opened|facebook|contact": 1}
    clock.pass_s(60)
    close(store)
    assert keys(store, SUSAN_ID)[0].endswith("stats:2026-11-23")
    assert "opened|facebook|contact" not in counted(store) and counted(store)["closed|facebook|user"] == 1


@given(ms=st.one_of(st.integers(1, 1000), st.integers(1, 30 * DAY_MS)))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_middle_of_a_durations_bucket_is_at_most_2_percent_off(store: Store, clock: StoppedClock, ms: int) -> None:
    store.connection.command(lambda client: client.flushall())
    write(store)
    clock.ms += ms
    close(store)
    counters = counted_in(store, keys(store, SUSAN_ID)[1])
    assert counters["resolution_ms|facebook|user"] == ms
    middle = STEP ** (bucket(ms, counters) + 0.5)
    assert abs(middle - ms) <= 0.02 * ms


def test_a_clock_that_is_set_back_never_makes_a_duration_negative(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(-3600)
    close(store)
    counters = counted_in(store, keys(store, SUSAN_ID)[1])
    assert counters["resolution_ms|facebook|user"] == 0 and bucket(0, counters) == 0
    closed = store.conversation(SUSAN_ID, 1)
    assert isinstance(closed, ClosedConversation) and closed.resolution_ms == 0
