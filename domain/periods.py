"""Days as people of a time zone count them, and the stretches of days that reports are about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache

from domain.errors import BadPayload

QUARTER_MS = 900_000
#: What is counted knows the day of the one before it, if that is not longer ago.
MOST_DAYS = 400


class Preset(StrEnum):
    """Periods that people ask for by name."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last_7_days"  # with today
    LAST_14_DAYS = "last_14_days"
    LAST_30_DAYS = "last_30_days"
    LAST_90_DAYS = "last_90_days"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, first and last included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadPayload("The period ends before it begins.")
        if self.length > MOST_DAYS:
            raise BadPayload(f"A period has at most {MOST_DAYS} days; this has {self.length}.")

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> "Period":
        """The period of the same length right before this one; of a whole month, the whole month before."""
        before = self.first - timedelta(days=1)
        if self.first.day == 1 and self.last == _end_of_month(self.first):
            return Period(before.replace(day=1), before)
        return Period(self.first - timedelta(days=self.length), before)

    def days(self) -> Iterator[date]:
        """Yield each day in order."""
        for number in range(self.length):
            yield self.first + timedelta(days=number)


def period_of(preset: Preset, today: date) -> Period:
    """Return what a name means today."""
    first_of_month = today.replace(day=1)
    match preset:
        case Preset.TODAY:
            return Period(today, today)
        case Preset.YESTERDAY:
            return Period(today - timedelta(days=1), today - timedelta(days=1))
        case Preset.THIS_MONTH:
            return Period(first_of_month, today)
        case Preset.LAST_MONTH:
            last = first_of_month - timedelta(days=1)
            return Period(last.replace(day=1), last)
    length = int(preset.split("_")[1])
    return Period(today - timedelta(days=length - 1), today)


def day_of(at_ms: int, zone: tzinfo) -> date:
    """Return the local day that a moment falls into."""
    return datetime.fromtimestamp(at_ms / 1000, zone).date()


@lru_cache(maxsize=4096)
def begin_ms(day: date, zone: tzinfo) -> int:
    """Return the first moment of a local day, also where the clock is set at midnight."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def quarters_of(day: date, zone: tzinfo) -> range:
    """Return the quarters of an hour of a local day, numbered from the epoch on: 96, or 92 or 100 where it changes.

    Every zone of today begins its days on a quarter of an hour.
    """
    return range(begin_ms(day, zone) // QUARTER_MS, begin_ms(day + timedelta(days=1), zone) // QUARTER_MS)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
