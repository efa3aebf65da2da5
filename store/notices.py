"""What users are told until they have read it: a sorted set per user in each partition, written by the commits."""

import heapq
from dataclasses import dataclass
from typing import Any

import msgspec

from domain.models import Contact
from store.base import StoreBase, check_contact
from store.entries import decode_contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that a user is told.

    kind: needs_person, mentioned, assigned or automation. entry: the line of the timeline that says so. number: of the
    conversation. by: the user or the automation that did it, or None.
    """

    contact: Contact
    entry: int
    number: int
    kind: str
    by: dict[str, Any] | None
    at_ms: int


class Notices(StoreBase):
    """Each user's unread notices."""

    def notices(self, user: str, limit: int = 50) -> list[Notice]:
        """Return what a user has not read, newest first; what is about nobody any more goes. Raises StoreError."""
        if limit < 1:
            return []
        while True:
            members = self._newest(user, limit)
            known = self._known_contacts(sorted({_contact(member) for _, member in members}))
            gone = [member for _, member in members if _contact(member) not in known]
            if not gone:
                return [_decode(int(score), member, known) for score, member in members]
            self._remove(user, gone)  # older ones take their places; each time some are gone, so this ends

    def count_notices(self, user: str) -> int:
        """Return how much a user has not read. Raises StoreError."""

        def count(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zcard(self.keys.notices(partition, user))
            return pipeline.execute()

        return sum(self.connection.command(count))

    def read_notice(self, user: str, contact: str, entry: int) -> None:
        """Take away what a user was told about one line of a contact's timeline. Raises StoreError."""
        self._remove_of(user, contact, f"{contact}|{entry}|")

    def read_contact(self, user: str, contact: str) -> None:
        """Take away everything that a user was told about a contact: they are looking at it. Raises StoreError."""
        self._remove_of(user, contact, f"{contact}|")

    def read_all_notices(self, user: str, until_ms: int) -> None:
        """Take away what a user was told up to a moment, the one of the list that they saw. Raises StoreError."""

        def remove(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zremrangebyscore(self.keys.notices(partition, user), "-inf", until_ms)
            return pipeline.execute()

        self.connection.command(remove)

    def _newest(self, user: str, limit: int) -> list[tuple[float, str]]:
        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zrange(self.keys.notices(partition, user), 0, limit - 1, desc=True, withscores=True)
            return pipeline.execute()

        pairs = ((score, member) for found in self.connection.command(read) for member, score in found)
        return heapq.nlargest(limit, pairs)

    def _known_contacts(self, ids: list[str]) -> dict[str, Contact]:
        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact in ids:
                pipeline.hgetall(self.keys.contact(contact))
            return pipeline.execute()

        found = self.connection.command(read) if ids else []
        return {
            contact: decode_contact(contact, [part for pair in fields.items() for part in pair])
            for contact, fields in zip(ids, found, strict=True)
            if "identity" in fields
        }

    def _remove_of(self, user: str, contact: str, beginning: str) -> None:
        check_contact(contact)
        key = self.keys.notices(self.keys.partition(contact), user)
        members: list[str] = self.connection.command(lambda client: client.zrange(key, 0, -1))
        self._remove(user, [member for member in members if member.startswith(beginning)])

    def _remove(self, user: str, members: list[str]) -> None:
        def remove(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for member in members:
                pipeline.zrem(self.keys.notices(self.keys.partition(_contact(member)), user), member)
            return pipeline.execute()

        if members:
            self.connection.command(remove)


def _contact(member: str) -> str:
    return member.partition("|")[0]


def _decode(at_ms: int, member: str, known: dict[str, Contact]) -> Notice:
    contact, entry, told = member.split("|", 2)
    data = msgspec.json.decode(told)
    return Notice(
        contact=known[contact],
        entry=int(entry),
        number=int(data["number"]),
        kind=str(data["kind"]),
        by=data.get("by"),
        at_ms=at_ms,
    )
