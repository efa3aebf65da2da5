"""When people write, and when the team works: local hours, a dip at lunch, weekends, growth, and one bad week."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000
#: How much is written in each hour of the day, and on each day of the week from Monday on.
BY_HOUR = (
    *(0.05, 0.03, 0.02, 0.02, 0.02, 0.04, 0.08, 0.2, 0.55, 1.0, 1.2, 1.15),
    *(0.7, 0.8, 1.05, 1.1, 1.0, 0.85, 0.6, 0.5, 0.5, 0.35, 0.2, 0.1),
)
BY_WEEKDAY = (1.15, 1.05, 1.0, 1.0, 0.95, 0.5, 0.4)
#: On the last day so many times as much is written as on the first.
GROWTH = 1.7
#: Where in the quarter the bad week is, as a share of it; replies take so many times as long, and more is written.
BAD_WEEK, BAD_WEEK_DAYS, BAD_WEEK_DELAY, BAD_WEEK_MORE = 0.6, 7, 7.0, 1.3
#: When the team works, from Monday on: hours of the day; Sunday is off.
SHIFTS = (*((9.0, 18.0),) * 5, (10.0, 14.0), None)
LUNCH = (12.5, 13.25)


@dataclass(frozen=True, slots=True)
class Quarter:
    """The days of a play. The last one is that of `now_ms`, and nothing happens later than that."""

    now_ms: int
    days: int
    zone: ZoneInfo

    @property
    def first_day(self) -> date:
        return self._local(self.now_ms).date() - timedelta(days=self.days - 1)

    def begins_ms(self, chance: random.Random, conversations: int) -> list[int]:
        """Return when so many conversations begin, in order."""
        weights = [self._weight(number) * chance.lognormvariate(0.0, 0.12) for number in range(self.days)]
        found: list[int] = []
        while len(found) < conversations:
            numbers = chance.choices(range(self.days), weights, k=conversations - len(found))
            moments = (self._moment_ms(number, chance) for number in numbers)
            found += [at_ms for at_ms in moments if at_ms <= self.now_ms]
        return sorted(found)

    def is_bad(self, at_ms: int) -> bool:
        """Tell whether it is the bad week."""
        return self._is_bad_day((self._local(at_ms).date() - self.first_day).days)

    def works_at(self, at_ms: int) -> bool:
        """Tell whether the team works at that moment."""
        local = self._local(at_ms)
        shift, hour = SHIFTS[local.weekday()], local.hour + local.minute / 60
        return shift is not None and shift[0] <= hour < shift[1] and not LUNCH[0] <= hour < LUNCH[1]

    def after_work(self, at_ms: int, work_ms: int) -> int:
        """Return when `work_ms` of the team's working time have passed since `at_ms`, to five minutes and the rest."""
        step_ms, left_ms = 5 * MINUTE_MS, work_ms
        while True:
            if not self.works_at(at_ms):
                at_ms += step_ms
            elif left_ms <= step_ms:
                return at_ms + left_ms
            else:
                at_ms, left_ms = at_ms + step_ms, left_ms - step_ms

    def _weight(self, number: int) -> float:
        growth = 1 + (GROWTH - 1) * number / max(self.days - 1, 1)
        weekday = BY_WEEKDAY[(self.first_day + timedelta(days=number)).weekday()]
        return growth * weekday * (BAD_WEEK_MORE if self._is_bad_day(number) else 1.0)

    def _is_bad_day(self, number: int) -> bool:
        first = int(self.days * BAD_WEEK)
        return self.days >= 4 * BAD_WEEK_DAYS and first <= number < first + BAD_WEEK_DAYS

    def _moment_ms(self, number: int, chance: random.Random) -> int:
        day = self.first_day + timedelta(days=number)
        [hour] = chance.choices(range(24), BY_HOUR)
        began = datetime(day.year, day.month, day.day, hour, tzinfo=self.zone)
        return int(began.timestamp() * 1000) + chance.randrange(HOUR_MS)

    def _local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000, self.zone)
