"""Reads that go straight to the data: a contact, its timeline, its conversations."""

from dataclasses import dataclass
from typing import Any

from domain.errors import NotFound
from domain.identities import MERGES_ID
from domain.models import ClosedConversation, Conversation, Entry, Letter, OpenConversation, Snapshot
from store.base import StoreBase, check_contact, status_of
from store.entries import decode_closed, decode_entry, decode_open, decode_snapshot

#: Entries whose JSON names no conversation belong to the one with the greatest first entry not above their number.
_NUMBERED_BY_PLACE = (Letter.MESSAGE, Letter.WELCOME_OPENING, Letter.WELCOME, Letter.NOTED)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A stretch of a contact's timeline, in order, each entry with the number of its conversation."""

    entries: list[tuple[Entry, int | None]]
    end: int  # the number after the last entry there is
    delivered_until_ms: int
    read_until_ms: int


class Reading(StoreBase):
    """The store's eye on one contact."""

    def snapshot(self, contact: str) -> Snapshot:
        """Return what a decision is made from. Raises NotFound, StoreError."""
        check_contact(contact)
        answer = self.connection.run(self._call("read_snapshot", contact))
        # The contact of all merges is nobody.
        if status_of(answer, ("ok", "unknown")) == "unknown" or contact == MERGES_ID:
            raise NotFound("there is no such contact")
        return decode_snapshot(contact, answer[1])

    def conversations(self, contact: str) -> list[Conversation]:
        """Return a contact's conversations, newest first. Raises StoreError."""
        check_contact(contact)

        def read(client: Any) -> Any:
            pipeline = client.pipeline()
            pipeline.hgetall(self.keys.open(contact))
            pipeline.hvals(self.keys.closed(contact))
            return pipeline.execute()

        open_fields, records = self.connection.command(read)
        found: list[Conversation] = [decode_closed(record) for record in records]
        is_open = decode_open([part for pair in open_fields.items() for part in pair])
        if is_open:
            found.append(is_open)
        return sorted(found, key=lambda conversation: conversation.number, reverse=True)

    def conversation(self, contact: str, number: int) -> Conversation:
        """Return one conversation. Raises NotFound, StoreError."""
        check_contact(contact)

        def read(client: Any) -> Any:
            pipeline = client.pipeline()
            pipeline.hgetall(self.keys.open(contact))
            pipeline.hget(self.keys.closed(contact), number)
            return pipeline.execute()

        open_fields, record = self.connection.command(read)
        if record:
            return decode_closed(record)
        is_open = decode_open([part for pair in open_fields.items() for part in pair])
        if is_open and is_open.number == number:
            return is_open
        raise NotFound("there is no such conversation")

    def timeline(self, contact: str, start: int, limit: int) -> TimelinePage:
        """Return up to `limit` entries from `start` on; a negative start counts from the end. Raises StoreError."""
        check_contact(contact)

        def read(client: Any) -> Any:
            pipeline = client.pipeline()
            pipeline.hmget(self.keys.contact(contact), "base", "delivered_until", "read_until")
            pipeline.llen(self.keys.timeline(contact))
            return pipeline.execute()

        (base_text, delivered, read_until), length = self.connection.command(read)
        base = int(base_text or 0)
        end = base + length
        first = max(end + start if start < 0 else start, base)
        stored = self.connection.command(
            lambda client: client.lrange(self.keys.timeline(contact), first - base, first - base + limit - 1)
        )
        entries = [decode_entry(first + i, entry) for i, entry in enumerate(stored)]
        conversations = self.conversations(contact)
        numbered = [(entry, conversation_of(entry, conversations)) for entry in entries]
        return TimelinePage(numbered, end, int(delivered or 0), int(read_until or 0))


def conversation_of(entry: Entry, conversations: list[Conversation]) -> int | None:
    """Return the number of the conversation that an entry belongs to; None outside of any.

    conversations: all of the contact's, newest first.
    """
    number = entry.data.get("conversation")
    if number is not None or (entry.letter not in _NUMBERED_BY_PLACE and "sender" not in entry.data):
        return number or None
    for conversation in sorted(conversations, key=lambda c: c.first_entry, reverse=True):
        if conversation.first_entry <= entry.number:
            return None if _was_over(conversation, entry) else conversation.number
    return None


def _was_over(conversation: OpenConversation | ClosedConversation, entry: Entry) -> bool:
    """What went to another contact belongs to a conversation there; a note that came later to none."""
    if isinstance(conversation, OpenConversation):
        return False
    if conversation.moved_from is not None and conversation.moved_from <= entry.number:
        return True
    if entry.letter is Letter.MESSAGE:
        return False
    return int(entry.data.get("at", 0)) > conversation.closed_at_ms
