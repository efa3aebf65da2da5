"""Reports: the same numbers as on their pages."""

import threading
from typing import Annotated

from flask import request
from msgspec import Meta, Struct

from domain.errors import BadPayload, NotFound
from domain.metrics import ReportName
from domain.periods import MOST_DAYS, Preset
from domain.reports import Chart, Report, Table, Unit
from handlers.reports import filterable, title_of
from web.context import context
from web.reports.machine_words import UNITS, machine_key, machine_value
from web.reports.making import read_whole
from web.reports.reading import parse_filters, parse_period, read_report, today_of

#: So long a caller waits for days that are not summed up yet; one at a time, others hear that it is not complete.
PATIENCE_S = 10.0
_may_wait = threading.BoundedSemaphore(1)

Value = int | float | None
#: What may be asked, with what it means.
PARAMETERS = {
    "preset": f"{', '.join(Preset)}; the last 7 days unless given.",
    "from": "First day, like 2026-11-01; instead of `preset`.",
    "to": f"Last day, included; at most {MOST_DAYS} days.",
    "channel": "Only this kind of channel, where the report can be limited by it: `facebook` or `viber`.",
    "source": "Only this source, likewise.",
    "user": "Only this user's, by id, likewise.",
    "category": "Only this category of the closing note, likewise.",
}


class ReportRow(Struct):
    """A report that there is."""

    name: str
    title: str
    filters: Annotated[list[str], Meta(description="What it can be limited by.")]


class ReportList(Struct):
    """The reports that there are, and periods that have a name."""

    items: list[ReportRow]
    presets: list[str]


class ReportPeriod(Struct, rename={"first": "from", "last": "to"}):
    """Whole days, both included."""

    first: str
    last: str


class ReportNumber(Struct):
    """A number of the period and of the previous one; null where nothing was measured."""

    value: Value
    previous: Value
    unit: str


class ReportChart(Struct):
    """Values by what `axis` says: day, week (its first day), hour or step. Each series has one for each label."""

    key: str
    axis: str
    unit: str
    labels: list[str]
    series: dict[str, list[Value]]


class ReportColumn(Struct):
    """A column of a table."""

    key: str
    label: str
    unit: str


class ReportTableRow(Struct):
    """A row of a table. key: what it stands for, for example a user's id."""

    key: str
    label: str
    values: dict[str, Value]


class ReportTable(Struct):
    """Numbers by something, at most 100 rows of most tables."""

    key: str
    columns: list[ReportColumn]
    rows: list[ReportTableRow]


class ReportBody(Struct, rename={"first": "from", "last": "to"}):
    """A report. Keys of durations end in `_s`: seconds; shares are from 0 to 1."""

    report: str
    first: str
    last: str
    previous: ReportPeriod
    time_zone: str
    filters: dict[str, str]
    numbers: dict[str, ReportNumber]
    series: list[ReportChart]
    tables: list[ReportTable]
    complete: Annotated[
        bool, Meta(description="False: days are still being summed up, and count as nothing; ask again.")
    ]


def list_reports() -> ReportList:
    """List the reports, and what each can be limited by."""
    return ReportList([ReportRow(name, title_of(name), list(filterable(name))) for name in ReportName], list(Preset))


def show_report(report: str) -> ReportBody:
    """Show a report of a period of whole days in the platform's time zone, beside the period before."""
    try:
        name = ReportName(report)
    except ValueError:
        raise NotFound(f"There is no report {report[:40]!r}; there are {', '.join(ReportName)}.") from None
    for parameter, values in request.args.lists():
        if parameter not in PARAMETERS or len(values) > 1:
            raise BadPayload(f"Each of {', '.join(PARAMETERS)} may be given once, and nothing else.")
    store = context().store
    period, _ = parse_period(request.args, today_of(store))
    filters = parse_filters(request.args, name)
    found = read_report(store, name, period, filters)
    if found.missing and _may_wait.acquire(blocking=False):
        try:
            found = read_whole(store, name, period, filters, seconds=PATIENCE_S)
        finally:
            _may_wait.release()
    return report_body(found, store.platform_settings().time_zone)


def report_body(report: Report, time_zone: str) -> ReportBody:
    """Show a report as programs read it."""
    previous = ReportPeriod(report.previous.first.isoformat(), report.previous.last.isoformat())
    return ReportBody(
        report=report.name,
        first=report.period.first.isoformat(),
        last=report.period.last.isoformat(),
        previous=previous,
        time_zone=time_zone,
        filters=report.filters.given(),
        numbers={
            machine_key(one.key, one.unit): ReportNumber(
                machine_value(one.value, one.unit), machine_value(one.before, one.unit), UNITS[one.unit]
            )
            for one in report.numbers
        },
        series=[_chart(chart) for chart in report.charts],
        tables=[_table(table) for table in report.tables],
        complete=not report.missing,
    )


def _chart(chart: Chart) -> ReportChart:
    series = {
        machine_key(one.key, chart.unit): [machine_value(value, chart.unit) for value in one.values]
        for one in chart.series
    }
    return ReportChart(chart.key, chart.axis, UNITS[chart.unit], list(chart.labels), series)


def _table(table: Table) -> ReportTable:
    columns = [ReportColumn(machine_key(one.key, one.unit), one.label, UNITS[one.unit]) for one in table.columns]
    units: list[Unit] = [one.unit for one in table.columns]
    rows = [
        ReportTableRow(
            row.key,
            row.label,
            {
                column.key: machine_value(value, unit)
                for column, value, unit in zip(columns, row.values, units, strict=True)
            },
        )
        for row in table.rows
    ]
    return ReportTable(table.key, columns, rows)
