"""Charts: whatever the numbers are, all of them are in the picture, its marks are round and its words are right."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reports import Axis, Chart, Series, Shape, Unit, Value
from web.reports.axes import round_values, text_px
from web.reports.charts import make_figure
from web.reports.drawings import Drawing, Text

DAY = date(2026, 9, 1)
ROUND = {1, 2, 5}
COUNTS = st.one_of(st.none(), st.integers(0, 10_000_000), st.just(0))
DURATIONS = st.one_of(st.none(), st.floats(0, 4e10), st.integers(0, 5000))
SERIES = ("Contact", "User", "Bot", "Automation", "90th percentile")


def chart_of(
    *series: tuple[Value, ...], shape: Shape = Shape.LINES, unit: Unit = Unit.COUNT, axis: Axis = Axis.DAY
) -> Chart:
    length = len(series[0])
    labels = {
        Axis.DAY: [(DAY + timedelta(days=at)).isoformat() for at in range(length)],
        Axis.WEEK: [(DAY + timedelta(weeks=at)).isoformat() for at in range(length)],
        Axis.HOUR: [str(at) for at in range(length)],
        Axis.STEP: [f"{at}–{at + 1} min" for at in range(length)],
    }[axis]
    named = tuple(
        Series(f"s{at}", SERIES[at % 5] if shape is not Shape.HEAT else f"Day {at}", one)
        for at, one in enumerate(series)
    )
    return Chart(key="c", title="C", shape=shape, axis=axis, labels=tuple(labels), series=named, unit=unit)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    shape = draw(st.sampled_from(Shape))
    if shape is Shape.HEAT:
        hours = tuple(draw(st.lists(COUNTS, min_size=24, max_size=24)))
        return chart_of(*(hours[day:] + hours[:day] for day in range(7)), shape=shape, axis=Axis.HOUR)
    axes = [Axis.DAY, Axis.WEEK, Axis.HOUR] + ([Axis.STEP] if shape is Shape.BARS else [])
    axis, unit = draw(st.sampled_from(axes)), draw(st.sampled_from([Unit.COUNT, Unit.DURATION]))
    most = {Axis.HOUR: 24, Axis.STEP: 8}.get(axis, 100)
    length = draw(st.integers(1, most))
    values = COUNTS if unit is Unit.COUNT else DURATIONS
    kinds = draw(st.integers(1, 5 if shape is Shape.LINES else 2))
    series = [tuple(draw(st.lists(values, min_size=length, max_size=length))) for _ in range(kinds)]
    return chart_of(*series, shape=shape, unit=unit, axis=axis)


@settings(max_examples=60, deadline=None)
@given(charts())
def test_everything_is_inside_of_the_picture(chart: Chart) -> None:
    for drawing in make_figure(chart).drawings:
        width, height = drawing.size.width, drawing.height
        assert (
            0 < drawing.frame.left < drawing.frame.right <= width
            and 0 < drawing.frame.top < drawing.frame.bottom <= height
        )
        for x, y in points(drawing):
            assert 0 <= x <= width and 0 <= y <= height
        for text in texts(drawing):
            left = text.x - {"start": 0, "middle": 0.5, "end": 1}[text.anchor] * text_px(text.text)
            assert left >= -1 and left + text_px(text.text) <= width + 1 and 8 <= text.y <= height, text


@settings(max_examples=60, deadline=None)
@given(charts())
def test_marks_of_an_axis_do_not_lie_on_each_other(chart: Chart) -> None:
    for drawing in make_figure(chart).drawings:
        for one, other in pairwise(drawing.marks):
            assert one.at + text_px(one.label) / 2 < other.at - text_px(other.label) / 2
        heights = sorted(line.name.y for line in drawing.lines if line.name)
        assert all(other - one >= 14.8 for one, other in pairwise(heights))


def points(drawing: Drawing) -> list[tuple[float, float]]:
    lines = [
        part for line in drawing.lines for path in (line.path, line.leader) for part in re.split("[ML]", path) if part
    ]
    found = [(float(x), float(y)) for x, y in (part.split() for part in lines)]
    for line in drawing.lines:
        for x, y in re.findall(r"M([\d.]+) ([\d.]+)", line.markers):
            found += [(float(x), float(y) - 1), (float(x) + 8, float(y) + 7.5)]  # what the largest marker takes
    boxes = [box for kind in drawing.bars for box in kind.boxes]
    boxes += [box for cell in drawing.cells for box in (cell.box, cell.square)] + list(drawing.columns)
    assert all(box.width >= 0 and box.height >= 0 for box in boxes)
    return (
        found
        + [(box.x, box.y) for box in boxes]
        + [(box.x + box.width - 0.1, box.y + box.height - 0.1) for box in boxes]
    )


def texts(drawing: Drawing) -> list[Text]:
    found = [*drawing.names, *(cell.text for cell in drawing.cells)]
    found += [line.name for line in drawing.lines if line.name] + [text for kind in drawing.bars for text in kind.texts]
    found += [Text(mark.at, drawing.frame.bottom + 19, mark.label, "middle") for mark in drawing.marks]
    return found + [Text(drawing.frame.left - 8, tick.at + 4, tick.label, "end") for tick in drawing.ticks]


@given(st.floats(1e-3, 1e11), st.sampled_from(Unit), st.integers(3, 6))
def test_an_axis_goes_in_equal_round_steps_from_nothing_to_the_most(most: float, unit: Unit, steps: int) -> None:
    values = round_values(most, unit, steps)
    assert values[0] == 0 and values[-1] >= most * (1 - 1e-9) and 2 <= len(values) <= steps + 1
    step = values[1]
    assert all(value == pytest.approx(step * at) for at, value in enumerate(values))
    if unit is Unit.COUNT:
        assert int(f"{step:e}"[0]) in ROUND and step == int(step)


def test_durations_have_the_steps_that_people_count_in() -> None:
    assert round_values(100_000, Unit.DURATION, 5) == [0, 30_000, 60_000, 90_000, 120_000]
    assert round_values(5 * 3_600_000, Unit.DURATION, 5) == [hours * 3_600_000 for hours in range(6)]
    assert round_values(40 * 86_400_000, Unit.DURATION, 5) == [days * 86_400_000 for days in (0, 10, 20, 30, 40)]


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=40))
def test_more_stands_higher(values: list[int]) -> None:
    drawings = make_figure(chart_of(tuple(values))).drawings
    for drawing in drawings:
        heights = [float(part.split()[1]) for part in re.split("[ML]", drawing.lines[0].path) if part]
        for (one, first), (other, second) in pairwise(zip(values, heights, strict=True)):
            assert (one - other) * (first - second) <= 0


def test_a_line_has_a_gap_where_nothing_was_measured_and_a_marker_where_a_point_stands_alone() -> None:
    figure = make_figure(chart_of((3, None, 4, None, None, 5, 6), unit=Unit.DURATION))
    line = figure.drawings[0].lines[0]
    assert line.path.count("M") == 3 and line.path.count("L") == 1
    assert line.markers.count("M") >= 4
    assert [row[1] for row in figure.rows][1] == ("–",)


def test_bars_are_as_long_as_their_numbers() -> None:
    drawing = make_figure(chart_of((10, 20), (0, 5), shape=Shape.BARS, axis=Axis.STEP)).drawings[0]
    now, before = ([box.width for box in kind.boxes] for kind in drawing.bars)
    assert now[1] == pytest.approx(2 * now[0], abs=0.2) and before[1] == pytest.approx(now[0] / 2, abs=0.2)
    assert [text.text for text in drawing.bars[1].texts] == ["0", "5"]


def test_a_field_of_the_grid_darkens_and_grows_with_its_number() -> None:
    rows = [tuple(range(at, at + 24)) for at in range(7)]
    for drawing in make_figure(chart_of(*rows, shape=Shape.HEAT, axis=Axis.HOUR)).drawings:
        cells = sorted(drawing.cells, key=lambda cell: int(cell.text.text))
        assert len(cells) == 168 and cells[0].level == 0 and cells[-1].level == 5
        for one, other in pairwise(cells[1:]):
            assert one.level <= other.level and one.square.width <= other.square.width


def test_a_chart_says_in_words_what_it_shows() -> None:
    assert make_figure(chart_of((1, 7, 0), (0, 0, 0), (None, None, None))).summary == (
        "Contact: 8 in all, most 7 (Wed 2 Sep 2026), least 0 (Thu 3 Sep 2026). Always 0: User. Not known: Bot."
    )
    steps = make_figure(chart_of((1, 7), (2, 0), shape=Shape.BARS, axis=Axis.STEP))
    assert steps.summary == "Contact: most are 1–2 min (7 of 8). User: most are 0–1 min (2 of 2)."
    grid = [(0,) * 24] * 6 + [(0,) * 9 + (5,) + (0,) * 14]
    assert make_figure(chart_of(*grid, shape=Shape.HEAT, axis=Axis.HOUR)).summary == (
        "Most on Day 6, 09:00–10:00: 5. 5 in all; none in 167 of 168 hours."
    )


@pytest.mark.parametrize(("values", "said"), [((0, 0), "all are 0"), ((None, None), "Nothing was measured")])
def test_a_chart_of_nothing_is_a_sentence(values: tuple[Value, ...], said: str) -> None:
    figure = make_figure(chart_of(values))
    assert figure.drawings == () and said in figure.summary and len(figure.rows) == 2


def test_years_are_told_where_a_chart_has_two() -> None:
    drawing = make_figure(chart_of(tuple(range(57)), axis=Axis.WEEK)).drawings[0]
    assert [mark.year for mark in drawing.marks if mark.year] == ["2026", "2027"]
    assert not any(mark.year for mark in make_figure(chart_of((1, 2))).drawings[0].marks)
