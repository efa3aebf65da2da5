"""What a report says, before anybody draws it: the same numbers for pages, the API and CSV files."""

from dataclasses import dataclass, field
from enum import StrEnum

from domain.metrics import Filters, ReportName
from domain.periods import Period

#: A count or milliseconds; a share is from 0 to 1; None where nothing was measured.
Value = int | float | None


class Unit(StrEnum):
    """What a value is."""

    COUNT = "count"
    DURATION = "duration_ms"
    SHARE = "share"


class Axis(StrEnum):
    """What the points of a chart are; `label` of each is an ISO date, an hour from 0 to 23, or a step's name."""

    DAY = "day"
    WEEK = "week"  # its first day that is in the period
    HOUR = "hour"
    STEP = "step"


class Shape(StrEnum):
    """How a chart is drawn."""

    LINES = "lines"
    BARS = "bars"
    HEAT = "heat"  # series are rows: weekdays, Monday first; labels are hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number beside that of the previous period. behind: the query for the list of conversations behind it."""

    key: str
    label: str
    value: Value
    before: Value
    unit: Unit = Unit.COUNT
    hint: str = ""  # what it is, in one sentence
    behind: dict[str, str] = field(default_factory=dict)  # empty: no conversations stand behind it


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one kind of bars, with a value for each label of its chart."""

    key: str
    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Numbers that are drawn, and stand below in a table."""

    key: str
    title: str
    shape: Shape
    axis: Axis
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Unit = Unit.COUNT


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    key: str
    label: str
    unit: Unit = Unit.COUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table. key: the value that it stands for, for example a user's id."""

    key: str
    label: str
    values: tuple[Value, ...]
    behind: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Numbers by something, the most first. is_known: False where the filters ask for what is not known of it."""

    key: str
    title: str
    of: str  # what the rows are: Source, User, …
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    is_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report of a period. missing: days of both periods that are not summed up yet, and count as nothing so far."""

    name: ReportName
    title: str
    period: Period
    previous: Period
    filters: Filters
    filterable: tuple[str, ...]  # what this report can be limited by
    numbers: tuple[Number, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    missing: int = 0
