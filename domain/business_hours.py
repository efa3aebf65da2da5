"""When the business is open: hours of each day of the week, in the platform's time zone, and days when it is not."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.errors import BadPayload

DAY_MINUTES = 24 * 60
MOST_STRETCHES = 4
MOST_CLOSED_DAYS = 100

#: From and to, in minutes since midnight on the clock of the wall; `to` is not open any more, DAY_MINUTES is midnight.
Stretch = tuple[int, int]
_ALL_DAY: tuple[Stretch, ...] = ((0, DAY_MINUTES),)
#: The words of the setting, and the names on pages, from Monday on.
DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
CLOSED = "closed"
NEVER = "never"
_STRETCH = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AROUND_DASH = re.compile(r"\s*[-–—]\s*")


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Open at all times, unless said otherwise. week: seven days from Monday on, each with its stretches, in order."""

    week: tuple[tuple[Stretch, ...], ...] = (_ALL_DAY,) * 7
    closed_days: tuple[date, ...] = ()

    def __str__(self) -> str:
        """Return them as read_hours takes them, and as people write them; empty for open at all times."""
        if self == ALWAYS_OPEN:
            return ""
        days = [f"{day} {write_day(hours, ' ')}" for day, hours in zip(DAYS, self.week, strict=True) if hours]
        closed = [f"{CLOSED} {' '.join(map(str, self.closed_days))}"] if self.closed_days else []
        return "; ".join([*days, *closed]) or NEVER

    def includes(self, at_ms: int, zone: ZoneInfo) -> bool:
        """Tell whether a moment (epoch milliseconds) is within them, by the clock on the wall of `zone`."""
        local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
        if local.date() in self.closed_days:
            return False
        minute = local.hour * 60 + local.minute
        return any(begins <= minute < ends for begins, ends in self.week[local.weekday()])


#: The default.
ALWAYS_OPEN = BusinessHours()


def read_hours(text: str) -> BusinessHours:
    """Read `mon 09:00-12:00 13:00-18:00; tue 09:00-18:00; closed 2026-12-25`; a day that is not named is closed.

    An empty text is open at all times, `never` is the contrary. Raises BadPayload with a sentence for people.
    """
    if not text.strip():
        return ALWAYS_OPEN
    week: dict[str, tuple[Stretch, ...]] = {}
    closed: tuple[date, ...] | None = None
    for part in [] if text.strip() == NEVER else text.split(";"):
        word, _, rest = part.strip().partition(" ")
        if word in week or (word == CLOSED and closed is not None):
            raise BadPayload(f"Business hours: “{word}” stands there twice.")
        if word == CLOSED:
            closed = read_closed_days(rest)
        elif word in DAYS:
            week[word] = _read_named(word, rest)
        else:
            raise BadPayload("Business hours: write them as mon 09:00-12:00 13:00-18:00; tue 09:00-18:00.")
    return BusinessHours(tuple(week.get(day, ()) for day in DAYS), closed or ())


def read_day(text: str) -> tuple[Stretch, ...]:
    """Read the hours of one day, `09:00-12:00, 13:00-18:00` or `closed`. Raises BadPayload with a sentence."""
    words = _AROUND_DASH.sub("-", text.strip().lower()).replace(",", " ").split()
    if not words:
        raise BadPayload(f"Write hours, for example 09:00-18:00, or “{CLOSED}”.")
    if words == [CLOSED]:
        return ()
    if len(words) > MOST_STRETCHES:
        raise BadPayload(f"At most {MOST_STRETCHES} stretches a day.")
    stretches = tuple(_read_stretch(word) for word in words)
    if any(ends > begins for (_, ends), (begins, _) in pairwise(stretches)):
        raise BadPayload("Each stretch begins after the one before it has ended.")
    return stretches


def write_day(stretches: tuple[Stretch, ...], between: str = ", ") -> str:
    """Return the hours of one day as read_day takes them."""
    return between.join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in stretches) or CLOSED


def read_closed_days(text: str) -> tuple[date, ...]:
    """Read days such as 2026-12-25, with space or a comma between. Raises BadPayload with a sentence."""
    words = text.replace(",", " ").split()
    days = tuple(sorted({_read_date(word) for word in words}))
    if len(days) > MOST_CLOSED_DAYS:
        raise BadPayload(f"At most {MOST_CLOSED_DAYS} closed days; take away those that are over.")
    return days


def _read_named(word: str, text: str) -> tuple[Stretch, ...]:
    try:
        return read_day(text)
    except BadPayload as error:
        raise BadPayload(f"{DAYS[word]}: {error}") from None


def _read_stretch(word: str) -> Stretch:
    found = _STRETCH.fullmatch(word)
    if not found:
        raise BadPayload(f"“{word[:20]}” is no stretch of time: write it as 09:00-18:00.")
    begin_h, begin_min, end_h, end_min = map(int, found.groups())
    begins, ends = begin_h * 60 + begin_min, end_h * 60 + end_min
    if max(begin_min, end_min) > 59 or begins >= DAY_MINUTES or ends > DAY_MINUTES:
        raise BadPayload(f"“{word}”: a day goes from 00:00 to 24:00.")
    if begins >= ends:
        raise BadPayload(f"“{word}” ends before it begins. What is past midnight belongs to the next day.")
    return begins, ends


def _read_date(word: str) -> date:
    try:
        if _DATE.fullmatch(word):
            return date.fromisoformat(word)
    except ValueError:
        pass
    raise BadPayload(f"“{word[:20]}” is no day: write it as 2026-12-25.")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
