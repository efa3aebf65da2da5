"""How a report's summary of a day is written in Redis and read back."""

import zlib
from array import array

import msgspec

from domain.durations import BUCKETS
from domain.summaries import LONGEST_GAP, Summary


class _Stored(msgspec.Struct, array_like=True):
    until: int
    counts: dict[str, int]
    longest: dict[str, int]
    buckets: dict[str, bytes]
    gaps: dict[str, bytes]


def encode_summary(until: int, summary: Summary) -> bytes:
    """Return a summary and the quarter of an hour that it goes up to. Lists are dense, so that each costs the same."""
    stored = _Stored(
        until,
        summary.counts,
        summary.longest,
        {key: counts.tobytes() for key, counts in summary.buckets.items()},
        {key: counts.tobytes() for key, counts in summary.gaps.items()},
    )
    return zlib.compress(msgspec.msgpack.encode(stored), 1)


def decode_summary(stored: bytes) -> tuple[int, Summary]:
    """Read both back."""
    found = msgspec.msgpack.decode(zlib.decompress(stored), type=_Stored)
    buckets = {key: _list(counts, BUCKETS) for key, counts in found.buckets.items()}
    gaps = {key: _list(counts, LONGEST_GAP + 1) for key, counts in found.gaps.items()}
    return found.until, Summary(found.counts, found.longest, buckets, gaps)


def _list(stored: bytes, length: int) -> "array[int]":
    counts = array("I")
    counts.frombytes(stored)
    assert len(counts) == length
    return counts
