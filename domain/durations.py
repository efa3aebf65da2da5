"""Durations as the counters keep them: in buckets that are each 4 % wider than the one before.

The middle of a bucket is at most 2 % from whatever was counted in it; store/lua/shared/counters.lua files by the same
rule.
"""

import math
from collections.abc import Sequence

WIDTH = 1.04
#: Buckets there are; the last one begins at two years.
BUCKETS = 640


def bucket_of(ms: int) -> int:
    """Return the bucket that a duration falls into; what is longer than all of them falls into the last."""
    return min(int(math.log(max(ms, 1)) / math.log(WIDTH)), BUCKETS - 1)


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


def count_below(counts: Sequence[int], edges_ms: Sequence[int]) -> list[int]:
    """Return how many were below each edge but not below the one before, and how many above the last."""
    steps = [0] * (len(edges_ms) + 1)
    ends = [*(_first_not_below(edge) for edge in edges_ms), len(counts)]
    begin = 0
    for step, end in enumerate(ends):
        steps[step] = sum(counts[begin:end])
        begin = end
    return steps


def _first_not_below(edge_ms: int) -> int:
    """The first bucket whose middle is not below the edge."""
    bucket = max(bucket_of(edge_ms) - 1, 0)
    while middle_ms(bucket) < edge_ms:
        bucket += 1
    return bucket
