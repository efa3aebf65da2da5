"""The pages of reports: numbers, charts and tables of a period, limited by filters; for managers and owners."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from domain.errors import BadPayload, NotFound
from domain.metrics import ReportName
from domain.reports import Number, Report
from domain.users import Role
from handlers.reports import title_of
from web.access import guard
from web.context import context
from web.reports.asking import Asked, is_roundabout, plain_address, read_asked
from web.reports.charts import make_figure
from web.reports.choices import LABELS, choices, limits
from web.reports.reading import read_report, today_of
from web.reports.tables import show_table
from web.reports.words import PRESETS, WHY_NOTHING, change_of, period_words, value_words

reports = Blueprint("reports", __name__, url_prefix="/reports")
guard(reports, Role.MANAGER)

#: Part of today is a small part of that.
A_WEEK = 7
#: So many different messages that the bot had no intent for are shown.
MOST_UNMATCHED = 30
#: After so many looks a page that waits for sums looks less often, and says so.
PATIENT_LOOKS, IMPATIENT_S = 60, 15


@reports.get("")
def index() -> Response:
    """Lead to the first report."""
    return redirect(f"/reports/{ReportName.CONVERSATIONS}")


@reports.get("/<name>")
def show(name: str) -> Response | str | tuple[str, int]:
    """Show a report; with what is wrong beside the form where it cannot be asked for like that."""
    try:
        found = ReportName(name)
    except ValueError:
        raise NotFound("There is no such report.") from None
    store = context().store
    today = today_of(store)
    asked = read_asked(request.args, found, today)
    if asked.errors:
        return _page(asked, None), 400
    if is_roundabout(request.args):
        return redirect(plain_address(asked, today))
    try:
        return _page(asked, read_report(store, found, asked.period, asked.filters))
    except BadPayload as error:
        return _page(replace(asked, errors={"filters": str(error)}), None), 400


def _page(asked: Asked, report: Report | None) -> str:
    store = context().store
    offered = choices(store, asked.name, asked.filters, report)
    return render_template(
        "reports/report.html",
        asked=asked,
        report=report,
        title=title_of(asked.name),
        tabs=[(asked.of_report(name), title_of(name), name is asked.name) for name in ReportName],
        presets=[(asked.with_preset(preset), words, preset is asked.preset) for preset, words in PRESETS.items()],
        offered=offered,
        limits=limits(asked.filters, offered),
        filter_labels=LABELS,
        zone=store.platform_settings().time_zone,
        today=today_of(store),
        period_words=period_words,
        **(_shown(asked, report) if report else {}),
    )


def _shown(asked: Asked, report: Report) -> dict[str, Any]:
    looks = min(request.args.get("looks", 0, int), PATIENT_LOOKS)
    is_bot = asked.name is ReportName.BOT
    return {
        "is_empty": not _has_anything(report),
        "numbers": [_card(asked, one, compares=_compares(report)) for one in report.numbers],
        "figures": [make_figure(one) for one in report.charts],
        "tables": [show_table(one, asked) for one in report.tables],
        "unmatched": context().store.unmatched_messages(MOST_UNMATCHED, asked.filters.channel) if is_bot else [],
        "looks": looks + 1,
        "looks_every_s": 1 if looks < PATIENT_LOOKS else IMPATIENT_S,
        "days": 2 * asked.period.length,
        "why_nothing": WHY_NOTHING,
    }


def _compares(report: Report) -> bool:
    """Part of a day, or what is not summed up, is neither more nor less than the previous period."""
    is_running = report.period.length < A_WEEK and report.period.last >= today_of(context().store)
    return not is_running and not report.missing


def _card(asked: Asked, one: Number, *, compares: bool) -> dict[str, Any]:
    return {
        "one": one,
        "value": value_words(one.value, one.unit),
        "before": value_words(one.before, one.unit),
        "change": change_of(one) if compares else None,
        "link": asked.behind(one.behind) if one.behind else "",
    }


def _has_anything(report: Report) -> bool:
    return any(one.value or one.before for one in report.numbers) or any(table.rows for table in report.tables)
