"""The Dashboard's numbers: the same as in the reports, of some periods at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.metrics import Filters, ReportName
from domain.periods import Period, Preset, day_of, period_of
from domain.reports import Number, Unit, Value
from domain.summaries import Summary
from handlers.reports.stretches import Stretch
from store import Store

PERIODS = (Preset.TODAY, Preset.YESTERDAY, Preset.LAST_14_DAYS, Preset.LAST_30_DAYS)
#: What is drawn.
DRAWN = Preset.LAST_30_DAYS
TIMES = Preset.LAST_7_DAYS
#: Which report has a time: its metric, and where that is summed up.
_TIMES = {
    ReportName.RESOLUTIONS: ("Resolution Time", "closed", "resolution_ms"),
    ReportName.RESPONSES: ("First response", "first_response", "first_response_ms"),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many conversations opened and closed in a period, each beside the one before."""

    preset: Preset
    opened: Number
    closed: Number

    @property
    def is_going_on(self) -> bool:
        """Tell whether comparing says nothing yet: the day is not over, the one before is."""
        return self.preset is Preset.TODAY


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The same of one day."""

    day: date
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Times:
    """What a report has of a time."""

    report: ReportName
    title: str
    durations: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """All of it. missing: so many days are not summed up yet, and count as nothing so far."""

    counts: tuple[Counts, ...]
    days: tuple[DayCounts, ...]
    times: tuple[Times, ...]
    preset: Preset  # of the times
    missing: int


def read_numbers(store: Store) -> Numbers:
    """Return them in the platform's time zone. Raises StoreError."""
    zone = store.platform_settings().zone
    today = day_of(store.now_ms(), zone)
    periods = {preset: period_of(preset, today) for preset in PERIODS}
    # One reading of the longest stretch: every other one lies within.
    whole = Period(min(period.previous.first for period in periods.values()), today)
    found = store.summaries(ReportName.CONVERSATIONS, whole, zone, Filters())
    missing = found.missing
    times = []
    week = period_of(TIMES, today)
    for report in _TIMES:
        measured = store.summaries(report, Period(week.previous.first, week.last), zone, Filters())
        times.append(_times(report, week, measured.days))
        missing = max(missing, measured.missing)
    return Numbers(
        counts=tuple(_counts(preset, period, found.days) for preset, period in periods.items()),
        days=tuple(_day(day, found.days[day]) for day in periods[DRAWN].days()),
        times=tuple(times),
        preset=TIMES,
        missing=missing,
    )


def _counts(preset: Preset, period: Period, days: Mapping[date, Summary]) -> Counts:
    def number(metric: str, label: str) -> Number:
        now, before = (sum(days[day].total(metric) for day in of.days()) for of in (period, period.previous))
        return Number(key=metric, label=label, value=now, before=before)

    return Counts(preset, number("opened", "Opened"), number("closed", "Closed"))


def _day(day: date, summary: Summary) -> DayCounts:
    return DayCounts(day, summary.total("opened"), summary.total("closed"))


def _times(report: ReportName, week: Period, days: Mapping[date, Summary]) -> Times:
    title, metric, sum_metric = _TIMES[report]
    now, before = (
        Stretch(period, {day: days[day] for day in period.days()}, Filters()) for period in (week, week.previous)
    )
    averages = [stretch.average_ms(metric, sum_metric) for stretch in (now, before)]
    medians = [stretch.percentile_ms(metric, 0.5) for stretch in (now, before)]
    return Times(report, title, (_number("average", "Average", *averages), _number("median", "Median", *medians)))


def _number(key: str, label: str, value: Value, before: Value) -> Number:
    return Number(key=key, label=label, value=value, before=before, unit=Unit.DURATION)
