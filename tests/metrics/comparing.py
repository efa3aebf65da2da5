"""What the store sums up, beside the recount."""

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from domain.durations import middle_ms, percentile_ms
from domain.metrics import NEEDS, Filters, Keep, Need, ReportName
from domain.periods import Period
from domain.summaries import Summary, count_contacts, sum_up
from store import Store, Summaries
from tests.metrics.recount import Counted, percentile
from tests.metrics.timelines import Fact

SHARES = (0.1, 0.5, 0.9, 1.0)


def compare(
    store: Store,
    facts: Sequence[Fact],
    period: Period,
    filters: Filters,
    reports: Sequence[ReportName] = tuple(ReportName),
) -> None:
    """Fail where a report's summaries differ from the recount. All days must have been summed up."""
    zone = store.platform_settings().zone
    for report in reports:
        found = store.summaries(report, period, zone, filters, most_days=period.length)
        assert found.missing == 0 and list(found.days) == list(period.days())
        counted = Counted(facts, period.first, period.last, zone, filters.given())
        compare_summary(report, sum_up(found.days.values()), counted)
        compare_contacts(report, found, counted)


def compare_days(found: Summaries, facts: Sequence[Fact], report: ReportName, zone: ZoneInfo) -> None:
    """Fail where a day differs from the recount and does not say that it is not summed up yet."""
    unknown = [day for day, summary in found.days.items() if not summary.is_known]
    assert len(unknown) == found.missing
    for day, summary in found.days.items():
        if summary.is_known:
            compare_summary(report, summary, Counted(facts, day, day, zone))


def compare_summary(report: ReportName, summary: Summary, counted: Counted) -> None:
    said = f"{report}, {counted.first} to {counted.last}, {counted.zone}, {counted.filters}"
    for need in NEEDS[report]:
        what = fact_of(need.metric)
        if need.keep is Keep.COUNT:
            values = summary.by(need.metric, *need.by) if need.by else {"": summary.total(need.metric)}
            values, expected = drop_zeros(values), drop_zeros(count_of(need, counted))
            assert values == expected, f"{said}: {need.key} is {values}, not {expected}"
        elif need.keep is Keep.LONGEST:
            longest = {key: middle_ms(bucket) for key, bucket in summary.longest_by(need.metric, *need.by).items()}
            exact = counted.longest(what, *need.by)
            assert longest.keys() == exact.keys(), (said, need)
            assert all(is_near(longest[key], exact[key]) for key in exact), (said, need, longest, exact)
        elif need.keep is Keep.BUCKETS:
            durations, buckets = counted.durations(what), summary.durations(need.metric)
            assert sum(buckets) == len(durations), (said, need)
            for share in SHARES:
                near, exact_ms = percentile_ms(buckets, share), percentile(durations, share)
                assert is_near(near, exact_ms), (said, need, share, near, exact_ms)


def compare_contacts(report: ReportName, found: Summaries, counted: Counted) -> None:
    for need in NEEDS[report]:
        if need.keep is Keep.GAPS:
            counts = {key: count for key, count in count_contacts(found.days, need.metric, *need.by).items() if count}
            assert counts == counted.contacts(need.metric, *need.by), (report, need, counted.filters)


def count_of(need: Need, counted: Counted) -> Mapping[str, int]:
    what = fact_of(need.metric)
    return counted.sum_ms(what, *need.by) if need.metric.endswith("_ms") else counted.count(what, *need.by)


def drop_zeros(counts: Mapping[str, int]) -> dict[str, int]:
    return {key: count for key, count in counts.items() if count}


def fact_of(metric: str) -> str:
    return {"resolution_ms": "closed"}.get(metric, metric.removesuffix("_ms").removesuffix("_hour"))


def is_near(near: float | None, exact: float | None) -> bool:
    """At most 2 % off, or by the millisecond to which it is rounded."""
    if near is None or exact is None:
        return near is exact
    return abs(near - exact) <= max(0.02 * exact, 1)


def whole_period(facts: Sequence[Fact], store: Store) -> Period:
    """All days on which anything can have happened."""
    zone = store.platform_settings().zone
    days = [
        Counted(facts, date.min, date.max, zone).day(at_ms) for at_ms in (*(f.at_ms for f in facts), store.now_ms())
    ]
    return Period(min(days), max(days))
