"""Quarters of an hour become a local day: with the hour, and with days in the place of times."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from domain.days import add_quarter
from domain.metrics import HOURLY, METRICS, Filters, ReportName
from domain.periods import QUARTER_MS, day_of, quarters_of
from domain.summaries import Summary, count_contacts, summarize

#: A busy machine is no mistake of ours.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
DAY = date(2026, 11, 22)
ZONES = ("UTC", "Europe/Sofia", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "Pacific/Apia")


def quarter_at(text: str) -> int:
    """The quarter of an hour at a moment in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000 // QUARTER_MS


def day_of_one(name: str, quarter: int, zone: str = "UTC", day: date = DAY) -> dict[str, int]:
    counters: dict[str, int] = {}
    add_quarter(counters, {name: 3}, quarter, day, ZoneInfo(zone))
    return counters


@pytest.mark.parametrize("metric", sorted(METRICS.keys() - {"opened", "closed"}))
def test_what_knows_no_hour_and_no_time_before_stays_as_it_is(metric: str) -> None:
    if metric.endswith("_hour") or METRICS[metric][-1] == "gap":
        return
    name = "|".join((metric, *METRICS[metric]))
    assert day_of_one(name, quarter_at("2026-11-22T12:00")) == {name: 3}


@pytest.mark.parametrize(
    ("zone", "moment", "hour"),
    [
        ("UTC", "2026-11-22T12:45", 12),
        ("Asia/Kathmandu", "2026-11-22T12:00", 17),
        ("Asia/Kathmandu", "2026-11-22T12:15", 18),
        ("Pacific/Chatham", "2026-11-21T10:15", 0),
        ("America/New_York", "2026-11-22T04:45", 23),
    ],
)
def test_openings_and_closings_are_known_by_the_local_hour_as_well(zone: str, moment: str, hour: int) -> None:
    quarter = quarter_at(moment)
    opened, closed = "opened|viber|user|u1|new", "closed|viber|user|u1|250|Sold | gone"
    assert day_of_one(opened, quarter, zone) == {opened: 3, f"opened_hour|viber|user|u1|{hour}": 3}
    assert day_of_one(closed, quarter, zone) == {closed: 3, f"closed_hour|viber|user|u1|{hour}|Sold | gone": 3}


def test_what_differs_only_in_what_the_hour_does_not_know_adds_up() -> None:
    counters: dict[str, int] = {}
    counted = {"opened|viber|contact||new": 2, "opened|viber|contact||returning": 3}
    for quarter in (quarter_at("2026-11-22T12:00"), quarter_at("2026-11-22T12:45"), quarter_at("2026-11-22T13:00")):
        add_quarter(counters, counted, quarter, DAY, UTC)
    assert counters == {
        "opened|viber|contact||new": 6,
        "opened|viber|contact||returning": 9,
        "opened_hour|viber|contact||12": 10,
        "opened_hour|viber|contact||13": 5,
    }


def test_an_hour_that_comes_twice_is_one_hour_of_the_day_and_one_that_is_skipped_is_none() -> None:
    for day, hours in ((date(2026, 10, 25), {3: 8}), (date(2026, 3, 29), {3: 0})):
        counters: dict[str, int] = {}
        zone = ZoneInfo("Europe/Sofia")
        for quarter in quarters_of(day, zone):
            add_quarter(counters, {"opened|viber|contact||new": 1}, quarter, day, zone)
        found = {hour: counters.get(f"opened_hour|viber|contact||{hour}", 0) for hour in range(24)}
        assert found == {hour: hours.get(hour, 4) for hour in range(24)}


@pytest.mark.parametrize("metric", ["contact_opened|viber", "contact_closed|viber", "contact_closed_by|viber|u1"])
@pytest.mark.parametrize(
    ("zone", "before", "gap"),
    [
        ("UTC", "2026-11-22T00:00", "0"),
        ("UTC", "2026-11-21T23:45", "1"),
        ("UTC", "2026-11-02T12:00", "20"),
        ("UTC", "2024-11-22T12:00", "730"),
        ("Europe/Sofia", "2026-11-21T22:00", "0"),
        ("Europe/Sofia", "2026-11-21T21:45", "1"),
        # Two times of daylight saving lie in between.
        ("Europe/Sofia", "2025-11-22T22:00", "364"),
        ("UTC", "2026-11-23T00:00", "0"),  # a clock was set back
    ],
)
def test_the_time_of_the_one_before_becomes_how_many_days_ago_it_was(
    metric: str, zone: str, before: str, gap: str
) -> None:
    counted = day_of_one(f"{metric}|{quarter_at(before)}", quarter_at("2026-11-22T12:00"), zone)
    assert counted == {f"{metric}|{gap}": 3}


def test_without_one_before_there_is_no_gap() -> None:
    for name in ("contact_closed|viber|", "contact_closed_by|viber|u1|"):
        assert day_of_one(name, quarter_at("2026-11-22T12:00")) == {name: 3}


def test_those_of_one_day_before_add_up() -> None:
    counters: dict[str, int] = {}
    names = [f"contact_closed|viber|{quarter_at(f'2026-11-20T{hour:02}:00')}" for hour in range(24)]
    add_quarter(counters, dict.fromkeys(names, 2), quarter_at("2026-11-22T12:00"), DAY, UTC)
    assert counters == {"contact_closed|viber|2": 48}


def test_what_a_later_version_counted_is_passed_over() -> None:
    assert day_of_one("laughed|viber|u1", quarter_at("2026-11-22T12:00")) == {}
    assert HOURLY == ("opened", "closed")


@untimed
@given(
    st.sampled_from(ZONES),
    st.lists(
        st.tuples(st.integers(0, 60 * 96), st.integers(0, 3), st.sampled_from(["u1", "u2"])), min_size=1, max_size=60
    ),
    st.integers(0, 60),
    st.integers(1, 30),
)
def test_contacts_are_told_apart_whatever_zone_the_days_are_of(
    zone: str, events: list[tuple[int, int, str]], offset: int, length: int
) -> None:
    """Events are closings: a quarter of an hour, a contact and a user. Counted as the scripts do, and by sets."""
    here, begin = ZoneInfo(zone), quarter_at("2026-09-15T00:00")
    first = day_of(begin * QUARTER_MS, here) + timedelta(days=offset)
    days: dict[date, dict[str, int]] = {first + timedelta(days=number): {} for number in range(length)}
    exact, exact_by, last = set(), set(), dict[object, int]()
    for after, contact, user in sorted(events):
        quarter = begin + after
        day = day_of(quarter * QUARTER_MS, here)
        names = [f"contact_closed|viber|{last.get(contact, '')}"]
        names.append(f"contact_closed_by|viber|{user}|{last.get((contact, user), '')}")
        last[contact] = last[contact, user] = quarter
        if day in days:
            add_quarter(days[day], dict.fromkeys(names, 1), quarter, day, here)
            exact.add(contact)
            exact_by.add((contact, user))

    def summed(report: ReportName) -> dict[date, Summary]:
        return {day: summarize(counters, report, Filters()) for day, counters in days.items()}

    assert sum(count_contacts(summed(ReportName.CONTACTS), "contact_closed").values()) == len(exact)
    by_user = count_contacts(summed(ReportName.USERS), "contact_closed_by", "user")
    assert {user: count for user, count in by_user.items() if count} == Counter(user for _, user in exact_by)
