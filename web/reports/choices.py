"""What filters offer: everything that reports tell apart, also what is no longer in use."""

from collections.abc import Iterable

from domain.metrics import Filters, ReportName
from domain.models import AssignmentSource
from domain.reports import Report
from domain.users import User
from handlers.reports import filterable
from handlers.reports.labels import CHANNELS, SOURCES, label_of
from store import Store

Choice = tuple[str, str]  # value and label
LABELS = {"channel": "Channel", "source": "Source", "user": "User", "category": "Category"}


def choices(store: Store, name: ReportName, filters: Filters, report: Report | None) -> dict[str, list[Choice]]:
    """Return what each filter of a report offers; what is chosen is always among it. Raises StoreError."""
    users = store.users()
    names = {user.id: _name(user) for user in users}
    offered = {
        "channel": list(CHANNELS.items()),
        "source": [(value, SOURCES[value]) for value in _sources(name)],
        "user": sorted(names.items(), key=lambda pair: (pair[1].casefold(), pair[0])),
        "category": [(value, value) for value in _categories(store, report)],
    }
    found = {}
    for one in filterable(name):
        chosen = filters.given().get(one, "")
        known = {value for value, _ in offered[one]}
        found[one] = offered[one] + ([(chosen, label_of(one, chosen, names))] if chosen and chosen not in known else [])
    return found


def limits(filters: Filters, offered: dict[str, list[Choice]]) -> list[str]:
    """Say what a report is limited to."""
    return [f"{LABELS[one]}: {dict(offered[one]).get(value, value)}" for one, value in filters.given().items()]


def _name(user: User) -> str:
    return (user.name or user.email) + ("" if user.is_active else " (deactivated)")


def _sources(name: ReportName) -> Iterable[str]:
    of_assignments = {str(one) for one in AssignmentSource}
    if name is ReportName.ASSIGNMENTS:
        return (value for value in SOURCES if value in of_assignments)
    return (value for value in SOURCES if value not in ("kept", "deactivated"))


def _categories(store: Store, report: Report | None) -> list[str]:
    """Those of Settings, and those that occur: a category may have been deleted or come from the API."""
    known = [one.name for one in store.platform_settings().closing_categories]
    tables = report.tables if report else ()
    occurring = {row.key for table in tables if table.of == "Category" for row in table.rows if row.key}
    return [*dict.fromkeys(known), *sorted(occurring - set(known), key=str.casefold)]
