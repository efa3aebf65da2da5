"""Bars: upright over time, lying for steps, whose names and values then always have room."""

from domain.reports import Axis, Chart
from web.reports.axes import marks, place, round_values, text_px, ticks
from web.reports.drawings import Bars, Box, Drawing, Frame, Size, Text, columns, is_two_years, measured, most_of
from web.reports.lines import HEIGHTS, LEAST_LEFT, LOWER_AXIS, TOP, YEARS
from web.reports.words import mark_words, value_words

#: How much of the room of a point its bars take.
FILLED = 0.76
ROW_PX, ROW_GAP_PX = {"wide": 14, "narrow": 13}, 12


def draw_bars(chart: Chart, size: Size) -> Drawing:
    """Draw a chart of bars."""
    return _lying(chart, size) if chart.axis is Axis.STEP else _upright(chart, size)


def _upright(chart: Chart, size: Size) -> Drawing:
    height, values = HEIGHTS[size.name], round_values(most_of(chart), chart.unit, size.most_steps)
    left = max(LEAST_LEFT, *(text_px(tick.label) + 10 for tick in ticks(values, chart.unit, 0, 1)))
    frame = Frame(left, TOP, size.width - 10, height - LOWER_AXIS - (YEARS if is_two_years(chart) else 0))
    band, shown = frame.width / len(chart.labels), measured(chart)
    width = band * FILLED / len(shown)
    bars = []
    for turn, (number, series) in enumerate(shown):
        boxes = []
        for at, value in enumerate(series):
            if value:
                x = frame.left + band * (at + (1 - FILLED) / 2) + width * turn
                y = place(value, values[-1], frame.bottom, frame.top)
                boxes.append(Box(round(x, 1), y, round(max(width, 0.8), 1), round(frame.bottom - y, 1)))
        bars.append(Bars(number, tuple(boxes), ()))
    return Drawing(
        size=size,
        height=height,
        frame=frame,
        ticks=ticks(values, chart.unit, frame.bottom, frame.top),
        marks=marks(chart.axis, chart.labels, frame.left, band, size.width),
        bars=tuple(bars),
        columns=columns(chart, frame),
    )


def _lying(chart: Chart, size: Size) -> Drawing:
    """Without an upright axis: each bar has its value beside it."""
    row, most, kinds = ROW_PX[size.name], most_of(chart), len(chart.series)
    widest = max(text_px(value_words(value, chart.unit)) for one in chart.series for value in one.values)
    group = row * kinds + ROW_GAP_PX
    height = group * len(chart.labels) + ROW_GAP_PX
    left = max(text_px(mark_words(chart.axis, label)) for label in chart.labels) + 10
    frame = Frame(left, ROW_GAP_PX / 2, size.width - widest - 12, height - ROW_GAP_PX / 2)
    bars = []
    for number, series in enumerate(chart.series):
        boxes, texts = [], []
        for at, value in enumerate(series.values):
            y = frame.top + group * at + ROW_GAP_PX / 2 + row * number
            end = place(value or 0, most, frame.left, frame.right)
            title = f"{chart.labels[at]}, {series.label}: {value_words(value, chart.unit)}"
            boxes.append(Box(round(frame.left, 1), y, round(end - frame.left, 1), row - 2, title))
            texts.append(Text(round(end + 6, 1), y + row - 3, value_words(value, chart.unit)))
        bars.append(Bars(number, tuple(boxes), tuple(texts)))
    names = tuple(
        Text(round(left - 8, 1), frame.top + group * at + (group + 8) / 2, mark_words(chart.axis, label), "end")
        for at, label in enumerate(chart.labels)
    )
    return Drawing(size=size, height=height, frame=frame, bars=tuple(bars), names=names)
