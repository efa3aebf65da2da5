"""What each report says, from the summaries of its days; docs/metrics.md has the formulas."""

from collections.abc import Mapping
from datetime import date, datetime
from types import ModuleType

from domain.metrics import Filters, ReportName
from domain.periods import Period
from domain.reports import Report
from domain.summaries import Summary
from handlers.reports import (
    assignments,
    bot,
    contacts,
    conversations,
    messages,
    resolutions,
    responses,
    team,
)
from handlers.reports.stretches import Stretch

_PARTS: dict[ReportName, tuple[str, ModuleType, tuple[str, ...]]] = {
    ReportName.CONVERSATIONS: ("Conversations", conversations, ("channel", "source", "user", "category")),
    ReportName.RESPONSES: ("Responses", responses, ("channel", "user")),
    ReportName.RESOLUTIONS: ("Resolutions", resolutions, ("channel", "source", "user", "category")),
    ReportName.MESSAGES: ("Messages", messages, ("channel", "user")),
    ReportName.USERS: ("Users", team, ("channel",)),
    ReportName.CONTACTS: ("Contacts", contacts, ("channel",)),
    ReportName.ASSIGNMENTS: ("Assignments", assignments, ("channel", "source", "user")),
    ReportName.BOT: ("Bot", bot, ("channel",)),
}


def title_of(name: ReportName) -> str:
    """Return what people call a report."""
    return _PARTS[name][0]


def filterable(name: ReportName) -> tuple[str, ...]:
    """Return what a report can be limited by."""
    return _PARTS[name][2]


def build_report(
    name: ReportName,
    period: Period,
    days: Mapping[date, Summary],
    before: Mapping[date, Summary],
    filters: Filters,
    users: dict[str, str],
    missing: int = 0,
    *,
    now: datetime | None = None,
    counted_since: date | None = None,
) -> Report:
    """Return a report.

    days, before: the summary of each day of the period and of the previous one, in order. users: names by id. now: the
    local time; what is still to come has no values. counted_since: of a period that was over before, nothing is known.
    """
    title, part, by = _PARTS[name]
    was_counted = counted_since is None or period.previous.last >= counted_since
    current = Stretch(period, days, filters, now)
    earlier = Stretch(period.previous, before, filters, is_counted=was_counted)
    return Report(
        name=name,
        title=title,
        period=period,
        previous=period.previous,
        filters=filters,
        filterable=by,
        numbers=part.numbers(current, earlier),
        charts=part.charts(current, earlier),
        tables=part.tables(current, earlier, users),
        missing=missing,
    )
