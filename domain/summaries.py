"""One day of one report in a size that does not grow with the number of conversations, and sums of several days."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from domain.durations import BUCKETS, read_bucket, step_of
from domain.metrics import METRICS, NEEDS, Filters, Keep, Need, ReportName, knows
from domain.periods import MOST_DAYS

#: A gap is at most this; it also stands for "never before".
LONGEST_GAP = MOST_DAYS + 1


@dataclass(slots=True)
class Summary:
    """Counts by the key of what is needed and its dimensions' values; lists likewise.

    gaps: at place n, how many have the one before at least n days ago, or never had one. is_known: False of a day that
    is not summed up yet.
    """

    counts: dict[str, int] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    buckets: dict[str, "array[int]"] = field(default_factory=dict)
    gaps: dict[str, "array[int]"] = field(default_factory=dict)
    is_known: bool = True

    def total(self, metric: str) -> int:
        """Return the whole of a metric."""
        return self.counts.get(metric, 0)

    def by(self, metric: str, *dimensions: str) -> dict[str, int]:
        """Return a metric by the values of its dimensions; several are parted by `|`."""
        return self._values(self.counts, Need(metric, dimensions))

    def longest_by(self, metric: str, *dimensions: str) -> dict[str, int]:
        """Return the last bucket of durations that has anything, by the values of the dimensions."""
        return self._values(self.longest, Need(metric, dimensions, Keep.LONGEST))

    def durations(self, metric: str) -> "array[int]":
        """Return how many fell into each bucket of durations."""
        return self.buckets.get(Need(metric, keep=Keep.BUCKETS).key) or array("I", bytes(4 * BUCKETS))

    def steps(self, metric: str) -> dict[int, int]:
        """Return how many durations have so many of the steps not above them."""
        found = self._values(self.counts, Need(metric, keep=Keep.STEPS))
        return {int(step): count for step, count in found.items()}

    @staticmethod
    def _values(counts: Mapping[str, int], need: Need) -> dict[str, int]:
        begin = f"{need.key}|"
        return {key[len(begin) :]: value for key, value in counts.items() if key.startswith(begin)}


def summarize(counters: Mapping[str, int], report: ReportName, filters: Filters) -> Summary:
    """Return what a report needs of a day's counters. What cannot be limited like that is left out."""
    summary, wanted = Summary(), {need.metric: _Wanted(need.metric, filters) for need in NEEDS[report]}
    for need in NEEDS[report]:
        if knows(need.metric, filters):
            wanted[need.metric].needs.append((need, [METRICS[need.metric].index(one) for one in need.by]))
    for name, count in counters.items():
        metric, _, rest = name.partition("|")
        if (one := wanted.get(metric)) and one.needs:
            values = rest.split("|", one.splits)
            if all(values[place] == value for place, value in one.limits):
                for need, places in one.needs:
                    _add(summary, need, "|".join([need.key, *[values[place] for place in places]]), values, count)
    for gaps in summary.gaps.values():
        for place in range(LONGEST_GAP, 0, -1):
            gaps[place - 1] += gaps[place]
    return summary


class _Wanted:
    """Where a metric's name has what is needed of it. A day of a busy team has some ten thousand names."""

    def __init__(self, metric: str, filters: Filters) -> None:
        dimensions = METRICS[metric]
        self.splits = len(dimensions) - 1
        self.limits = [(dimensions.index(one), to) for one, to in filters.given().items() if one in dimensions]
        self.needs: list[tuple[Need, list[int]]] = []


def _add(summary: Summary, need: Need, key: str, values: list[str], count: int) -> None:
    if need.keep is Keep.COUNT:
        summary.counts[key] = summary.counts.get(key, 0) + count
        return
    value = values[METRICS[need.metric].index("gap" if need.keep is Keep.GAPS else "bucket")]
    if need.keep is Keep.LONGEST:
        summary.longest[key] = max(summary.longest.get(key, 0), read_bucket(value))
    elif need.keep is Keep.STEPS:
        key = f"{key}|{step_of(value)}"
        summary.counts[key] = summary.counts.get(key, 0) + count
    elif need.keep is Keep.BUCKETS:
        place = min(read_bucket(value), BUCKETS - 1)
        summary.buckets.setdefault(key, array("I", bytes(4 * BUCKETS)))[place] += count
    else:
        place = min(int(value), LONGEST_GAP) if value else LONGEST_GAP
        summary.gaps.setdefault(key, array("I", bytes(4 * (LONGEST_GAP + 1))))[place] += count


def sum_up(summaries: Iterable[Summary]) -> Summary:
    """Return several days as one. Gaps are left out: they mean something on their day only, see count_contacts."""
    whole = Summary()
    for one in summaries:
        _include(whole, one)
    return whole


def join(*parts: Summary) -> Summary:
    """Return parts of one and the same day as one."""
    whole = sum_up(parts)
    for one in parts:
        _add_lists(whole.gaps, one.gaps)
    return whole


def _include(whole: Summary, one: Summary) -> None:
    whole.is_known = whole.is_known and one.is_known
    for key, count in one.counts.items():
        whole.counts[key] = whole.counts.get(key, 0) + count
    for key, bucket in one.longest.items():
        whole.longest[key] = max(whole.longest.get(key, 0), bucket)
    _add_lists(whole.buckets, one.buckets)


def _add_lists(whole: dict[str, "array[int]"], one: Mapping[str, "array[int]"]) -> None:
    for key, counts in one.items():
        before = whole.get(key)
        whole[key] = array("I", map(int.__add__, before, counts)) if before else counts


def count_contacts(days: Mapping[date, Summary], metric: str, *dimensions: str) -> dict[str, int]:
    """Return how many different contacts a metric was counted for on these days, which must be all of a period's.

    By the values of the dimensions, or under an empty name. Each contact counts on its first day: the day on which the
    one before was before all of them.
    """
    if not days:
        return {}
    first, key = min(days), Need(metric, dimensions, Keep.GAPS).key
    found: dict[str, int] = {}
    for day, summary in days.items():
        since = (day - first).days + 1
        for name, gaps in summary.gaps.items():
            if name == key or name.startswith(f"{key}|"):
                value = name[len(key) + 1 :]
                found[value] = found.get(value, 0) + gaps[since]
    return found
