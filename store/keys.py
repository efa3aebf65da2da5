"""The name of every key, in one place.

Everything of one contact, and the indexes that change with it, carries its partition's hash tag, so that one script
reaches all of it, on one server and on a cluster.
"""

import zlib
from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import lru_cache

#: Tags that lie evenly over a cluster's 16,384 slots; the first 2, 4, 8 … of them do, too. Never change one.
TAGS: tuple[str, ...] = (
    *("bl", "bj", "cs", "bk", "c2", "eg", "ja", "c5", "aa", "ag", "g3", "af", "f", "fj", "fm", "a"),
    *("e0", "ce", "cb", "bz", "dn", "ev", "do", "di", "ap", "1", "6", "aw", "w", "a6", "a1", "p"),
    *("bd", "d1", "d6", "bc", "dw", "eo", "eh", "dp", "ai", "op", "ow", "an", "n", "fb", "fe", "i"),
    *("bu", "cm", "bt", "br", "df", "b3", "b4", "b2", "ax", "9", "ay", "8", "gk", "fs", "a9", "x"),
)
WAKE_CHANNEL = "markdone:wake"
QUARTER_MS = 900_000


class Keys:
    """Key names for a store of `partitions` partitions (1 to 64)."""

    def __init__(self, partitions: int) -> None:
        if not 1 <= partitions <= len(TAGS):
            raise ValueError(f"a store has 1 to {len(TAGS)} partitions")
        self.partitions = partitions
        self._prefixes = [f"{{{tag}}}" for tag in TAGS[:partitions]]

    def partition(self, contact: str) -> int:
        """Return the partition that holds this contact."""
        return zlib.crc32(contact.encode()) % self.partitions

    def each(self) -> Iterator[int]:
        """Yield every partition's number."""
        yield from range(self.partitions)

    def of_contact(self, contact: str, day: str, quarter: str) -> list[str]:
        """Return KEYS[1..15] of the scripts about one contact, as store/lua/shared/contact_keys.lua lists them."""
        p = self._prefixes[self.partition(contact)]
        return [
            f"{p}contact:{contact}",
            f"{p}open:{contact}",
            f"{p}closed:{contact}",
            f"{p}timeline:{contact}",
            f"{p}pending:{contact}",
            f"{p}due",
            f"{p}inbox",
            f"{p}inbox:unassigned",
            f"{p}inbox:needs_person",
            f"{p}mine",
            f"{p}closed",
            f"{p}contacts",
            f"{p}late",
            f"{p}stats:{day}",
            f"{p}stats:{quarter}",
        ]

    def contact(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}contact:{contact}"

    def open(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}open:{contact}"

    def closed(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}closed:{contact}"

    def timeline(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}timeline:{contact}"

    def early(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}early:{contact}"

    def seen(self, contact: str, hour: int) -> str:
        return f"{self._prefixes[self.partition(contact)]}seen:{hour}"

    def welcome(self, contact: str, token: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}welcome:{token}"

    def due(self, partition: int) -> str:
        return f"{self._prefixes[partition]}due"

    def inbox(self, partition: int) -> str:
        return f"{self._prefixes[partition]}inbox"

    def closed_index(self, partition: int) -> str:
        return f"{self._prefixes[partition]}closed"

    def contacts(self, partition: int) -> str:
        return f"{self._prefixes[partition]}contacts"

    def pause(self, channel: str) -> str:
        return f"{self._prefixes[0]}pause:{channel}"

    @property
    def rejected(self) -> str:
        return f"{self._prefixes[0]}rejected"

    @property
    def settings(self) -> str:
        return f"{self._prefixes[0]}settings"

    @property
    def partition_count(self) -> str:
        """Not tagged by number of partitions: it is what tells how many there are."""
        return f"{{{TAGS[0]}}}partitions"


def stats_names(at_ms: int, zone: tzinfo) -> tuple[str, str]:
    """Return the names of the local day and of the quarter of an hour that `at_ms` falls into."""
    return _stats_names(at_ms // QUARTER_MS, zone)


@lru_cache(maxsize=16)
def _stats_names(quarter: int, zone: tzinfo) -> tuple[str, str]:
    # No time zone changes its day within a quarter of an hour: offsets are multiples of it.
    day = datetime.fromtimestamp(quarter * QUARTER_MS / 1000, zone).date().isoformat()
    return day, str(quarter)
