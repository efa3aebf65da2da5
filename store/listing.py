"""Lists over all contacts: a page at a time, newest first, merged from the partitions."""

import heapq
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from domain.identities import MERGES_ID, parse_conversation_id
from domain.models import ClosedConversation, Contact, OpenConversation
from store.base import StoreBase
from store.entries import decode_closed, decode_contact, decode_open

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: score and member of its last item."""

    score: int
    member: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, and where the next page begins; None at the end."""

    items: list[Item]
    next: Position | None


class Listing(StoreBase):
    """Pages of contacts and conversations."""

    def contacts(self, limit: int, after: Position | None = None) -> Page[tuple[Contact, OpenConversation | None]]:
        """Return contacts, newest first. Raises StoreError."""
        found, following = self._page([self.keys.contacts(p) for p in self.keys.each()], limit, after)
        return Page([pair for pair in self._contacts(found) if pair is not None], following)

    def open_conversations(self, limit: int, after: Position | None = None) -> Page[tuple[Contact, OpenConversation]]:
        """Return open conversations with their contact, latest activity first. Raises StoreError."""
        found, following = self._page([self.keys.inbox(p) for p in self.keys.each()], limit, after)
        known = [pair for pair in self._contacts(found) if pair is not None]
        return Page([(contact, conversation) for contact, conversation in known if conversation], following)

    def closed_conversations(self, limit: int, after: Position | None = None) -> Page[tuple[str, ClosedConversation]]:
        """Return closed conversations with their contact, latest close first. Raises StoreError."""
        found, following = self._page([self.keys.closed_index(p) for p in self.keys.each()], limit, after)
        named = [pair for pair in map(parse_conversation_id, found) if pair]

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact, number in named:
                pipeline.hget(self.keys.closed(contact), number)
            return pipeline.execute()

        records = self._read(read, named)
        items = [
            (contact, decode_closed(record)) for (contact, _), record in zip(named, records, strict=True) if record
        ]
        return Page(items, following)

    def _contacts(self, ids: list[str]) -> list[tuple[Contact, OpenConversation | None] | None]:
        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact in ids:
                pipeline.hgetall(self.keys.contact(contact))
                pipeline.hgetall(self.keys.open(contact))
            return pipeline.execute()

        answers = self._read(read, ids)
        return [
            (decode_contact(contact, _flat(fields)), decode_open(_flat(opened)))
            if fields and contact != MERGES_ID
            else None
            for contact, fields, opened in zip(ids, answers[::2], answers[1::2], strict=True)
        ]

    def _read(self, read: Any, wanted: list[Any]) -> list[Any]:
        return list(self.connection.command(read)) if wanted else []

    def _page(self, keys: list[str], limit: int, after: Position | None) -> tuple[list[str], Position | None]:
        """Merge the heads of one sorted set per partition, greatest score first, members breaking ties."""
        bound = "+inf" if after is None else f"({after.score}"

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for key in keys:
                pipeline.zrange(key, bound, "-inf", desc=True, byscore=True, offset=0, num=limit + 1, withscores=True)
                if after is not None:
                    # Everything with the very score of the last item, so that ties are neither lost nor shown twice.
                    pipeline.zrange(key, after.score, after.score, byscore=True, offset=0, num=1000, withscores=True)
            return pipeline.execute()

        pairs = {(int(score), member) for found in self.connection.command(read) for member, score in found}
        if after is not None:
            pairs = {pair for pair in pairs if pair < (after.score, after.member)}
        best = heapq.nlargest(limit + 1, pairs)
        following = Position(*best[limit - 1]) if len(best) > limit else None
        return [member for _, member in best[:limit]], following


def _flat(fields: dict[str, str]) -> list[str]:
    return [part for pair in fields.items() for part in pair]
