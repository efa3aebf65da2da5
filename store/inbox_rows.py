"""What a line of the inbox says: contact, conversation, latest message, and what the user has not seen of it."""

from itertools import chain
from typing import Any

from domain.identities import parse_conversation_id
from domain.inbox import InboxRow
from domain.models import Contact, Conversation, Entry, Letter, OpenConversation
from domain.users import User
from store.base import check_contact, status_of
from store.entries import decode_closed, decode_contact, decode_entry, decode_open
from store.listing import Listing

Candidate = tuple[int, str]  # score, and a contact's id or (of closed ones) a conversation's

MOST_MINE = 2_000
#: In so many of each partition's the unread ones are counted; the mark says little more beyond that.
MOST_COUNTED = 20
#: The latest message is among so many last entries of a timeline, or is not shown.
LAST_ENTRIES = 12
_MESSAGES = frozenset(set(Letter) - {Letter.NOTED, Letter.LINE})


class InboxRows(Listing):
    """Lines of the inbox."""

    def unread_of_mine(self, user_id: str) -> int:
        """Return in how many of a user's conversations there is something unread; of somebody who has hundreds, in how
        many of some of them. Raises StoreError.
        """
        names = self.mine(user_id, MOST_COUNTED)

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact in names:
                pipeline.hmget(self.keys.open(contact), "number", "incoming")
                pipeline.hget(self.keys.seen_by(contact), user_id)
            return pipeline.execute()

        answers = self._read(read, names)
        opened, seen = answers[::2], answers[1::2]
        return sum(
            number is not None and _unread(int(number), int(incoming or 0), mark) > 0
            for (number, incoming), mark in zip(opened, seen, strict=True)
        )

    def mark_seen(self, user_id: str, contact: str, number: int, incoming: int) -> None:
        """Note that a user has seen so many incoming messages of the contact's open conversation. Raises StoreError."""
        check_contact(contact)
        seen_by = self.keys.seen_by(contact)
        answer = self.connection.run(self._call("mark_seen", contact, user_id, number, incoming, extra_keys=[seen_by]))
        status_of(answer, ("ok", "unknown"))

    def mine(self, user_id: str, most: int) -> list[str]:
        """Return the contacts whose open conversation a user has, `most` a partition. Raises StoreError."""
        low, high = own_members(user_id)

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zrange(self.keys.mine(partition), low, high, bylex=True, offset=0, num=most)
            return pipeline.execute()

        return [member.rpartition(":")[2] for member in chain(*self.connection.command(read))]

    def rows(self, user: User, found: list[Candidate], is_open: bool) -> list[InboxRow]:
        """Return the lines of what was found. Raises StoreError."""
        contacts = [contact_of(member) for _, member in found]

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact, (_, member) in zip(contacts, found, strict=True):
                pipeline.hgetall(self.keys.contact(contact))
                if is_open:
                    pipeline.hgetall(self.keys.open(contact))
                else:
                    pipeline.hget(self.keys.closed(contact), member.rpartition("-")[2])
                pipeline.lrange(self.keys.timeline(contact), -LAST_ENTRIES, -1)
                pipeline.hget(self.keys.seen_by(contact), user.id)
            return pipeline.execute()

        answers = self._read(read, found)
        rows = []
        for contact, fields, stored, entries, mark in zip(
            contacts, answers[::4], answers[1::4], answers[2::4], answers[3::4], strict=True
        ):
            if not fields or not stored:
                continue  # it was closed or deleted between the two reads
            known = decode_contact(contact, _flat(fields))
            conversation: Conversation | None = decode_open(_flat(stored)) if is_open else decode_closed(stored)
            if conversation:
                rows.append(InboxRow(known, conversation, _last(entries), _unread_of(known, conversation, mark)))
        return rows


def own_members(user_id: str) -> tuple[str, str]:
    """Return the bounds of a user's members in `mine`; the semicolon is the character behind the colon."""
    return f"[{user_id}:", f"({user_id};"


def contact_of(member: str) -> str:
    """Return whose a list's member is: a contact's id, or a conversation's."""
    named = parse_conversation_id(member)
    return named[0] if named else member


def _last(entries: list[str]) -> Entry | None:
    letters = [(i, stored) for i, stored in enumerate(entries) if stored[0] in _MESSAGES]
    return decode_entry(*letters[-1]) if letters else None


def _unread_of(contact: Contact, conversation: Conversation, mark: str | None) -> int:
    if not isinstance(conversation, OpenConversation):
        return 0
    return _unread(conversation.number, conversation.incoming, mark)


def _unread(number: int, incoming: int, mark: str | None) -> int:
    seen_number, _, seen = (mark or "0:0").partition(":")
    return max(incoming - int(seen), 0) if int(seen_number) == number else incoming


def _flat(fields: dict[str, str]) -> list[str]:
    return [part for pair in fields.items() for part in pair]
