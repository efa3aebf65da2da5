"""Charts as pages show them: drawn twice, for wide and for narrow rooms, with what they say in words and as a table."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.reports import Axis, Chart, Series, Shape, Unit, Value
from web.reports.bars import draw_bars
from web.reports.drawings import NARROW, WIDE, Drawing, Size, measured
from web.reports.heat import draw_heat
from web.reports.lines import draw_lines, sample
from web.reports.words import WHY_NOTHING, point_words, value_words

_DRAW: dict[Shape, Callable[[Chart, Size], Drawing]] = {
    Shape.LINES: draw_lines,
    Shape.BARS: draw_bars,
    Shape.HEAT: draw_heat,
}


@dataclass(frozen=True, slots=True)
class Legend:
    """How a series looks, and what it is called."""

    number: int
    label: str
    line: str  # paths
    marker: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with everything that a page needs. drawings: none where there is nothing to be seen."""

    key: str
    title: str
    shape: Shape
    summary: str
    drawings: tuple[Drawing, ...]
    legend: tuple[Legend, ...]
    heads: tuple[str, ...]  # of the table
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def make_figure(chart: Chart) -> Figure:
    """Return a chart as pages show it."""
    is_empty = not any(value for one in chart.series for value in one.values)
    heads, rows = _table(chart)
    return Figure(
        key=chart.key,
        title=chart.title,
        shape=chart.shape,
        summary=_nothing(chart) if is_empty else summary_of(chart),
        drawings=() if is_empty else tuple(_DRAW[chart.shape](chart, size) for size in (WIDE, NARROW)),
        legend=() if is_empty or chart.shape is Shape.HEAT or len(chart.series) < 2 else _legend(chart),
        heads=heads,
        rows=rows,
    )


def summary_of(chart: Chart) -> str:
    """Say in a sentence for each series what there is to be seen; the most, the least, and how many in all."""
    if chart.shape is Shape.HEAT:
        return _busiest(chart)
    shown = [chart.series[number] for number, _ in measured(chart)]
    if chart.axis is Axis.STEP:
        return " ".join(_largest_step(chart, one) for one in shown)
    quiet = [one for one in chart.series if one not in shown]
    unknown = [one.label for one in quiet if all(value is None for value in one.values)]
    zero = [one.label for one in quiet if one.label not in unknown]
    rest = [
        f"{words}: {', '.join(labels)}." for words, labels in (("Always 0", zero), ("Not known", unknown)) if labels
    ]
    return " ".join([*(_extremes(chart, one) for one in shown), *rest])


def _extremes(chart: Chart, one: Series) -> str:
    there = [(value, label) for value, label in zip(one.values, chart.labels, strict=True) if value is not None]
    most, least = max(there, key=lambda pair: pair[0]), min(there, key=lambda pair: pair[0])
    said = [f"most {_at(chart, *most)}", *([f"least {_at(chart, *least)}"] if least[0] < most[0] else [])]
    if chart.unit is Unit.COUNT:
        said.insert(0, f"{_sum(one.values)} in all")
    return f"{one.label}: {', '.join(said)}."


def _largest_step(chart: Chart, one: Series) -> str:
    at = max(range(len(one.values)), key=lambda number: one.values[number] or 0)
    words = value_words(one.values[at], chart.unit)
    return f"{one.label}: most are {chart.labels[at]} ({words} of {_sum(one.values)})."


def _busiest(chart: Chart) -> str:
    cells = [(value, one.label, at) for one in chart.series for at, value in enumerate(one.values) if value is not None]
    value, day, at = max(cells, key=lambda cell: cell[0])
    quiet = sum(not cell[0] for cell in cells)
    return (
        f"Most on {day}, {point_words(chart.axis, chart.labels[at])}: {value_words(value, chart.unit)}. "
        f"{_sum([cell[0] for cell in cells])} in all; none in {quiet} of {len(cells)} hours."
    )


def _at(chart: Chart, value: Value, label: str) -> str:
    return f"{value_words(value, chart.unit)} ({point_words(chart.axis, label)})"


def _sum(values: tuple[Value, ...] | list[float]) -> str:
    return value_words(sum(value or 0 for value in values), Unit.COUNT)


def _nothing(chart: Chart) -> str:
    if all(value is None for one in chart.series for value in one.values):
        return WHY_NOTHING
    return "Nothing in this period: all are 0."


def _legend(chart: Chart) -> tuple[Legend, ...]:
    return tuple(Legend(number, chart.series[number].label, *sample(number)) for number, _ in measured(chart))


def _table(chart: Chart) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    points = [point_words(chart.axis, label) for label in chart.labels]
    if chart.shape is Shape.HEAT:
        heads = ("Weekday", *points)
        return heads, tuple((one.label, _written(one.values, chart.unit)) for one in chart.series)
    heads = ({Axis.DAY: "Day", Axis.WEEK: "Week", Axis.HOUR: "Hour", Axis.STEP: "Step"}[chart.axis],)
    columns = zip(*(one.values for one in chart.series), strict=True)
    rows = tuple((point, _written(values, chart.unit)) for point, values in zip(points, columns, strict=True))
    return (*heads, *(one.label for one in chart.series)), rows


def _written(values: tuple[Value, ...], unit: Unit) -> tuple[str, ...]:
    return tuple(value_words(value, unit) for value in values)
