"""Durations as the counters keep them: in buckets that are each 4 % wider than the one before.

The middle of a bucket is at most 2 % from whatever was counted in it; store/lua/shared/counters.lua files by the same
rule.
"""

import math
from collections.abc import Sequence

WIDTH = 1.04
#: Buckets there are; the last one begins at two years.
BUCKETS = 640
#: Where the steps of the reports begin: 30 s, 2, 5, 10 and 30 min, 1 and 4 h, 1 and 3 d. Those are exact.
STEPS_MS = (30_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 14_400_000, 86_400_000, 259_200_000)


def bucket_of(ms: int) -> int:
    """Return the bucket that a duration falls into; what is longer than all of them falls into the last."""
    return min(int(math.log(max(ms, 1)) / math.log(WIDTH)), BUCKETS - 1)


def bucket_name(ms: int) -> str:
    """Return the bucket as counters name it: with a + where a step begins in it that `ms` is not below."""
    bucket = bucket_of(ms)
    return f"{bucket}+" if any(bucket == at and ms >= step for step, at in _STEP_BUCKETS) else str(bucket)


def read_bucket(name: str) -> int:
    """Return the number of a bucket of that name."""
    return int(name.removesuffix("+"))


def step_of(name: str) -> int:
    """Return how many of the steps are not above what is in a bucket of that name."""
    bucket, is_behind = read_bucket(name), name.endswith("+")
    return sum(bucket > at or (bucket == at and is_behind) for _, at in _STEP_BUCKETS)


def middle_ms(bucket: int) -> int:
    """Return the duration that stands for a bucket."""
    return round(math.pow(WIDTH, bucket + 0.5))


def percentile_ms(counts: Sequence[int], share: float) -> int | None:
    """Return the duration that `share` of all are not longer than (0.5 is the median), within 2 %; None of none.

    counts: how many fell into each bucket. It is the smallest one at which the share is reached (nearest rank).
    """
    total = sum(counts)
    rank = max(math.ceil(share * total), 1)
    reached = 0
    for bucket, count in enumerate(counts):
        reached += count
        if count and reached >= rank:
            return middle_ms(bucket)
    return None


_STEP_BUCKETS = tuple((step, bucket_of(step)) for step in STEPS_MS)
