"""The days that a report is about, summed up as it needs them: as a whole, by day or by week."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from domain.durations import STEPS_MS, middle_ms, percentile_ms
from domain.metrics import Filters, knows
from domain.periods import Period
from domain.reports import Axis, Series, Value
from domain.summaries import Summary, count_contacts, sum_up

#: Beyond so many days a chart shows weeks.
MOST_POINTS = 62


@dataclass(frozen=True)
class Stretch:
    """A period with the summaries of all of its days.

    now: the local time, if what is still to come shall have no values. is_counted: False for a period that was over
    before anything was counted, of which nothing is known.
    """

    period: Period
    days: Mapping[date, Summary]
    filters: Filters
    now: datetime | None = None
    is_counted: bool = True

    def knows(self, metric: str) -> bool:
        """Tell whether anything can be said of a metric here."""
        return self.is_counted and knows(metric, self.filters)

    def has_begun(self, day: date, hour: int) -> bool:
        """Tell whether an hour of a day is not still to come."""
        return self.now is None or (day, hour) <= (self.now.date(), self.now.hour)

    @cached_property
    def whole(self) -> Summary:
        """All days as one."""
        return sum_up(self.days.values())

    @cached_property
    def points(self) -> tuple[Axis, tuple[str, ...], tuple[Summary, ...]]:
        """What charts over time show: an axis, the labels and what was counted at each."""
        if self.period.length <= MOST_POINTS:
            return Axis.DAY, tuple(day.isoformat() for day in self.days), tuple(self.days.values())
        weeks: dict[date, list[Summary]] = {}
        for day, summary in self.days.items():
            first = max(day - timedelta(days=day.weekday()), self.period.first)
            weeks.setdefault(first, []).append(summary)
        return Axis.WEEK, tuple(day.isoformat() for day in weeks), tuple(map(sum_up, weeks.values()))

    def total(self, metric: str) -> int | None:
        """Return how often; None where the filters ask for what is not known of it."""
        return self.whole.total(metric) if self.knows(metric) else None

    def one_of(self, metric: str, dimension: str, value: str) -> int | None:
        """Return the part of a metric that has a value."""
        return self.whole.by(metric, dimension).get(value, 0) if self.knows(metric) else None

    def average_ms(self, metric: str, sum_metric: str) -> float | None:
        """Return the mean duration."""
        return ratio(self.total(sum_metric), self.total(metric))

    def percentile_ms(self, metric: str, share: float) -> int | None:
        """Return the duration that so many are not longer than, within 2 %."""
        return percentile_ms(self.whole.durations(metric), share)

    def longest_ms(self, metric: str) -> int | None:
        """Return the longest duration, within 2 %."""
        counts = self.whole.durations(metric)
        return next((middle_ms(place) for place in range(len(counts) - 1, -1, -1) if counts[place]), None)

    def steps(self, metric: str, edges_ms: tuple[int, ...]) -> list[int] | None:
        """Return how many durations are below each edge, all of which are in STEPS_MS, and how many above the last."""
        if not self.knows(metric):
            return None
        places = [STEPS_MS.index(edge) + 1 for edge in edges_ms]
        counts = [0] * (len(places) + 1)
        for step, count in self.whole.steps(metric).items():
            counts[bisect_right(places, step)] += count
        return counts

    def contacts(self, metric: str) -> int | None:
        """Return how many different contacts."""
        return count_contacts(self.days, metric).get("", 0) if self.knows(metric) else None

    def over_time(self, key: str, label: str, value_of: Callable[[Summary], Value]) -> Series:
        """Return a line with a value for each point in time."""
        return Series(key, label, tuple(value_of(one) if one.is_known else None for one in self.points[2]))

    def counts_over_time(self, key: str, label: str) -> Series:
        """Return the line of a metric; it has no values where the filters ask for what is not known of it."""
        is_known = self.knows(key)
        return self.over_time(key, label, lambda summary: summary.total(key) if is_known else None)

    def part_over_time(self, metric: str, dimension: str, value: str, label: str) -> Series:
        """Return the line of the part of a metric that has a value."""
        return self.over_time(value, label, lambda summary: summary.by(metric, dimension).get(value, 0))


#: How a number is taken from a stretch.
Measure = Callable[[Stretch], Value]


def ratio(part: Value, whole: Value) -> float | None:
    """Return a part of a whole; None of nothing."""
    return part / whole if part is not None and whole else None
