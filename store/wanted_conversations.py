"""Which conversations stand behind a number of a report, and places in a list of them."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.errors import BadPayload
from domain.metrics import Filters
from domain.models import ClosedConversation, Conversation, Source
from domain.periods import Period, begin_ms

_PLACE = re.compile(r"(\d{1,15})\.(\d{1,2}|c)\.(\d{1,15})\.((?:[a-z2-7]{24}-\d{1,11})?)", re.ASCII)


class What(StrEnum):
    """What happened to a conversation in the period."""

    OPENED = "opened"
    CLOSED = "closed"
    RESPONDED = "responded"  # it got its first response


@dataclass(frozen=True)
class Wanted:
    """Which conversations: to which of them something happened in whole days of a time zone, and filters.

    Filters are those of docs/metrics.md: source and user are of what happened, the category is of the closing note.
    """

    what: What
    period: Period
    zone: ZoneInfo
    filters: Filters = Filters()  # noqa: RUF009  (frozen)

    def __post_init__(self) -> None:
        if self.what is What.RESPONDED and (self.filters.source or self.filters.user):
            raise BadPayload("First responses cannot be listed by source or by user; leave those filters out.")

    @cached_property
    def start_ms(self) -> int:
        """The period's first moment."""
        return begin_ms(self.period.first, self.zone)

    @cached_property
    def stop_ms(self) -> int:
        """The first moment after the period."""
        return begin_ms(self.period.last + timedelta(days=1), self.zone)

    def fits(self, one: Conversation) -> bool:
        """Tell whether a conversation is one of those."""
        at_ms, source, by = self._happened(one)
        note = (one.note or {}) if isinstance(one, ClosedConversation) else {}
        wanted = self.filters
        return (
            at_ms is not None
            and self.start_ms <= at_ms < self.stop_ms
            and (not wanted.channel or one.channel == wanted.channel)
            and (not wanted.source or source == wanted.source)
            and (not wanted.user or (source is Source.USER and (by or {}).get("id") == wanted.user))
            and (not wanted.category or note.get("category") == wanted.category)
        )

    def _happened(self, one: Conversation) -> tuple[int | None, Source | None, dict[str, Any] | None]:
        if self.what is What.OPENED:
            return one.opened_at_ms, one.source, one.by
        if self.what is What.RESPONDED:
            return one.first_response_at_ms, None, None
        if isinstance(one, ClosedConversation):
            return one.closed_at_ms, one.closed_source, one.closed_by
        return None, None, None


class Place(NamedTuple):
    """Right behind a conversation. member: its id.

    horizon_ms: what closed up to then is found by the index, in the order of score. partition: whose contacts are
    looked at after that, in the order of their ids; None while the index is read.
    """

    horizon_ms: int
    partition: int | None
    score: int
    member: str

    def __str__(self) -> str:
        return f"{self.horizon_ms}.{'c' if self.partition is None else self.partition}.{self.score}.{self.member}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read what str() wrote. Raises BadPayload for everything else."""
        found = _PLACE.fullmatch(text)
        if not found:
            raise BadPayload("That is no place in a list of conversations; begin anew without it.")
        return cls(int(found[1]), None if found[2] == "c" else int(found[2]), int(found[3]), found[4])


class Found(NamedTuple):
    """A conversation. contact: on whose timeline it stands; person: who that is part of by now, and their name."""

    contact: str
    conversation: Conversation
    place: Place
    person: str = ""
    name: str = ""


class Step(NamedTuple):
    """Some of the conversations. looked_at: how many were read for them; next: where it goes on, None at the end."""

    found: list[Found]
    looked_at: int
    next: Place | None
