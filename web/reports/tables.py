"""Tables as pages show them: in the order asked for, shares with bars, and the first three of a team's columns."""

from dataclasses import dataclass

from domain.reports import Row, Table, Unit
from web.reports.asking import Asked
from web.reports.words import value_words

#: Of these every column says who is first, second and third.
LEADERBOARDS = ("users",)
MEDALS = ("1st", "2nd", "3rd")
MOST_ROWS = 100
_LABEL = "label"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column. order: ascending, descending or empty; link: to the page in that order."""

    label: str
    link: str
    order: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in words. bar: a share in percent, to be drawn; medal: the place among all rows."""

    words: str
    bar: str = ""
    medal: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row. link: to the conversations behind it."""

    label: str
    cells: tuple[Cell, ...]
    link: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A table."""

    key: str
    title: str
    is_leaderboard: bool
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    left_out: int  # rows beyond MOST_ROWS
    is_known: bool


def show_table(table: Table, asked: Asked) -> Shown:
    """Return a table as pages show it."""
    column, is_descending = _order(table, asked.sort)
    rows = _sorted(table, column, is_descending)
    medals = _medals(table) if table.key in LEADERBOARDS else {}
    keys = (_LABEL, *(one.key for one in table.columns))
    labels = (table.of, *(one.label for one in table.columns))
    return Shown(
        key=table.key,
        title=table.title,
        is_leaderboard=bool(medals),
        heads=tuple(
            _head(table, key, label, asked, is_descending if key == column else None)
            for key, label in zip(keys, labels, strict=True)
        ),
        lines=tuple(_line(table, row, asked, medals) for row in rows[:MOST_ROWS]),
        left_out=max(len(rows) - MOST_ROWS, 0),
        is_known=table.is_known,
    )


def _order(table: Table, sort: str) -> tuple[str, bool]:
    """The column that the table is asked to be in order of, if it is this table that is."""
    key, _, column = sort.partition(".")
    known = (_LABEL, *(one.key for one in table.columns))
    if key != table.key or column.removeprefix("-") not in known:
        return "", False
    return column.removeprefix("-"), column.startswith("-")


def _sorted(table: Table, column: str, is_descending: bool) -> list[Row]:
    if not column:
        return list(table.rows)
    if column == _LABEL:
        return sorted(table.rows, key=lambda row: row.label.casefold(), reverse=is_descending)
    at = [one.key for one in table.columns].index(column)
    there = [row for row in table.rows if row.values[at] is not None]
    rest = [row for row in table.rows if row.values[at] is None]  # last, in either order
    return sorted(there, key=lambda row: row.values[at] or 0, reverse=is_descending) + rest


def _head(table: Table, key: str, label: str, asked: Asked, is_descending: bool | None) -> Head:
    # At first the most of numbers, and names from A on; then the other way round.
    is_next_descending = key != _LABEL if is_descending is None else not is_descending
    link = asked.sorted_by(f"{table.key}.{'-' if is_next_descending else ''}{key}")
    order = "" if is_descending is None else "descending" if is_descending else "ascending"
    return Head(label, f"{link}#{table.key}", order)


def _line(table: Table, row: Row, asked: Asked, medals: dict[tuple[str, int], str]) -> Line:
    cells = tuple(
        Cell(
            words=value_words(value, column.unit),
            bar=f"{value * 100:.1f}" if column.unit is Unit.SHARE and value is not None else "",
            medal=medals.get((row.key, at), ""),
        )
        for at, (column, value) in enumerate(zip(table.columns, row.values, strict=True))
    )
    return Line(row.label, cells, asked.behind(row.behind) if row.behind else "")


def _medals(table: Table) -> dict[tuple[str, int], str]:
    """The first three of each column: of counts the most, of durations the shortest; who is level shares a place."""
    found: dict[tuple[str, int], str] = {}
    for at, column in enumerate(table.columns):
        there = [(value, row.key) for row in table.rows if (value := row.values[at])]
        places: dict[float, int] = {}
        for place, value in enumerate(sorted((value for value, _ in there), reverse=column.unit is Unit.COUNT)):
            places.setdefault(value, place)
        if len(there) > 1:
            found |= {(key, at): MEDALS[places[value]] for value, key in there if places[value] < len(MEDALS)}
    return found
