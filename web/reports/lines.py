"""Lines over time, told apart by dashes, markers and names at their ends; a gap where nothing was measured."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from domain.reports import Chart
from web.reports.axes import marks, place, round_values, text_px, ticks
from web.reports.drawings import Drawing, Frame, Line, Size, Text, columns, is_two_years, measured, most_of

HEIGHTS = {"wide": 280, "narrow": 230}
TOP, LOWER_AXIS, YEARS, LEAST_LEFT = 12, 26, 16, 28
#: Names of lines stand at least so far apart.
NAME_PX = 15
#: More markers than that on one line hide it.
MOST_MARKERS = 16
_R = 3.5

Point = tuple[float, float]


def draw_lines(chart: Chart, size: Size) -> Drawing:
    """Draw a chart of lines."""
    height, values = HEIGHTS[size.name], round_values(most_of(chart), chart.unit, size.most_steps)
    names = {number: chart.series[number].label for number, _ in measured(chart)}
    frame = _frame(chart, size, height, values, list(names.values()))
    band = frame.width / len(chart.labels)
    ends: dict[int, Point] = {}
    drawn = []
    for turn, (number, series) in enumerate(measured(chart)):
        places = [
            None
            if value is None
            else (round(frame.left + band * (at + 0.5), 1), place(value, values[-1], frame.bottom, frame.top))
            for at, value in enumerate(series)
        ]
        found = [point for point in places if point]
        if found:
            ends[number] = found[-1]
        drawn.append((number, _path(places), _markers(number, places, turn)))
    heights = _spread({number: y for number, (_, y) in ends.items()}, frame) if size.is_wide else {}
    return Drawing(
        size=size,
        height=height,
        frame=frame,
        ticks=ticks(values, chart.unit, frame.bottom, frame.top),
        marks=marks(chart.axis, chart.labels, frame.left, band, size.width),
        lines=tuple(
            Line(number, path, markers, *_name(names[number], ends.get(number), heights.get(number), frame))
            for number, path, markers in drawn
        ),
        columns=columns(chart, frame),
    )


def _frame(chart: Chart, size: Size, height: int, values: list[float], names: list[str]) -> Frame:
    left = max(LEAST_LEFT, *(text_px(tick.label) + 10 for tick in ticks(values, chart.unit, 0, 1)))
    right = max(map(text_px, names)) + 22 if size.is_wide else 10
    return Frame(left, TOP, size.width - right, height - LOWER_AXIS - (YEARS if is_two_years(chart) else 0))


def _path(places: Sequence[Point | None]) -> str:
    """One line for each stretch without a gap."""
    stretches = (list(some) for is_there, some in groupby(places, key=bool) if is_there)
    return "".join("M" + "L".join(f"{x} {y}" for x, y in filter(None, some)) for some in stretches)


def _markers(number: int, places: Sequence[Point | None], turn: int) -> str:
    """A marker at the end, at some points on the way, each line at others, and wherever a point stands alone."""
    stride = math.ceil(len(places) / MOST_MARKERS)
    last = max((at for at, point in enumerate(places) if point), default=-1)
    shape = _SHAPES[number % len(_SHAPES)]
    return "".join(
        shape(*point)
        for at, point in enumerate(places)
        if point and (at == last or at % stride == turn % stride or _is_alone(places, at))
    )


def _is_alone(places: Sequence[Point | None], at: int) -> bool:
    return not (at and places[at - 1]) and not (at + 1 < len(places) and places[at + 1])


def _spread(heights: dict[int, float], frame: Frame) -> dict[int, float]:
    """Move names apart that would lie on each other, as little as needed, within the frame."""
    found: dict[int, float] = {}
    least = frame.top
    for number, y in sorted(heights.items(), key=lambda pair: pair[1]):
        found[number] = max(y, least)
        least = found[number] + NAME_PX
    most = frame.bottom
    for number in reversed(found):
        found[number] = min(found[number], most)
        most = found[number] - NAME_PX
    return found


def _name(name: str, end: Point | None, y: float | None, frame: Frame) -> tuple[Text | None, str]:
    if end is None or y is None:
        return None, ""
    return Text(frame.right + 16, round(y + 4, 1), name), f"M{end[0] + 5} {end[1]}L{frame.right + 12} {y}"


def _circle(x: float, y: float) -> str:
    return f"M{x - _R} {y}a{_R} {_R} 0 1 0 {2 * _R} 0a{_R} {_R} 0 1 0 {-2 * _R} 0z"


def _square(x: float, y: float) -> str:
    return f"M{x - 3:.1f} {y - 3:.1f}h6v6h-6z"


def _triangle(x: float, y: float) -> str:
    return f"M{x} {y - 4:.1f}l4 7.5h-8z"


def _diamond(x: float, y: float) -> str:
    return f"M{x} {y - 4.5:.1f}l4.5 4.5l-4.5 4.5l-4.5 -4.5z"


def _cross(x: float, y: float) -> str:
    return f"M{x - 4:.1f} {y - 1.2:.1f}h2.8v-2.8h2.4v2.8h2.8v2.4h-2.8v2.8h-2.4v-2.8h-2.8z"


_SHAPES = (_circle, _square, _triangle, _diamond, _cross)


def sample(number: int) -> Iterator[str]:
    """Yield the path of a short piece of a line and of its marker, for a legend of 34 × 14."""
    yield "M1 7L33 7"
    yield _SHAPES[number % len(_SHAPES)](17, 7)
