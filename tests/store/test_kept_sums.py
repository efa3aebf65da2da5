"""Sums are kept, for filters as well, and made anew when the time zone changes or the past does."""

from datetime import date, timedelta

import pytest

from domain.actions import Close
from domain.errors import StoreError
from domain.metrics import Filters, ReportName
from domain.models import Source
from domain.periods import Period
from domain.summaries import Summary, count_contacts
from store import Store
from tests.conftest import StoppedClock
from tests.people import ALICE, SUSAN_ID, message
from tests.servers import Valkey
from tests.store.summing import (
    DAY_S,
    FIRST,
    HOUR_S,
    KATHMANDU,
    OPENED,
    SOFIA,
    another,
    at,
    live,
    look,
    opened,
    read,
    somebody_comes,
    totals,
)
from turns.roll_ups import sum_up


@pytest.fixture
def store(valkey: Valkey, clock: StoppedClock) -> Store:
    valkey.client().flushall()
    return another(valkey, clock)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(at(FIRST, 10))


# -- Everything anew


def test_another_time_zone_sums_up_everything_anew(store: Store, clock: StoppedClock) -> None:
    """At ten at night it is the next day in Kathmandu."""
    clock.ms = at(FIRST, 22)
    came = live(store, clock, 4)
    look(store)
    assert opened(store, 5) == [*came, 0]
    store.change_setting("time_zone", KATHMANDU.key)
    shifted = [0, *came]
    found = read(store, 5)
    assert 0 < found.missing < 5
    assert sum(a != b for a, b in zip(totals(found), shifted, strict=True)) <= found.missing
    look(store)
    assert opened(store, 5) == shifted


def test_what_was_counted_in_the_past_is_there_once_the_sums_are_forgotten(
    store: Store, clock: StoppedClock, valkey: Valkey
) -> None:
    came = live(store, clock, 3)
    look(store)
    limits = Filters(channel="facebook")
    assert opened(store, 3, filters=limits) == came
    for days in (1, -5):
        past = another(valkey, StoppedClock(at(FIRST + timedelta(days=days), 15)))
        somebody_comes(past)
        store.forget_sums(past.now_ms())
        look(store)
    expected = [1, 0, 0, 0, 0, came[0], came[1] + 1, came[2]]
    assert opened(store, 8, FIRST - timedelta(days=5)) == expected
    assert opened(store, 8, FIRST - timedelta(days=5), filters=limits, most_days=8) == expected


# -- Filters


def test_what_filters_ask_for_is_made_a_few_days_at_a_time(store: Store, clock: StoppedClock) -> None:
    came = live(store, clock, 7)
    look(store)
    limits = Filters(channel="facebook")
    for missing in (4, 1, 0):
        found = read(store, 7, filters=limits, most_days=3)
        assert found.missing == missing
        assert totals(found) == [*[0] * missing, *came[missing:]], "the latest first"


def test_what_was_made_for_filters_is_kept_and_is_the_same(store: Store, clock: StoppedClock) -> None:
    somebody_comes(store, 2)
    store.receive([message()])
    store.commit(store.snapshot(SUSAN_ID), [Close(number=1, source=Source.USER, by=ALICE, category="Sales")])
    clock.pass_s(3 * DAY_S)
    look(store)
    for limits in (Filters(channel="facebook"), Filters(source="user", category="Sales"), Filters(user="u1")):
        for report in ReportName:
            days, period = set(), Period(FIRST, FIRST + timedelta(days=2))
            for _ in range(2):
                found = store.summaries(report, period, SOFIA, limits)
                days.add(repr(found.days))
            assert found.missing == 0 and len(days) == 1
    # Now the days themselves are not needed any more.
    store.connection.command(lambda client: client.delete(store.keys.days(SOFIA.key, 0)))
    kept = store.summaries(
        ReportName.RESOLUTIONS, Period(FIRST, FIRST), SOFIA, Filters(source="user", category="Sales")
    )
    assert kept.days[FIRST].total("closed") == 1


def test_of_a_day_that_is_not_over_nothing_is_kept_for_filters(store: Store, clock: StoppedClock) -> None:
    limits = Filters(channel="facebook")
    for number in range(4):
        somebody_comes(store)
        assert opened(store, filters=limits) == [number + 1]
        clock.pass_s(HOUR_S)
        look(store)
        assert opened(store, filters=limits) == [number + 1]
    somebody_comes(store)
    clock.ms = at(FIRST + timedelta(days=1), 2)
    look(store)
    assert opened(store, filters=limits) == [5], "what was asked for then is not what it came to"


def test_a_contact_that_comes_every_day_is_one(store: Store, clock: StoppedClock) -> None:
    """The day before is known by the quarter of an hour, whatever was summed up meanwhile."""
    for number in range(1, 5):
        store.receive([message()])
        store.commit(store.snapshot(SUSAN_ID), [Close(number=number, source=Source.USER, by=ALICE)])
        clock.pass_s(DAY_S)
        look(store)
    for first in range(4):
        period = Period(FIRST + timedelta(days=first), FIRST + timedelta(days=4))
        days: dict[date, Summary] = store.summaries(ReportName.CONTACTS, period, SOFIA, Filters()).days
        assert count_contacts(days, "contact_closed") == {"": 1}
        assert count_contacts(days, "contact_opened").get("", 0) == (1 if first else 0)


def test_a_server_that_is_away_is_said(store: Store, clock: StoppedClock, valkey: Valkey) -> None:
    nowhere = Store("unix:///nowhere/at/all", partitions=2, max_connections=2, timeout_s=0.2)
    nowhere.now_ms = clock
    with pytest.raises(StoreError):
        sum_up(nowhere)
    with pytest.raises(StoreError):
        nowhere.summaries(OPENED, Period(FIRST, FIRST), SOFIA, Filters())
