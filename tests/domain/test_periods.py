"""Days as people of a time zone count them, whatever their clocks do, and the periods that reports are about."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from domain.errors import BadPayload
from domain.periods import MOST_DAYS, QUARTER_MS, Period, Preset, begin_ms, day_of, period_of, quarters_of

#: A busy machine is no mistake of ours.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
DAY = timedelta(days=1)
MISSING = ("Pacific/Apia", "2011-12-30")
#: Zone, day, how many quarters of an hour it has, and when it begins in UTC.
DAYS = [
    ("UTC", "2026-11-22", 96, "2026-11-22T00:00"),
    ("Europe/Sofia", "2026-03-29", 92, "2026-03-28T22:00"),
    ("Europe/Sofia", "2026-10-25", 100, "2026-10-24T21:00"),
    ("America/New_York", "2026-03-08", 92, "2026-03-08T05:00"),
    ("America/New_York", "2026-11-01", 100, "2026-11-01T04:00"),
    ("Australia/Lord_Howe", "2026-04-05", 98, "2026-04-04T13:00"),  # half an hour back
    ("Australia/Lord_Howe", "2026-10-04", 94, "2026-10-03T13:30"),
    ("Asia/Kolkata", "2026-06-01", 96, "2026-05-31T18:30"),
    ("Asia/Kathmandu", "2026-06-01", 96, "2026-05-31T18:15"),
    ("Pacific/Chatham", "2026-04-05", 100, "2026-04-04T10:15"),
    ("Pacific/Chatham", "2026-09-27", 92, "2026-09-26T11:15"),
    # Midnight is skipped: the day begins at one o'clock.
    ("America/Havana", "2026-03-08", 92, "2026-03-08T05:00"),
    ("Asia/Beirut", "2026-03-29", 92, "2026-03-28T22:00"),
    ("Africa/Cairo", "2026-04-24", 92, "2026-04-23T22:00"),
    # Midnight comes twice: the day begins with the first.
    ("America/Havana", "2026-11-01", 100, "2026-11-01T04:00"),
    # An hour before midnight comes twice: the day before ends late.
    ("Asia/Beirut", "2026-10-24", 100, "2026-10-23T21:00"),
    ("Africa/Cairo", "2026-10-29", 100, "2026-10-28T21:00"),
    ("Africa/Cairo", "2026-10-30", 96, "2026-10-29T22:00"),
    # The date line moved.
    ("Pacific/Apia", "2011-12-29", 96, "2011-12-29T10:00"),
    (*MISSING, 0, "2011-12-30T10:00"),
    ("Pacific/Apia", "2011-12-31", 96, "2011-12-30T10:00"),
]


def utc_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(("zone", "day", "length", "begins"), DAYS, ids=str)
def test_a_day_has_its_quarters_of_an_hour_from_its_first_moment_on(
    zone: str, day: str, length: int, begins: str
) -> None:
    here, that_day = ZoneInfo(zone), date.fromisoformat(day)
    assert begin_ms(that_day, here) == utc_ms(begins)
    quarters = quarters_of(that_day, here)
    assert len(quarters) == length and quarters.start * QUARTER_MS == utc_ms(begins)
    assert {day_of(number * QUARTER_MS, here) for number in quarters} == ({that_day} if length else set())


@untimed
@given(
    st.sampled_from(sorted({zone for zone, *_ in DAYS})),
    st.datetimes(datetime(2005, 1, 1), datetime(2037, 1, 1)).map(lambda at: int(at.replace(tzinfo=UTC).timestamp())),
    st.integers(0, 999),
)
def test_every_moment_is_in_the_quarters_of_the_day_that_it_falls_into_and_of_no_other(
    zone: str, at_s: int, and_ms: int
) -> None:
    here, at_ms = ZoneInfo(zone), at_s * 1000 + and_ms
    day = day_of(at_ms, here)
    assert day == datetime.fromtimestamp(at_s, here).date()
    quarter = at_ms // QUARTER_MS
    assert [other for other in (day - DAY, day, day + DAY) if quarter in quarters_of(other, here)] == [day]


@untimed
@given(st.sampled_from(sorted({zone for zone, *_ in DAYS})), st.dates(date(2005, 1, 1), date(2037, 1, 1)))
def test_days_follow_each_other_without_a_gap(zone: str, day: date) -> None:
    here = ZoneInfo(zone)
    assert quarters_of(day, here).stop == quarters_of(day + DAY, here).start
    if (zone, day.isoformat()) != MISSING:
        assert day_of(begin_ms(day, here), here) == day
    if (zone, (day - DAY).isoformat()) != MISSING:
        assert day_of(begin_ms(day, here) - 1, here) == day - DAY


def test_in_every_zone_of_today_days_begin_on_a_quarter_of_an_hour() -> None:
    days = list(Period(date(2026, 1, 1), date(2026, 12, 31)).days())
    for name in available_timezones():
        zone = ZoneInfo(name)
        begins = [begin_ms(day, zone) for day in days]
        assert not any(at_ms % QUARTER_MS for at_ms in begins), name
        assert [day_of(at_ms, zone) for at_ms in begins] == days, name


@pytest.mark.parametrize(
    ("preset", "today", "first", "last"),
    [
        (Preset.TODAY, "2026-11-22", "2026-11-22", "2026-11-22"),
        (Preset.YESTERDAY, "2026-03-01", "2026-02-28", "2026-02-28"),
        (Preset.LAST_7_DAYS, "2026-11-22", "2026-11-16", "2026-11-22"),
        (Preset.LAST_14_DAYS, "2026-11-22", "2026-11-09", "2026-11-22"),
        (Preset.LAST_30_DAYS, "2026-11-22", "2026-10-24", "2026-11-22"),
        (Preset.LAST_90_DAYS, "2026-11-22", "2026-08-25", "2026-11-22"),
        (Preset.THIS_MONTH, "2026-11-22", "2026-11-01", "2026-11-22"),
        (Preset.THIS_MONTH, "2026-11-01", "2026-11-01", "2026-11-01"),
        (Preset.LAST_MONTH, "2026-11-22", "2026-10-01", "2026-10-31"),
        (Preset.LAST_MONTH, "2026-01-31", "2025-12-01", "2025-12-31"),
        (Preset.LAST_MONTH, "2028-03-31", "2028-02-01", "2028-02-29"),
    ],
)
def test_what_a_name_means_today(preset: Preset, today: str, first: str, last: str) -> None:
    assert period_of(preset, date.fromisoformat(today)) == period(first, last)


@untimed
@given(st.sampled_from(list(Preset)), st.dates(date(2001, 1, 1), date(2100, 1, 1)))
def test_every_name_means_something_every_day(preset: Preset, today: date) -> None:
    found = period_of(preset, today)
    assert found.last <= today and found.previous.last == found.first - DAY


@pytest.mark.parametrize(
    ("first", "last", "before", "until"),
    [
        ("2026-11-22", "2026-11-22", "2026-11-21", "2026-11-21"),
        ("2026-11-16", "2026-11-22", "2026-11-09", "2026-11-15"),
        ("2026-11-01", "2026-11-22", "2026-10-10", "2026-10-31"),
        # Whole months, however long they are.
        ("2026-11-01", "2026-11-30", "2026-10-01", "2026-10-31"),
        ("2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("2028-03-01", "2028-03-31", "2028-02-01", "2028-02-29"),
        ("2028-02-01", "2028-02-29", "2028-01-01", "2028-01-31"),
        ("2026-01-01", "2026-01-31", "2025-12-01", "2025-12-31"),
        # Nearly a month, or several, is a number of days.
        ("2028-02-01", "2028-02-28", "2028-01-04", "2028-01-31"),
        ("2026-03-02", "2026-03-31", "2026-01-31", "2026-03-01"),
        ("2026-01-01", "2026-02-28", "2025-11-03", "2025-12-31"),
    ],
)
def test_the_period_before_is_as_long_or_a_whole_month(first: str, last: str, before: str, until: str) -> None:
    assert period(first, last).previous == period(before, until)


def test_a_period_has_both_its_ends() -> None:
    week = period("2026-02-26", "2026-03-02")
    assert week.length == 5
    assert [day.isoformat() for day in week.days()] == [
        *("2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02")
    ]


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadPayload, match="before it begins"):
        period("2026-11-22", "2026-11-21")


def test_a_period_has_400_days_at_most() -> None:
    first = date(2026, 1, 1)
    longest = Period(first, first + (MOST_DAYS - 1) * DAY)
    assert MOST_DAYS == 400 == longest.length == longest.previous.length
    with pytest.raises(BadPayload, match="at most 400 days; this has 401"):
        Period(first, first + MOST_DAYS * DAY)


def period(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))
