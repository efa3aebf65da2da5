"""What reports read: a summary for each day, there already for days that are over, made and kept where filters ask."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from domain.days import add_quarter
from domain.metrics import Filters, ReportName
from domain.periods import QUARTER_MS, Period, day_of, quarters_of
from domain.summaries import Summary, join, summarize
from store.base import digest
from store.roll_ups import PARTIAL, RollUps, is_over
from store.summary_words import decode_summary, encode_summary

#: What filters asked for is kept so long after it was last asked for.
KEPT_S = 35 * 24 * 3600
#: A busy team's day takes some 50 ms for filters that nobody asked for before.
MOST_NEW_DAYS = 6
#: More than a day's quarters are not summed up while somebody waits.
MOST_QUARTERS = 104


@dataclass(frozen=True, slots=True)
class Summaries:
    """One for each day of a period. missing: so many days are not summed up yet, and empty here: ask again."""

    days: dict[date, Summary]
    missing: int
    since: date  # nothing was counted before


class Reports(RollUps):
    """Reads days."""

    def summaries(
        self, report: ReportName, period: Period, zone: ZoneInfo, filters: Filters, *, most_days: int = MOST_NEW_DAYS
    ) -> Summaries:
        """Return what a report needs of each day of a period.

        most_days: of the days that nobody asked for with these filters before, so many are made now. Raises StoreError.
        """
        sums, now_ms = self.sums(), self.now_ms()
        today, since = day_of(now_ms, zone), day_of(sums.since * QUARTER_MS, zone)
        wanted = [day for day in period.days() if since <= day <= today]
        key = self.keys.summaries(zone.key, sums.generation, report, filter_words(filters))
        found = {day: Summary() for day in period.days()}
        made: dict[str, bytes] = {}
        left, quarters = 0, MOST_QUARTERS
        # The latest first: where not all can be had at once, today is not what is left out.
        for day, final, partial in reversed(self._read_stored_days(key, wanted)):
            may_be_final = is_over(day, zone, now_ms)
            if final and may_be_final:
                found[day] = decode_summary(final)[1]
                continue
            until, summary, is_final = quarters_of(day, zone).start, Summary(), False
            if partial:
                until, summary = decode_summary(partial)
            elif filters and len(made) >= most_days:
                left += 1
                found[day] = Summary(is_known=False)
                continue
            elif filters and (counted := self._summed_day(day, zone, sums.generation)):
                until, summary = counted.until, summarize(counted.counters, report, filters)
                is_final = counted.is_final and may_be_final
                if is_final:
                    made[day.isoformat()] = encode_summary(until, summary)
            end = min(now_ms // QUARTER_MS + 1, quarters_of(day, zone).stop)
            if until > end:  # summed up while the clock was ahead
                until, summary = quarters_of(day, zone).start, Summary()
            if not is_final and end > until:
                quarters -= end - until
                if quarters < 0:
                    left += 1
                    found[day] = Summary(is_known=False)
                    continue
                summary = join(summary, summarize(self._count_rest(day, zone, until, end), report, filters))
            found[day] = summary
        if made:
            self._keep_summaries(key, made)
        return Summaries(found, left, since)

    def _read_stored_days(self, key: str, days: list[date]) -> list[tuple[date, bytes | None, bytes | None]]:
        if not days:
            return []
        names = [day.isoformat() for day in days]
        fields = [*names, *(f"{name}{PARTIAL}" for name in names)]
        found: list[bytes | None] = self.connection.command(
            lambda client: client.execute_command("HMGET", key, *fields, NEVER_DECODE=True)
        )
        return list(zip(days, found[: len(days)], found[len(days) :], strict=True))

    def _count_rest(self, day: date, zone: ZoneInfo, start: int, stop: int) -> dict[str, int]:
        counters: dict[str, int] = {}
        for quarter, counted in self.quarters(range(start, stop)):
            add_quarter(counters, counted, quarter, day, zone)
        return counters

    def _keep_summaries(self, key: str, made: dict[str, bytes]) -> None:
        def keep(client: Any) -> None:
            pipeline = client.pipeline()
            pipeline.hset(key, mapping=made)
            pipeline.expire(key, KEPT_S)
            pipeline.execute()

        self.connection.command(keep)


def filter_words(filters: Filters) -> str:
    """Return what stands for filters in a key; nothing for none."""
    return digest("\n".join(f"{name}={value}" for name, value in filters.given().items())).hex() if filters else ""
