"""How the reports write numbers, durations, changes and periods for people."""

import math
from datetime import date
from typing import NamedTuple

from domain.periods import Period, Preset
from domain.reports import Axis, Number, Unit, Value

#: Parts thousands, and a number from its unit; a line never breaks there.
THIN = "\u202f"
NOTHING = "–"
WHY_NOTHING = "Nothing was measured here, or it is not told apart by what you filter by."
PRESETS = {
    Preset.TODAY: "Today",
    Preset.YESTERDAY: "Yesterday",
    Preset.LAST_7_DAYS: "Last 7 days",
    Preset.LAST_14_DAYS: "Last 14 days",
    Preset.LAST_30_DAYS: "Last 30 days",
    Preset.LAST_90_DAYS: "Last 90 days",
    Preset.THIS_MONTH: "This month",
    Preset.LAST_MONTH: "Last month",
}
_UNITS_S = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_MORE_AND_LESS = {
    Unit.COUNT: ("more", "fewer"),
    Unit.DURATION: ("longer", "shorter"),
    Unit.SHARE: ("points more", "points less"),
}


class Change(NamedTuple):
    """How a number stands to that of the previous period. way: up, down or same."""

    way: str
    words: str


def value_words(value: Value, unit: Unit) -> str:
    """Write a value: 12 345, 2 h 5 min, 12.3 %; a dash where nothing was measured."""
    if value is None:
        return NOTHING
    if unit is Unit.DURATION:
        return duration_words(value)
    if unit is Unit.SHARE:
        return f"{value * 100:.1f}{THIN}%"
    return f"{value:,.0f}".replace(",", THIN)


def short_count(count: Value) -> str:
    """Write a count where there is room for four letters only: 9 999, 12k, 3M; it is not exact beyond that."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if count is not None and count >= 10_000 and count >= unit:
            return f"{count / unit:.0f}{letter}"
    return value_words(count, Unit.COUNT)


def duration_words(ms: float) -> str:
    """Write a length of time in its largest unit and the one below, without what is zero."""
    if 0 < ms < 1000:
        return f"under 1{THIN}s"
    seconds = int(ms // 1000)
    for place, (unit_s, unit) in enumerate(_UNITS_S):
        if seconds >= unit_s:
            words = f"{seconds // unit_s:,}".replace(",", THIN) + THIN + unit
            below_s, below = _UNITS_S[min(place + 1, len(_UNITS_S) - 1)]
            rest = seconds % unit_s // below_s
            return f"{words} {rest}{THIN}{below}" if rest else words
    return f"0{THIN}s"


def change_of(number: Number) -> Change | None:
    """Return how a number changed; None where one of the two was not measured."""
    value, before = number.value, number.before
    if value is None or before is None:
        return None
    if value == before:
        return Change("same", "no change")
    way, place = ("up", 0) if value > before else ("down", 1)
    words = _MORE_AND_LESS[number.unit][place]
    if number.unit is Unit.SHARE:
        points = abs(value - before) * 100
        return Change(way, f"{points:.1f} {words}" if points >= 0.05 else f"under 0.1 {words}")
    if not before:
        return Change(way, f"{words}, from 0")
    percent = abs(value - before) / before * 100
    how_much = value_words(math.floor(percent + 0.5), Unit.COUNT) if percent >= 1 else "under 1"
    return Change(way, f"{how_much}{THIN}% {words}")


def period_words(period: Period) -> str:
    """Write a period as people say it."""
    first, last = period.first, period.last
    if first == last:
        return f"{first:%A}, {day_and_month(first)} {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day_and_month(last)} {last.year}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{day_and_month(first)}{year} – {day_and_month(last)} {last.year}"


def day_and_month(day: date) -> str:
    """Write a day without its year."""
    return f"{day.day} {day:%B}"


def point_words(axis: Axis, label: str) -> str:
    """Write what a point of a chart stands for, in full: a day, a week, an hour or a step."""
    if axis is Axis.HOUR:
        return f"{int(label):02}:00–{int(label) + 1:02}:00"
    if axis is Axis.STEP:
        return label
    day = date.fromisoformat(label)
    words = f"{day:%a} {day.day} {day:%b} {day.year}"
    return f"Week from {words}" if axis is Axis.WEEK else words


def mark_words(axis: Axis, label: str) -> str:
    """Write the same as short as an axis has room for."""
    if axis in (Axis.DAY, Axis.WEEK):
        day = date.fromisoformat(label)
        return f"{day.day} {day:%b}"
    return f"{int(label):02}" if axis is Axis.HOUR else label
