"""A grid of hours and weekdays: the number in each field, and a square that grows and darkens with it."""

import math

from domain.reports import Chart, Value
from web.reports.drawings import Box, Cell, Drawing, Frame, Size, Text, most_of
from web.reports.words import point_words, short_count, value_words

LEVELS = 5
LEFT, TOP = 46, 24
#: Width and height of a field; on a narrow screen the hours go downwards, so that each has room for its number.
FIELDS = {"wide": (36, 32), "narrow": (42, 22)}


def draw_heat(chart: Chart, size: Size) -> Drawing:
    """Draw a grid."""
    width, height = FIELDS[size.name]
    most, cells = most_of(chart), []
    for row, series in enumerate(chart.series):
        for column, value in enumerate(series.values):
            x, y = (column, row) if size.is_wide else (row, column)
            title = f"{series.label}, {point_words(chart.axis, chart.labels[column])}: {value_words(value, chart.unit)}"
            cells.append(_cell(Box(LEFT + x * width, TOP + y * height, width, height, title), value, most))
    days = [one.label[:3] for one in chart.series]
    hours = [f"{int(label):02}" for label in chart.labels]
    across, down = (hours, days) if size.is_wide else (days, hours)
    frame = Frame(LEFT, TOP, LEFT + width * len(across), TOP + height * len(down))
    names = (
        *(Text(LEFT + width * (at + 0.5), TOP - 8, label, "middle") for at, label in enumerate(across)),
        *(Text(LEFT - 8, TOP + height * (at + 0.5) + 4, label, "end") for at, label in enumerate(down)),
    )
    return Drawing(size=size, height=int(frame.bottom) + 4, frame=frame, names=names, cells=tuple(cells))


def _cell(box: Box, value: Value, most: float) -> Cell:
    level = math.ceil(LEVELS * value / most) if value else 0
    gap = 1 + (LEVELS - level) * 0.8 if level else 1
    square = Box(
        round(box.x + gap, 1), round(box.y + gap, 1), round(box.width - 2 * gap, 1), round(box.height - 2 * gap, 1)
    )
    text = Text(box.x + box.width / 2, box.y + box.height / 2 + 4, short_count(value), "middle")
    return Cell(box, square, level, text)
