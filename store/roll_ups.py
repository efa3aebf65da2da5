"""What was counted in each quarter of an hour, summed up over the partitions to days of the platform's time zone.

The quarters are what counts: days are made from them, at any time again. A day that is over for an hour is final; of
another the finished quarters are summed up already, so that a report reads few of them.
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from domain.days import add_quarter
from domain.metrics import Filters, ReportName
from domain.periods import QUARTER_MS, day_of, quarters_of
from domain.summaries import summarize
from store.base import StoreBase
from store.summary_words import encode_summary

#: One worker sums up at a time.
CLAIM_S = 14
#: A process that was stopped for a moment may still count in a quarter that is over; for a whole day much later.
QUARTER_REST_MS = 120_000
DAY_REST_MS = 3_600_000
#: So many quarters are read in one round trip.
BATCH = 24
#: Behind the date of a day that is not final.
PARTIAL = "~"


class Day(NamedTuple):
    """The counters of a local day up to a quarter of an hour."""

    until: int
    counters: dict[str, int]
    is_final: bool = False


class Sums(NamedTuple):
    """What there is to be summed up.

    since: the first quarter of an hour that anything can have been counted in. generation: part of the names under
    which sums are kept; whoever began with an older one writes where nobody reads.
    """

    since: int
    generation: int


class RollUps(StoreBase):
    """Days made from quarters of an hour."""

    def start(self) -> None:
        """Be ready, and remember since when there is something to sum up. Raises StoreError, ConfigError."""
        super().start()
        self.sums()

    def claim_roll_up(self) -> bool:
        """Take this quarter of a minute's look; False when somebody has it. Raises StoreError."""
        return bool(self.connection.command(lambda client: client.set(self.keys.roll_up, "1", nx=True, ex=CLAIM_S)))

    def sums(self) -> Sums:
        """Return since when there is something, and the generation. Raises StoreError."""
        key, now_ms = self.keys.sums, self.now_ms()
        since, generation = self.connection.command(lambda client: client.hmget(key, "since", "generation"))
        if since is None or int(since) * QUARTER_MS > now_ms:
            # Not known yet, or written while the clock was ahead.
            first = min([*self._first_contacts(), now_ms]) // QUARTER_MS
            write = "hsetnx" if since is None else "hset"
            self.connection.command(lambda client: getattr(client, write)(key, "since", first))
            since = first
        return Sums(int(since), int(generation or 0))

    def days_to_sum_up(self, zone: ZoneInfo) -> list[date]:
        """Return the days that are not final, the latest first; today is always among them. Raises StoreError."""
        sums, now_ms = self.sums(), self.now_ms()
        today, final = day_of(now_ms, zone), self._final_days(zone, sums)
        if not all(is_over(day, zone, now_ms) for day in final):
            # Called final while the clock was ahead: nobody knows what else was, of this zone or another one.
            self.forget_sums(now_ms)
            sums, final = self.sums(), set()
        first = day_of(sums.since * QUARTER_MS, zone)
        days = (today - timedelta(days=number) for number in range(max((today - first).days, 0) + 1))
        return [day for day in days if day not in final]

    def sum_up_day(self, day: date, zone: ZoneInfo) -> None:
        """Sum up a day as far as it is over, and what every report needs of it. May be repeated. Raises StoreError."""
        # Before anything is read: what is counted in the past from here on begins another generation.
        generation = self.sums().generation
        now_ms, quarters = self.now_ms(), quarters_of(day, zone)
        is_final = is_over(day, zone, now_ms)
        until = min((now_ms - QUARTER_REST_MS) // QUARTER_MS, quarters.stop)
        # What is final is counted once more from the beginning: whatever came late is in it.
        before = None if is_final else self._summed_day(day, zone, generation)
        counted = before if before and before.until * QUARTER_MS <= now_ms else Day(quarters.start, {})
        if not is_final and until <= counted.until:
            return
        for quarter, counters in self.quarters(range(counted.until, until)):
            add_quarter(counted.counters, counters, quarter, day, zone)
        self._write_day(Day(max(until, quarters.start), counted.counters, is_final), day, zone, generation)

    def quarters(self, numbers: Sequence[int]) -> Iterable[tuple[int, dict[str, int]]]:
        """Yield what was counted in quarters of an hour, over all partitions. Raises StoreError."""
        for start in range(0, len(numbers), BATCH):
            some = numbers[start : start + BATCH]
            keys = [self.keys.stats(partition, quarter) for quarter in some for partition in self.keys.each()]
            answers = self.connection.command(partial(_read_hashes, keys))
            for place, quarter in enumerate(some):
                for counted in answers[place * self.keys.partitions : (place + 1) * self.keys.partitions]:
                    if counted:
                        yield quarter, {name: int(count) for name, count in counted.items()}

    def forget_sums(self, since_ms: int) -> None:
        """Sum up everything anew, from `since_ms` on or from before: something was counted in the past.

        Raises StoreError.
        """
        key, since = self.keys.sums, min(self.sums().since, since_ms // QUARTER_MS)

        def forget(client: Any) -> None:
            pipeline = client.pipeline()
            pipeline.hset(key, "since", since)
            pipeline.hincrby(key, "generation", 1)
            pipeline.execute()
            generation = client.hget(key, "generation")
            for beginning in (self.keys.all_days, self.keys.all_summaries):
                for name in client.scan_iter(match=f"{beginning}*", count=1000):
                    if not name.startswith(f"{beginning}{generation}:"):
                        client.unlink(name)

        self.connection.command(forget)

    def _summed_day(self, day: date, zone: ZoneInfo, generation: int) -> Day | None:
        """The day as far as it was summed up last."""
        names = (day.isoformat(), f"{day.isoformat()}{PARTIAL}")
        key = self.keys.days(zone.key, generation)
        found: list[bytes | None] = self.connection.command(
            lambda client: client.execute_command("HMGET", key, *names, NEVER_DECODE=True)
        )
        stored = found[0] or found[1]
        return msgspec.msgpack.decode(zlib.decompress(stored), type=Day) if stored else None

    def _write_day(self, day: Day, date_of: date, zone: ZoneInfo, generation: int) -> None:
        name, is_final = date_of.isoformat(), day.is_final
        field = name if is_final else f"{name}{PARTIAL}"
        summaries = {report: summarize(day.counters, report, Filters()) for report in ReportName}

        def write(client: Any) -> None:
            pipeline = client.pipeline()
            # First what the reports read: while the day is not there it is summed up again.
            for report, summary in summaries.items():
                key = self.keys.summaries(zone.key, generation, report, "")
                pipeline.hset(key, field, encode_summary(day.until, summary))
                if is_final:
                    pipeline.hdel(key, f"{name}{PARTIAL}")
            key = self.keys.days(zone.key, generation)
            pipeline.hset(key, field, zlib.compress(msgspec.msgpack.encode(day), 1))
            if is_final:
                pipeline.hdel(key, f"{name}{PARTIAL}")
            pipeline.execute()

        self.connection.command(write)

    def _final_days(self, zone: ZoneInfo, sums: Sums) -> set[date]:
        key = self.keys.days(zone.key, sums.generation)
        names: list[str] = self.connection.command(lambda client: client.hkeys(key))
        return {date.fromisoformat(name) for name in names if not name.endswith(PARTIAL)}

    def _first_contacts(self) -> list[int]:
        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zrange(self.keys.contacts(partition), 0, 0, withscores=True)
            return pipeline.execute()

        return [int(at_ms) for found in self.connection.command(read) for _, at_ms in found]


def is_over(day: date, zone: ZoneInfo, now_ms: int) -> bool:
    """Tell whether a day ended so long ago that nothing is counted on it any more."""
    return now_ms >= quarters_of(day, zone).stop * QUARTER_MS + DAY_REST_MS


def _read_hashes(keys: list[str], client: Any) -> list[dict[str, str]]:
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.hgetall(key)
    return list(pipeline.execute())
