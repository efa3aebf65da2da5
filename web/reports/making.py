"""Files as they are made, piece by piece: for whoever downloads them, and for the command."""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from domain.errors import BadPayload, StoreError
from domain.metrics import Filters, ReportName, knows
from domain.periods import Period
from domain.reports import Report
from store import Found, Store, Wanted, What
from web.reports.reading import parse_filters, parse_period, read_report
from web.reports.sheets import (
    CONVERSATION_COLUMNS,
    MARK,
    REPORT_COLUMNS,
    Cell,
    conversation_lines,
    report_lines,
    write_lines,
)

#: Days that are not summed up yet are waited for so long.
SUMMED_UP_S = 60.0
#: How long nothing happened before it is looked again.
LOOK_AGAIN_S = 0.2
#: A store that is away for a moment ends no file: so often, and so far apart, it is asked again where it was left.
TRIES, TRY_AGAIN_S = 10, 0.5

_METRICS = {
    What.OPENED: (ReportName.CONVERSATIONS, "opened"),
    What.CLOSED: (ReportName.CONVERSATIONS, "closed"),
    What.RESPONDED: (ReportName.RESPONSES, "first_response"),
}


def parse_wanted(words: Mapping[str, str], zone: ZoneInfo, today: date) -> Wanted:
    """Return which conversations are asked for. Raises BadPayload with a sentence for people."""
    try:
        what = What(words.get("what") or What.CLOSED)
    except ValueError:
        raise BadPayload(f"what is one of {', '.join(What)}.") from None
    return Wanted(what, parse_period(words, today)[0], zone, parse_filters(words, ReportName.CONVERSATIONS))


def count_wanted(store: Store, wanted: Wanted) -> int | None:
    """Return how many a report counts; None where it does not know, or not yet. Raises StoreError."""
    report, metric = _METRICS[wanted.what]
    if not knows(metric, wanted.filters):
        return None
    found = store.summaries(report, wanted.period, wanted.zone, wanted.filters)
    return None if found.missing else sum(day.total(metric) for day in found.days.values())


def read_whole(store: Store, name: ReportName, period: Period, filters: Filters, *, seconds: float) -> Report:
    """Return a report when all of its days are summed up, or as it is after so many seconds. Raises StoreError."""
    give_up_at, left = time.monotonic() + seconds, -1
    while True:
        report = read_report(store, name, period, filters)
        if not report.missing or time.monotonic() >= give_up_at:
            return report
        if report.missing == left:  # the worker has to go on first
            time.sleep(LOOK_AGAIN_S)
        left = report.missing


def report_file(store: Store, name: ReportName, period: Period, filters: Filters) -> Iterator[bytes]:
    """Yield the CSV file of a report. Raises StoreError, also when its days are not summed up in time."""
    yield _head(REPORT_COLUMNS)
    report = read_whole(store, name, period, filters, seconds=SUMMED_UP_S)
    if report.missing:
        raise StoreError(f"{report.missing} days are not summed up yet; is a worker running?")
    yield from write_lines(report_lines(report))


def conversations_file(store: Store, wanted: Wanted) -> Iterator[bytes]:
    """Yield the CSV file of conversations, as they are read. Raises StoreError."""
    yield _head(CONVERSATION_COLUMNS)
    for found in _patiently(store, wanted):
        yield from write_lines(conversation_lines(found, wanted.zone))


def file_name(name: str, period: Period) -> str:
    """Return what a file is called."""
    return f"markdone-{name}-{period.first}-to-{period.last}.csv"


def _head(columns: Iterable[Cell]) -> bytes:
    return MARK.encode() + b"".join(write_lines([tuple(columns)]))


def _patiently(store: Store, wanted: Wanted) -> Iterator[list[Found]]:
    after, tries = "", 0
    while True:
        try:
            for step in store.conversation_steps(wanted, after):
                yield store.with_names(step.found)
                after, tries = str(step.next or ""), 0
            return
        except StoreError:
            tries += 1
            if tries == TRIES:
                raise
            time.sleep(TRY_AGAIN_S)
