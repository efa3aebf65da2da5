"""When the business is open, by the clock on the wall."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.business_hours import (
    DAY_MINUTES,
    MOST_CLOSED_DAYS,
    BusinessHours,
    read_closed_days,
    read_day,
    read_hours,
    write_day,
)
from domain.errors import BadPayload

SOFIA = ZoneInfo("Europe/Sofia")
KOLKATA = ZoneInfo("Asia/Kolkata")  # UTC+5:30
OFFICE = "mon 09:00-12:00 13:00-18:00; tue 09:00-18:00; closed 2026-12-25"


def is_open(text: str, moment: str, zone: ZoneInfo = SOFIA) -> bool:
    """moment: as the wall clock of the zone shows it, or in UTC with a Z."""
    at = datetime.fromisoformat(moment)
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    return read_hours(text).includes(int(at.timestamp() * 1000), zone)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T08:59:59", False),  # a Monday
        ("2026-11-23T09:00:00", True),
        ("2026-11-23T11:59:59", True),
        ("2026-11-23T12:00:00", False),
        ("2026-11-23T13:00:00", True),
        ("2026-11-23T18:00:00", False),
        ("2026-11-24T12:30:00", True),
        ("2026-11-25T12:30:00", False),  # a day that is not named
    ],
)
def test_a_stretch_begins_with_its_first_minute_and_ends_before_its_last(moment: str, expected: bool) -> None:
    assert is_open(OFFICE, moment) is expected


def test_a_closed_day_is_closed_from_midnight_to_midnight_of_the_zone() -> None:
    text = f"{'; '.join(f'{day} 00:00-24:00' for day in ('thu', 'fri', 'sat'))}; closed 2026-12-25"
    assert is_open(text, "2026-12-24T23:59:59") and not is_open(text, "2026-12-25T00:00:00")
    assert not is_open(text, "2026-12-25T23:59:59") and is_open(text, "2026-12-26T00:00:00")


def test_always_and_never() -> None:
    for moment in ("2026-03-29T03:30:00Z", "2026-12-25T00:00:00Z", "2026-11-22T23:59:59Z"):
        assert is_open("", moment) and not is_open("never", moment)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # Clocks go from 03:00 to 04:00 on Sunday 2026-03-29, at 01:00 UTC.
        ("2026-03-29T00:29:59Z", False),
        ("2026-03-29T00:30:00Z", True),  # 02:30
        ("2026-03-29T00:59:59Z", True),
        ("2026-03-29T01:00:00Z", True),  # 04:00
        ("2026-03-29T01:29:59Z", True),
        ("2026-03-29T01:30:00Z", False),  # 04:30
        # And back from 04:00 to 03:00 on Sunday 2026-10-25, at 01:00 UTC.
        ("2026-10-24T23:30:00Z", True),  # 02:30
        ("2026-10-25T00:30:00Z", True),  # 03:30 for the first time
        ("2026-10-25T01:30:00Z", True),  # and for the second
        ("2026-10-25T02:29:59Z", True),
        ("2026-10-25T02:30:00Z", False),  # 04:30
    ],
)
def test_hours_follow_the_wall_clock_when_it_is_changed(moment: str, expected: bool) -> None:
    assert is_open("sun 02:30-04:30", moment) is expected


def test_a_zone_of_half_an_hour_has_its_own_midnight() -> None:
    assert not is_open("mon 00:00-01:00", "2026-11-22T18:29:59Z", KOLKATA)
    assert is_open("mon 00:00-01:00", "2026-11-22T18:30:00Z", KOLKATA)
    assert not is_open("mon 00:00-01:00", "2026-11-22T19:30:00Z", KOLKATA)
    assert is_open("sun 23:00-24:00", "2026-11-22T18:29:59Z", KOLKATA)


STRETCHES = (
    st.lists(st.integers(0, DAY_MINUTES), max_size=8, unique=True)
    .map(sorted)
    .map(lambda ends: tuple(zip(ends[::2], ends[1::2], strict=False)))
)
HOURS = st.builds(
    BusinessHours,
    st.tuples(*[STRETCHES] * 7),
    st.lists(st.dates(date(2020, 1, 1)), max_size=5, unique=True).map(sorted).map(tuple),
)


@given(HOURS)
def test_hours_are_read_back_from_what_is_written(hours: BusinessHours) -> None:
    assert read_hours(str(hours)) == hours
    assert tuple(read_day(write_day(day)) for day in hours.week) == hours.week


def test_they_are_written_as_people_write_them() -> None:
    assert str(read_hours(OFFICE)) == OFFICE
    assert str(BusinessHours()) == "" and str(BusinessHours(week=((),) * 7)) == "never"
    assert write_day(read_day(" 9:00 – 12:00 ,13:00-18:00 ")) == "09:00-12:00, 13:00-18:00"
    assert write_day(read_day("Closed")) == "closed"
    assert read_closed_days("2026-12-25\n2026-01-01, 2026-12-25") == (date(2026, 1, 1), date(2026, 12, 25))


@given(st.text())
def test_whatever_somebody_writes_is_read_or_refused(text: str) -> None:
    for read in (read_hours, read_day, read_closed_days):
        try:
            read(text)
        except BadPayload as error:
            assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write hours"),
        ("9-18", "no stretch of time"),
        ("09:00-18:00 closed", "no stretch of time"),
        ("09:60-18:00", "00:00 to 24:00"),
        ("09:00-24:01", "00:00 to 24:00"),
        ("24:00-24:00", "00:00 to 24:00"),
        ("22:00-02:00", "belongs to the next day"),
        ("09:00-09:00", "ends before it begins"),
        ("13:00-18:00, 09:00-12:00", "before it has ended"),
        ("09:00-13:00, 12:00-18:00", "before it has ended"),
        ("1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-10:00", "At most 4"),
        ("٠٩:00-18:00", "no stretch of time"),
    ],
)
def test_hours_of_a_day_that_cannot_be_are_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(BadPayload, match=words):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mon 9-18", "Monday: “9-18” is no stretch"),
        ("mon", "Monday: Write hours"),
        ("mon 09:00-18:00; mon 09:00-18:00", "“mon” stands there twice"),
        ("closed 2026-12-25; closed 2026-12-26", "twice"),
        ("Montag 09:00-18:00", "write them as"),
        ("closed 25.12.2026", "no day"),
        ("closed 2026-02-30", "no day"),
        ("closed 2026-W01-1", "no day"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(BadPayload, match=words):
        read_hours(text)


def test_there_is_an_end_to_closed_days() -> None:
    many = [f"{year}-01-{day:02}" for year in range(2026, 2031) for day in range(1, 22)]
    assert len(read_closed_days(" ".join(many[:MOST_CLOSED_DAYS]))) == MOST_CLOSED_DAYS
    with pytest.raises(BadPayload, match="take away those that are over"):
        read_closed_days(" ".join(many))
