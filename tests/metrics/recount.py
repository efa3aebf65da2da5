"""Every metric of docs/metrics.md once more, slowly and plainly, from what happened to each contact.

It shares nothing with the code that sums up: no quarters of an hour, no buckets; a day is what the zone's own rules
say, and different contacts are a set.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.metrics.timelines import Fact

#: By what each metric can be limited.
KNOWS = {
    "opened": {"channel", "source", "user"},
    "closed": {"channel", "source", "user", "category"},
    "first_response": {"channel", "user"},
    "response": {"channel", "user"},
    "message": {"channel", "user"},
    "assigned": {"channel", "source", "user"},
    "handed_off": {"channel"},
    "answered": {"channel"},
    "solved_by_bot": {"channel"},
    "contact_opened": {"channel"},
    "contact_closed": {"channel"},
    "contact_closed_by": {"channel", "user"},
}
#: What a source of each can be; by another one it cannot be limited.
SOURCES = {
    "opened": "contact welcome_event user automation dialogflow api",
    "closed": "user automation dialogflow api auto_close contact_merge",
    "assigned": "user api automation kept deactivated",
}


@dataclass(frozen=True)
class Counted:
    """What happened on the local days from `first` to `last`, as far as filters let through."""

    facts: Sequence[Fact]
    first: date
    last: date
    zone: ZoneInfo
    filters: Mapping[str, str] = field(default_factory=dict)

    def knows(self, what: str) -> bool:
        source = self.filters.get("source")
        is_own = source is None or source in SOURCES.get(what, "").split()
        return is_own and self.filters.keys() <= KNOWS[what]

    def found(self, what: str) -> list[Fact]:
        if not self.knows(what):
            return []
        return [
            fact
            for fact in self.facts
            if fact.what == what
            and self.first <= self.day(fact.at_ms) <= self.last
            and all(fact.values[name] == value for name, value in self.filters.items())
        ]

    def day(self, at_ms: int) -> date:
        return self.local(at_ms).date()

    def local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000, self.zone)

    def value(self, fact: Fact, name: str) -> str:
        return str(self.local(fact.at_ms).hour) if name == "hour" else fact.values[name]

    def count(self, what: str, *by: str) -> dict[str, int]:
        """How often, by the values of some dimensions, parted by `|`."""
        return dict(Counter("|".join(self.value(fact, name) for name in by) for fact in self.found(what)))

    def sum_ms(self, what: str, *by: str) -> dict[str, int]:
        sums: Counter[str] = Counter()
        for fact in self.found(what):
            sums["|".join(self.value(fact, name) for name in by)] += fact.ms
        return dict(sums)

    def durations(self, what: str) -> list[int]:
        return sorted(fact.ms for fact in self.found(what))

    def longest(self, what: str, by: str) -> dict[str, int]:
        longest: dict[str, int] = {}
        for fact in self.found(what):
            longest[fact.values[by]] = max(longest.get(fact.values[by], 0), fact.ms)
        return longest

    def contacts(self, what: str, *by: str) -> dict[str, int]:
        """Different contacts; of openings only whose opening before was before these days."""
        seen: dict[str, set[int]] = {}
        for fact in self.found(what):
            if fact.before_ms is None or self.day(fact.before_ms) < self.first:
                seen.setdefault("|".join(fact.values[name] for name in by), set()).add(fact.who)
        return {key: len(who) for key, who in seen.items()}

    def by_weekday_and_hour(self, what: str) -> dict[tuple[int, int], int]:
        moments = (self.local(fact.at_ms) for fact in self.found(what))
        return dict(Counter((moment.weekday(), moment.hour) for moment in moments))


def percentile(durations: Sequence[int], share: float) -> int | None:
    """The smallest one that `share` of them do not exceed."""
    return durations[max(math.ceil(share * len(durations)), 1) - 1] if durations else None
