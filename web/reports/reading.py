"""Reports as they are asked for: by pages, by the API, by files and by the command, all with the same words.

`preset`, or `from` and `to` (ISO dates, both included); `channel`, `source`, `user` and `category`.
"""

import threading
from collections.abc import Mapping
from datetime import date, datetime

from domain.errors import BadPayload
from domain.metrics import Filters, ReportName
from domain.periods import Period, Preset, day_of, period_of
from domain.reports import Report
from handlers.reports import build_report, filterable
from handlers.reports.labels import CHANNELS, SOURCES
from store import MOST_NEW_DAYS, Store

DEFAULT = Preset.LAST_7_DAYS
#: Nothing was counted before that.
FIRST_YEAR, LAST_YEAR = 2010, 2100
MAX_FILTER_CHARS = 200
KNOWN = {"channel": CHANNELS, "source": SOURCES}
#: Summing up is work: who asks meanwhile hears how many days are missing, so that webhooks are not kept waiting.
_making = threading.BoundedSemaphore(1)


def read_report(
    store: Store, name: ReportName, period: Period, filters: Filters, *, most_days: int = MOST_NEW_DAYS
) -> Report:
    """Return a report of whole days in the platform's time zone.

    most_days: of the days that nobody asked for with these filters before, so many are summed up now; what is left
    stands in `missing`. Raises StoreError.
    """
    zone = store.platform_settings().zone
    may_make = _making.acquire(blocking=False)
    try:
        most = most_days if may_make else 0
        now = store.summaries(name, period, zone, filters, most_days=most)
        before = store.summaries(name, period.previous, zone, filters, most_days=most)
    finally:
        if may_make:
            _making.release()
    users = user_names(store)
    if filters.user and filters.user not in users:
        raise BadPayload("There is no such user.")
    return build_report(
        name,
        period,
        now.days,
        before.days,
        filters,
        users,
        now.missing + before.missing,
        now=datetime.fromtimestamp(store.now_ms() / 1000, zone),
        counted_since=now.since,
    )


def user_names(store: Store) -> dict[str, str]:
    """Return what users are called, by id, also those who are not active. Raises StoreError."""
    return {user.id: user.name or user.email for user in store.users()}


def today_of(store: Store) -> date:
    """Return the day that it is in the platform's time zone. Raises StoreError."""
    return day_of(store.now_ms(), store.platform_settings().zone)


def parse_period(words: Mapping[str, str], today: date) -> tuple[Period, Preset | None]:
    """Return the period that is asked for, and its name if it has one. Raises BadPayload with a sentence for people."""
    first, last = words.get("from", ""), words.get("to", "")
    if first or last:
        return Period(_date(first or last), _date(last or first)), None
    name = words.get("preset") or DEFAULT
    try:
        preset = Preset(name)
    except ValueError:
        raise BadPayload(f"There is no period {name[:40]!r}; there are {', '.join(Preset)}.") from None
    return period_of(preset, today), preset


def parse_filters(words: Mapping[str, str], name: ReportName) -> Filters:
    """Return what a report is limited to. Raises BadPayload for what it cannot be limited by."""
    given = {key: words[key] for key in ("channel", "source", "user", "category") if words.get(key)}
    for key, value in given.items():
        if key not in filterable(name):
            raise BadPayload(f"This report cannot be limited by {key}; it can by {', '.join(filterable(name))}.")
        if len(value) > MAX_FILTER_CHARS:
            raise BadPayload(f"{key}: at most {MAX_FILTER_CHARS} characters.")
        if key in KNOWN and value not in KNOWN[key]:
            raise BadPayload(f"There is no {key} {value[:40]!r}; there are {', '.join(KNOWN[key])}.")
    return Filters(**given)


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadPayload("Dates are written like 2026-11-22.") from None
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise BadPayload(f"The period lies between {FIRST_YEAR} and {LAST_YEAR}.")
    return found
