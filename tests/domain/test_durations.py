"""Durations in buckets: what is read from them is at most 2 % from what is exact."""

import math
from collections import Counter
from fractions import Fraction

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from domain.durations import (
    BUCKETS,
    STEPS_MS,
    bucket_name,
    bucket_of,
    middle_ms,
    percentile_ms,
    read_bucket,
    step_of,
)

#: A busy machine is no mistake of ours.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
TWO_YEARS_MS = 730 * DAY_MS
#: Of every size, not mostly long ones.
durations = st.one_of(st.integers(0, 100), st.integers(0, HOUR_MS), st.integers(0, TWO_YEARS_MS))


def is_near(found_ms: int, exact_ms: int) -> bool:
    """Within 2 %, as near as a whole number of milliseconds can be; nothing at all counts as one."""
    exact_ms = max(exact_ms, 1)
    return abs(found_ms - exact_ms) <= 0.02 * exact_ms + 0.5


def histogram(values_ms: list[int]) -> list[int]:
    counted = Counter(map(bucket_of, values_ms))
    return [counted[number] for number in range(BUCKETS)]


@untimed
@given(durations)
def test_the_middle_of_its_bucket_is_at_most_2_percent_from_a_duration(ms: int) -> None:
    bucket = bucket_of(ms)
    assert 0 <= bucket < BUCKETS and is_near(middle_ms(bucket), ms)
    assert bucket_of(middle_ms(bucket)) == bucket or ms < 50, "of the shortest there is not one for each bucket"


@untimed
@given(durations, durations)
def test_a_longer_duration_never_falls_into_an_earlier_bucket(one: int, other: int) -> None:
    assert bucket_of(min(one, other)) <= bucket_of(max(one, other))


@pytest.mark.parametrize("ms", [-1, 0, 1])
def test_nothing_is_shorter_than_the_first_bucket(ms: int) -> None:
    assert bucket_of(ms) == 0


@pytest.mark.parametrize("ms", [10 * TWO_YEARS_MS, 10**15])
def test_what_is_longer_than_all_falls_into_the_last(ms: int) -> None:
    assert bucket_of(ms) == BUCKETS - 1 and middle_ms(BUCKETS - 1) > TWO_YEARS_MS


@untimed
@given(st.lists(durations, min_size=1, max_size=200), st.sampled_from(["0.5", "0.9", "0.01", "0.25", "1"]))
def test_a_percentile_is_at_most_2_percent_from_the_exact_one(values_ms: list[int], share: str) -> None:
    rank = max(math.ceil(Fraction(share) * len(values_ms)), 1)
    exact = sorted(values_ms)[rank - 1]
    found = percentile_ms(histogram(values_ms), float(share))
    assert found is not None and is_near(found, exact)


@pytest.mark.parametrize("share", ["0.5", "0.9"])
def test_the_rank_is_exact_for_any_number_of_durations(share: str) -> None:
    for total in range(1, 20_001):
        reached = math.ceil(Fraction(share) * total)
        # As many in the first bucket as are needed, or one too few.
        for enough in (reached, reached - 1):
            counts = [enough, *([0] * 99), total - enough]
            assert percentile_ms(counts, float(share)) == middle_ms(0 if enough == reached else 100), total


def test_of_none_there_is_no_percentile() -> None:
    assert percentile_ms([], 0.5) is None
    assert percentile_ms([0] * BUCKETS, 0.9) is None


def test_a_percentile_never_lies_in_an_empty_bucket() -> None:
    counts = [0] * BUCKETS
    counts[100], counts[300] = 1, 1
    shares = (0.0, 0.5, 0.51, 0.9, 1.0)
    assert [percentile_ms(counts, share) for share in shares] == [middle_ms(n) for n in (100, 100, 300, 300, 300)]


@untimed
@given(st.one_of(durations, st.sampled_from([edge + by for edge in STEPS_MS for by in (-1, 0, 1)])))
def test_between_which_steps_a_duration_lies_is_exact(ms: int) -> None:
    name = bucket_name(ms)
    assert read_bucket(name) == bucket_of(ms)
    assert step_of(name) == sum(ms >= edge for edge in STEPS_MS)
