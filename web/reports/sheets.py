"""CSV files (RFC 4180): what stands in a line of them, so that nothing in it is taken for a formula.

They begin with a byte order mark: without it Excel reads them in the code page of its machine, and every name that is
not plain English is garbled. All text stands in quotes, so that a program that parts by `;` finds no cells in a text.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

from domain.identities import conversation_id
from domain.models import ClosedConversation, Source
from domain.reports import Report, Unit, Value
from store import Found
from web.reports.machine_words import UNITS, machine_key, machine_value

Cell = str | int | float | None
MARK = "\ufeff"
#: So many lines are written at once.
LINES = 200
REPORT_COLUMNS = ("section", "row", "row_label", "column", "unit", "value", "previous")
CONVERSATION_COLUMNS = (
    *("conversation_id", "contact_id", "contact_name", "channel", "number", "status"),
    *("opened_at", "opened_source", "opened_by_id", "opened_by"),
    *("closed_at", "closed_source", "closed_by_id", "closed_by", "category", "summary"),
    *("resolution_time_s", "first_response_at", "first_response_time_s", "messages_in", "messages_out"),
    *("assignee_id", "assignee"),
)
# What programs take for the beginning of a formula, also behind what nobody sees: spaces, marks of direction.
_FORMULA = re.compile(r"[\t\r\n]|[\s\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@＝＋－＠]")
_LINE_ENDS = re.compile(r"\r\n?")


def write_lines(lines: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield lines as they stand in a file, some at a time. None of their cells holds the end of a line, `\\r\\n`."""
    some: list[list[Cell]] = []
    for line in lines:
        some.append([safe(cell) if isinstance(cell, str) else cell for cell in line])
        if len(some) == LINES:
            yield _written(some)
            some = []
    if some:
        yield _written(some)


def safe(text: str) -> str:
    """Return a text that no program takes for a formula: with `'` before what looks like one."""
    text = _LINE_ENDS.sub("\n", text.replace("\0", ""))
    return f"'{text}" if _FORMULA.match(text) else text


def report_lines(report: Report) -> Iterator[tuple[Cell, ...]]:
    """Yield one line for each value of a report: its numbers, then each chart, then each table."""
    for one in report.numbers:
        key = machine_key(one.key, one.unit)
        yield _line("numbers", key, one.label, key, one.unit, one.value, one.before)
    for chart in report.charts:
        for place, label in enumerate(chart.labels):
            for series in chart.series:
                key = machine_key(series.key, chart.unit)
                yield _line(chart.key, label, label, key, chart.unit, series.values[place])
    for table in report.tables:
        for row in table.rows:
            for column, value in zip(table.columns, row.values, strict=True):
                key = machine_key(column.key, column.unit)
                yield _line(table.key, row.key, row.label, key, column.unit, value)


def conversation_lines(found: Iterable[Found], zone: tzinfo) -> Iterator[tuple[Cell, ...]]:
    """Yield one line for each conversation. zone: that of the times."""
    for item in found:
        one = item.conversation
        closed = one if isinstance(one, ClosedConversation) else None
        note = (closed.note if closed else None) or {}
        yield (
            conversation_id(item.contact, one.number),
            item.person,
            item.name,
            one.channel,
            one.number,
            "closed" if closed else "open",
            _time(one.opened_at_ms, zone),
            *_by(one.source, one.by),
            _time(closed.closed_at_ms, zone) if closed else None,
            *(_by(closed.closed_source, closed.closed_by) if closed else (None, None, None)),
            note.get("category"),
            note.get("summary"),
            _seconds(closed.resolution_ms if closed else None),
            _time(one.first_response_at_ms, zone),
            _seconds(one.first_response_ms),
            one.incoming,
            one.outgoing,
            *_card(one.assignee),
        )


def _written(lines: list[list[Cell]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows(lines)
    return text.getvalue().encode("utf-8", "replace")


def _line(
    section: str, row: str, label: str, column: str, unit: Unit, value: Value, previous: Value = None
) -> tuple[Cell, ...]:
    return section, row, label, column, UNITS[unit], machine_value(value, unit), machine_value(previous, unit)


def _time(at_ms: int | None, zone: tzinfo) -> str | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, zone).isoformat(timespec="seconds")


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def _by(source: Source, who: dict[str, Any] | None) -> tuple[Cell, ...]:
    return str(source), *_card(who)


def _card(who: dict[str, Any] | None) -> tuple[Cell, Cell]:
    known = who or {}
    return known.get("id"), known.get("name") or known.get("email")
