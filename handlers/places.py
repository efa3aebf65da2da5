"""Where an entry stands: in the open conversation, in one that is over or in none; and whether the bot may speak."""

from dataclasses import dataclass
from enum import StrEnum

from domain.models import Entry, Letter, Snapshot


class Where(StrEnum):
    """How an entry's conversation is doing."""

    OPEN = "open"
    CLOSED_BY_ITSELF = "closed_by_itself"  # this entry's own turn closed it: its replies still go out
    CLOSED_BY_OTHERS = "closed_by_others"
    OUTSIDE = "outside"  # a welcome that opens nothing


@dataclass(frozen=True, slots=True)
class Place:
    """The conversation that an entry belongs to. number: 0 when there is none, or it cannot be told any more."""

    where: Where
    number: int


def place_of(snapshot: Snapshot, entry: Entry) -> Place:
    """Tell where `entry` stands now."""
    contact = snapshot.contact
    if snapshot.open and snapshot.open.first_entry <= entry.number:
        return Place(Where.OPEN, snapshot.open.number)
    if contact.closed_entry == entry.number:
        return Place(Where.CLOSED_BY_ITSELF, contact.closed_number)
    if entry.letter is Letter.WELCOME and not contact.closed_from <= entry.number < contact.closed_end:
        return Place(Where.OUTSIDE, 0)
    return Place(Where.CLOSED_BY_OTHERS, contact.conversations - (1 if snapshot.open else 0))


def bot_silence(snapshot: Snapshot, entry_number: int | None, place: Place) -> str:
    """Return why the bot may not speak for an entry there; empty when it may.

    What the entry's own turn did (a close, turning the bot off) does not silence that turn.
    """
    if snapshot.contact.merged_into:
        return "merged"
    if snapshot.contact.is_blocked:
        return "blocked"
    if place.where is Where.CLOSED_BY_OTHERS:
        return "closed"
    if snapshot.contact.bot_off and snapshot.contact.bot_off != str(entry_number):
        return "bot_off"
    if place.where is Where.OPEN and snapshot.open and snapshot.open.paused:
        return "paused"
    return ""
