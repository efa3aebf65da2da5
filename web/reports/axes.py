"""Where the marks of an axis stand: at round values, and as many as there is room for."""

import math
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from domain.reports import Axis, Unit
from web.reports.words import mark_words, value_words

#: An estimate that no letter but the widest exceeds, at the 12 px that charts are written in.
LETTER_PX = 6.8
_SECOND, _MINUTE, _HOUR, _DAY = 1000, 60_000, 3_600_000, 86_400_000
#: What people count durations in; beyond it days by tens.
_DURATION_STEPS = (
    *(n * _SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 5)),
)
#: Every so many points have a mark.
_STRIDES = {
    Axis.DAY: (1, 2, 7, 14, 28, 56, 112),
    Axis.WEEK: (1, 2, 4, 8, 13, 26),
    Axis.HOUR: (1, 2, 3, 4, 6, 12),
}


class Tick(NamedTuple):
    """A mark of an axis: where it is, in the units of the drawing, and what is written there."""

    at: float
    label: str


class Mark(NamedTuple):
    """A mark of the lower axis; year stands below where another one begins."""

    at: float
    label: str
    year: str


def text_px(text: str) -> float:
    """Return how wide a text is at most, nearly."""
    return len(text) * LETTER_PX


def round_values(most: float, unit: Unit, most_steps: int) -> list[float]:
    """Return the values at which an axis has its marks: from 0 in equal steps to what is not below `most`."""
    step = _step(most / most_steps, unit)
    return [step * number for number in range(max(math.ceil(most / step - 1e-9), 1) + 1)]


def ticks(values: Sequence[float], unit: Unit, begin: float, end: float) -> tuple[Tick, ...]:
    """Return the marks of values between two places of the drawing."""
    return tuple(Tick(place(value, values[-1], begin, end), _tick_words(value, unit)) for value in values)


def place(value: float, most: float, begin: float, end: float) -> float:
    """Return where a value stands between two places of the drawing, rounded as it is written."""
    return round(begin + (end - begin) * value / most, 1)


def marks(axis: Axis, labels: Sequence[str], begin: float, band: float, room: float) -> tuple[Mark, ...]:
    """Return the marks of points that stand in bands side by side; left out are those that there is no room for.

    room: what is written ends before it.
    """
    widest = max((text_px(mark_words(axis, label)) for label in labels), default=0) + 14
    needed = math.ceil(widest / band)
    strides = _STRIDES.get(axis, (1,))
    stride = next((one for one in strides if one >= needed), max(needed, strides[-1]))
    shown = [index for index in range(0, len(labels), stride) if begin + band * (index + 0.5) + widest / 2 - 7 <= room]
    years = [labels[index][:4] if axis in (Axis.DAY, Axis.WEEK) else "" for index in shown]
    is_new = [len(set(years)) > 1 and (not at or years[at - 1] != year) for at, year in enumerate(years)]
    return tuple(
        Mark(round(begin + band * (index + 0.5), 1), mark_words(axis, labels[index]), year if new else "")
        for index, year, new in zip(shown, years, is_new, strict=True)
    )


def _step(least: float, unit: Unit) -> float:
    if unit is Unit.DURATION:
        return next((step for step in _DURATION_STEPS if step >= least), _DAY * _decimal_step(least / _DAY, 10))
    return _decimal_step(least, 1) if unit is Unit.COUNT else _decimal_step(least * 100, 1) / 100


def _decimal_step(least: float, smallest: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, … that is not below."""
    steps: Iterator[int] = (digit * int(10**power) for power in count() for digit in (1, 2, 5))
    return next(step for step in steps if step >= max(least, smallest))


def _tick_words(value: float, unit: Unit) -> str:
    return f"{value * 100:.0f} %" if unit is Unit.SHARE else value_words(value, unit)
