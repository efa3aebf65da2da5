"""The days as bars: what opened stands up from the line, what closed hangs down, so that no colour is needed."""

from collections.abc import Sequence
from dataclasses import dataclass

from web.dashboard.numbers import DayCounts
from web.reports.words import day_and_month

BAR, STEP, HALF = 7, 10, 40


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the drawing. words: what it says."""

    x: int
    y: float
    height: float
    is_opened: bool
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All bars. words: what the whole shows, for those who do not see it."""

    width: int
    bars: tuple[Bar, ...]
    words: str
    most: int


def draw_days(days: Sequence[DayCounts]) -> Drawing:
    """Return the drawing of some days, both kinds of bars to the same scale."""
    most = max((count for day in days for count in (day.opened, day.closed)), default=0)

    def height(count: int) -> float:
        return max(round(HALF * count / most, 1), 1.5) if count else 0

    bars = []
    for place, day in enumerate(days):
        words = f"{day_and_month(day.day)}: {day.opened:,} opened, {day.closed:,} closed"
        up, down = height(day.opened), height(day.closed)
        bars += [
            Bar(place * STEP, round(HALF - up, 1), up, True, words),
            Bar(place * STEP, HALF + 1, down, False, words),
        ]
    return Drawing(len(days) * STEP - (STEP - BAR), tuple(bars), _whole(days), most)


def _whole(days: Sequence[DayCounts]) -> str:
    if not days:
        return "Nothing to show"
    busiest = max(days, key=lambda day: day.opened)
    opened, closed = sum(day.opened for day in days), sum(day.closed for day in days)
    return (
        f"Opened and closed on each of the last {len(days)} days: {opened:,} and {closed:,} in all; "
        f"most opened on {day_and_month(busiest.day)}, {busiest.opened:,}"
    )
