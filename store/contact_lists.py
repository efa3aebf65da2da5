"""The list of contacts: a page at a time, newest first, whatever is filtered, in bounded time."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.models import Contact, OpenConversation
from store.entries import decode_closed
from store.listing import Listing, Page, Position

#: How many contacts one page looks at, at most, to find those that a filter lets through; so many in one go.
MOST_LOOKED_AT = 2_000
CHUNK = 200
#: A label that no more contacts carry is read whole, instead of looking for it among all.
RARE = 1_000

Pair = tuple[Contact, OpenConversation | None]


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One line of the list. last_at_ms: the latest activity of the latest conversation, or when we first heard."""

    contact: Contact
    open: OpenConversation | None
    last_at_ms: int


class ContactLists(Listing):
    """Contacts for users; those who were merged into another one are not listed."""

    def contact_page(
        self,
        limit: int,
        after: Position | None = None,
        *,
        channel: str = "",
        tag: str = "",
        shown: Callable[[Contact, OpenConversation | None], bool] = lambda contact, is_open: True,
    ) -> Page[Pair]:
        """Return up to `limit` contacts, newest first.

        channel: `kind:account`, tag: a tag's name; empty: any. shown: says of each whether it is listed. A page may
        hold fewer than `limit`, or none at all, and yet have a next one. Raises StoreError.
        """

        def fits(pair: Pair) -> bool:
            contact = pair[0]
            has_channel = not channel or channel in [identity.channel for identity in contact.identities]
            return has_channel and (not tag or tag in contact.tags) and not contact.merged_into and shown(*pair)

        labels = [f"channel:{channel}"] * bool(channel) + [f"tag:{tag}"] * bool(tag)
        rare = self._rare(labels)
        found: list[tuple[Pair, Position]] = []
        looked_at, following = 0, after
        while looked_at < MOST_LOOKED_AT:
            positions, following = self._stretch(rare, CHUNK if labels else limit + 1, following)
            looked_at += len(positions)
            pairs = self._contacts([position.member for position in positions])
            found += [(pair, at) for pair, at in zip(pairs, positions, strict=True) if pair and fits(pair)]
            if len(found) > limit:
                return Page([pair for pair, _ in found[:limit]], found[limit - 1][1])
            if following is None:
                break
        return Page([pair for pair, _ in found], following)

    def contact_rows(self, pairs: Sequence[Pair]) -> list[ContactRow]:
        """Return the lines of contacts. Raises StoreError."""
        idle = [contact for contact, is_open in pairs if is_open is None and contact.conversations]

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact in idle:
                pipeline.hget(self.keys.closed(contact.id), contact.conversations)
            return pipeline.execute()

        records = dict(zip([contact.id for contact in idle], self._read(read, idle), strict=True))
        return [ContactRow(contact, is_open, _last_at(contact, is_open, records)) for contact, is_open in pairs]

    def _stretch(
        self, rare: list[Position] | None, size: int, after: Position | None
    ) -> tuple[list[Position], Position | None]:
        """The next `size` places of the list, and the last of them if there are more."""
        if rare is None:
            rare = self._newest_contacts(size + 1, after)
        elif after is not None:
            rare = [one for one in rare if _order(one) < _order(after)]
        return rare[:size], rare[size - 1] if len(rare) > size else None

    def _newest_contacts(self, size: int, after: Position | None) -> list[Position]:
        keys = [self.keys.contacts(partition) for partition in self.keys.each()]
        bound = "+inf" if after is None else f"({after.score}"

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for key in keys:
                pipeline.zrange(key, bound, "-inf", desc=True, byscore=True, offset=0, num=size, withscores=True)
                if after is not None:
                    # Those with the very score of the last one, so that ties are neither lost nor shown twice.
                    pipeline.zrange(key, after.score, after.score, byscore=True, offset=0, num=1000, withscores=True)
            return pipeline.execute()

        found = {(int(score), member) for answer in self.connection.command(read) for member, score in answer}
        best = heapq.nlargest(size, (one for one in found if after is None or one < _order(after)))
        return [Position(*one) for one in best]

    def _rare(self, labels: Sequence[str]) -> list[Position] | None:
        """Everybody who carries the first of the labels that few carry, newest first; None where none is rare."""

        def count(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for label in labels:
                for partition in self.keys.each():
                    pipeline.zcard(self.keys.label(partition, label))
            return pipeline.execute()

        counts, width = self._read(count, list(labels)), self.keys.partitions
        sums = [sum(counts[i * width : (i + 1) * width]) for i in range(len(labels))]
        label = next((label for label, count in zip(labels, sums, strict=True) if count <= RARE), None)
        return None if label is None else self._carriers(label)

    def _carriers(self, label: str) -> list[Position]:
        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zrange(self.keys.label(partition, label), 0, RARE)
            return pipeline.execute()

        names = [name for answer in self.connection.command(read) for name in answer]

        def read_scores(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for name in names:
                pipeline.zscore(self.keys.contacts(self.keys.partition(name)), name)
            return pipeline.execute()

        scores = self._read(read_scores, names)
        found = [Position(int(score), name) for name, score in zip(names, scores, strict=True) if score is not None]
        return sorted(found, key=_order, reverse=True)


def _order(position: Position) -> tuple[int, str]:
    return position.score, position.member


def _last_at(contact: Contact, is_open: OpenConversation | None, records: dict[str, str | None]) -> int:
    if is_open:
        return is_open.last_at_ms or is_open.opened_at_ms
    record = records.get(contact.id)
    return decode_closed(record).closed_at_ms if record else contact.created_at_ms
