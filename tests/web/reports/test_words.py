"""How reports write numbers, changes and periods."""

from datetime import date

import pytest

from domain.periods import Period, Preset
from domain.reports import Axis, Number, Unit, Value
from web.reports.words import PRESETS, change_of, duration_words, period_words, point_words, short_count, value_words

VALUES: list[tuple[Value, Unit, str]] = [
    (None, Unit.COUNT, "–"),
    (0, Unit.COUNT, "0"),
    (1234567, Unit.COUNT, "1 234 567"),
    (0.1234, Unit.SHARE, "12.3 %"),
    (1.0, Unit.SHARE, "100.0 %"),
    (0, Unit.DURATION, "0 s"),
    (0.4, Unit.DURATION, "under 1 s"),
    (59_999, Unit.DURATION, "59 s"),
    (125_000, Unit.DURATION, "2 min 5 s"),
    (7_500_000, Unit.DURATION, "2 h 5 min"),
    (86_400_000, Unit.DURATION, "1 d"),
    (100 * 86_400_000 + 3_600_000, Unit.DURATION, "100 d 1 h"),
]


@pytest.mark.parametrize(("value", "unit", "words"), VALUES)
def test_a_value_is_written_with_its_unit(value: Value, unit: Unit, words: str) -> None:
    assert value_words(value, unit).replace("\u202f", " ") == words


def test_a_length_of_time_grows_in_words_as_it_does() -> None:
    assert [duration_words(ms).replace("\u202f", " ") for ms in (60_000, 3_599_000, 3_600_000)] == [
        "1 min",
        "59 min 59 s",
        "1 h",
    ]


def test_a_count_is_short_where_there_is_little_room() -> None:
    counts = (None, 0, 9999, 10_000, 123_456, 7_600_000)
    assert [short_count(one).replace("\u202f", " ") for one in counts] == ["–", "0", "9 999", "10k", "123k", "8M"]


CHANGES: list[tuple[Value, Value, Unit, str]] = [
    (112, 100, Unit.COUNT, "up 12 % more"),
    (88, 100, Unit.COUNT, "down 12 % fewer"),
    (5, 5, Unit.COUNT, "same no change"),
    (5, 0, Unit.COUNT, "up more, from 0"),
    (100_001, 100_000, Unit.COUNT, "up under 1 % more"),
    (20_000, 1, Unit.COUNT, "up 1 999 900 % more"),
    (30_000, 60_000, Unit.DURATION, "down 50 % shorter"),
    (0.125, 0.1, Unit.SHARE, "up 2.5 points more"),
    (0.1, 0.1001, Unit.SHARE, "down under 0.1 points less"),
]


@pytest.mark.parametrize(("value", "before", "unit", "words"), CHANGES)
def test_a_change_is_told_in_words(value: Value, before: Value, unit: Unit, words: str) -> None:
    change = change_of(Number(key="n", label="N", value=value, before=before, unit=unit))
    assert change and " ".join(change).replace("\u202f", " ") == words


@pytest.mark.parametrize(("value", "before"), [(None, 5), (5, None), (None, None)])
def test_there_is_no_change_from_or_to_what_was_not_measured(value: Value, before: Value) -> None:
    assert change_of(Number(key="n", label="N", value=value, before=before)) is None


def test_a_period_is_written_as_short_as_it_can_be() -> None:
    def words(first: str, last: str) -> str:
        return period_words(Period(date.fromisoformat(first), date.fromisoformat(last)))

    assert words("2026-11-22", "2026-11-22") == "Sunday, 22 November 2026"
    assert words("2026-11-16", "2026-11-22") == "16–22 November 2026"
    assert words("2026-10-16", "2026-11-22") == "16 October – 22 November 2026"
    assert words("2025-12-31", "2026-01-01") == "31 December 2025 – 1 January 2026"


def test_points_say_what_they_stand_for() -> None:
    assert point_words(Axis.DAY, "2026-11-22") == "Sun 22 Nov 2026"
    assert point_words(Axis.WEEK, "2026-11-16") == "Week from Mon 16 Nov 2026"
    assert point_words(Axis.HOUR, "23") == "23:00–24:00"
    assert point_words(Axis.STEP, "2–5 min") == "2–5 min"


def test_every_period_with_a_name_has_one_for_people() -> None:
    assert PRESETS.keys() == set(Preset)
