"""The part of the conversations behind a number that fits on pages: read as far as it goes fast, sorted, in pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.models import ClosedConversation, Conversation
from store import Found, Store, Wanted, What

#: So many are read and sorted; of those that filters leave out, more are looked through.
MOST_FOUND, MOST_LOOKED_AT = 500, 1_500

SORTS: dict[str, Callable[[Conversation], int | None]] = {
    "opened": lambda one: one.opened_at_ms,
    "closed": lambda one: one.closed_at_ms if isinstance(one, ClosedConversation) else None,
    "resolution_time": lambda one: one.resolution_ms if isinstance(one, ClosedConversation) else None,
    "first_response_time": lambda one: one.first_response_ms,
    "messages": lambda one: one.incoming + one.outgoing,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Conversations as they were read. next: where the others begin; empty where these are all."""

    found: list[Found]
    looked_at: int
    next: str


def read_sample(store: Store, wanted: Wanted, after: str = "") -> Sample:
    """Read what fits, in the order in which it is found soonest. Raises StoreError, BadPayload."""
    is_latest = begins_with_latest(store, wanted)
    steps = store.latest_first(wanted, after) if is_latest else store.conversation_steps(wanted, after)
    found: list[Found] = []
    looked_at, place = 0, None
    for step in steps:
        found += step.found
        looked_at, place = looked_at + step.looked_at, step.next
        if len(found) > MOST_FOUND:
            place = found[MOST_FOUND - 1].place
            break
        if looked_at >= MOST_LOOKED_AT:
            break
    return Sample(store.with_names(found[:MOST_FOUND]), looked_at, str(place) if place else "")


def begins_with_latest(store: Store, wanted: Wanted) -> bool:
    """Tell whether what is open and what closed last comes first. What opened long ago closed long ago."""
    return wanted.what is What.CLOSED or wanted.stop_ms > store.now_ms()


def in_order(found: Sequence[Found], sort: str) -> list[Found]:
    """Return them sorted; what has no such value comes last, either way."""
    name, is_falling = sort.removeprefix("-"), sort.startswith("-")

    def order(one: Found) -> tuple[bool, int, int, str]:
        value = SORTS[name](one.conversation)
        way = -1 if is_falling else 1
        return value is None, way * (value or 0), way * one.conversation.opened_at_ms, one.contact

    return sorted(found, key=order)
