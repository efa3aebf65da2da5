"""What a chart is when it is drawn: places and paths in the units of an SVG's viewBox, and nothing else."""

from typing import NamedTuple

from domain.reports import Axis, Chart, Value
from web.reports.axes import Mark, Tick
from web.reports.words import point_words, value_words


class Size(NamedTuple):
    """A room that charts are drawn for. name: the class of the drawing; the style sheet shows the one that fits."""

    name: str
    width: int
    most_steps: int  # of the upright axis

    @property
    def is_wide(self) -> bool:
        return self.name == "wide"


WIDE = Size("wide", 920, 6)
NARROW = Size("narrow", 340, 4)


class Frame(NamedTuple):
    """The part of a drawing in which the values stand."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left


class Box(NamedTuple):
    """A rectangle; title says what it shows."""

    x: float
    y: float
    width: float
    height: float
    title: str = ""


class Text(NamedTuple):
    """Something written. anchor: start, middle or end, as SVG says it."""

    x: float
    y: float
    text: str
    anchor: str = "start"


class Line(NamedTuple):
    """A series as a line. number: decides on its looks. leader: from the end of the line to its name."""

    number: int
    path: str
    markers: str
    name: Text | None
    leader: str


class Bars(NamedTuple):
    """A series as bars."""

    number: int
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...]


class Cell(NamedTuple):
    """A field of a grid. level: from 0 for none to LEVELS for the most."""

    box: Box
    square: Box
    level: int
    text: Text


class Drawing(NamedTuple):
    """A chart for one room; what its shape has no use for is empty."""

    size: Size
    height: int
    frame: Frame
    ticks: tuple[Tick, ...] = ()
    marks: tuple[Mark, ...] = ()
    lines: tuple[Line, ...] = ()
    bars: tuple[Bars, ...] = ()
    columns: tuple[Box, ...] = ()  # what says by its title what stands at a point
    names: tuple[Text, ...] = ()
    cells: tuple[Cell, ...] = ()


def measured(chart: Chart) -> list[tuple[int, tuple[Value, ...]]]:
    """Return the series that have anything but zeros, with their numbers; all of them where none has."""
    numbered = [(number, one.values) for number, one in enumerate(chart.series)]
    return [pair for pair in numbered if any(pair[1])] or numbered


def most_of(chart: Chart) -> float:
    """Return the largest value, or what an axis of nothing goes up to."""
    return max((value for one in chart.series for value in one.values if value), default=0) or 1


def columns(chart: Chart, frame: Frame) -> tuple[Box, ...]:
    """Return a box over each point, which says what all series have there."""
    band = frame.width / len(chart.labels)
    return tuple(
        Box(
            round(frame.left + band * at, 1),
            frame.top,
            round(band, 1),
            frame.bottom - frame.top,
            f"{point_words(chart.axis, label)}: {_values_at(chart, at)}",
        )
        for at, label in enumerate(chart.labels)
    )


def is_two_years(chart: Chart) -> bool:
    """Tell whether years must be told apart."""
    return chart.axis in (Axis.DAY, Axis.WEEK) and len({label[:4] for label in chart.labels}) > 1


def _values_at(chart: Chart, at: int) -> str:
    return ", ".join(f"{one.label} {value_words(one.values[at], chart.unit)}" for one in chart.series)
