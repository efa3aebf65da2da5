"""What contacts wrote and the bot had no intent for, ready to become its training phrases."""

from dataclasses import dataclass, replace
from typing import Any

from domain.identities import Identity
from domain.models import Letter
from store.base import StoreBase
from store.entries import decode_entry

#: So many messages are looked at, of each partition at most so many; the scripts keep 500 there.
MOST_READ, OF_EACH = 300, 60


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A text that the bot did not understand, where it was written last, and how often it was."""

    text: str
    contact: str
    entry: int
    at_ms: int
    count: int = 1


class UnmatchedMessages(StoreBase):
    """One sorted set in each partition; the texts stand on the timelines only, and go with their contacts."""

    def unmatched_messages(self, limit: int = 200, channel: str = "") -> list[Unmatched]:
        """Return different texts, the one that was written last first. Letter case and spaces make no difference.

        channel: only of this kind of channel. Of about the latest MOST_READ messages. Raises StoreError.
        """
        found: dict[str, Unmatched] = {}
        for one in self._read_unmatched(self._latest_unmatched(), channel):
            words = " ".join(one.text.split())
            known = found.get(words.casefold())
            found[words.casefold()] = replace(known, count=known.count + 1) if known else replace(one, text=words)
        return list(found.values())[:limit]

    def _latest_unmatched(self) -> list[tuple[str, int, int]]:
        """Contact, entry and time, the latest first."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zrange(self.keys.unmatched(partition), 0, OF_EACH - 1, desc=True, withscores=True)
            return pipeline.execute()

        members = [pair for answer in self.connection.command(read) for pair in answer]
        latest = sorted(members, key=lambda pair: (-pair[1], pair[0]))[:MOST_READ]
        return [(*_parts(member), int(at_ms)) for member, at_ms in latest]

    def _read_unmatched(self, places: list[tuple[str, int, int]], channel: str) -> list[Unmatched]:
        def read_contacts(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact, _, _ in places:
                pipeline.hmget(self.keys.contact(contact), "identity", "base")
            return pipeline.execute()

        known = self.connection.command(read_contacts)

        def read_entries(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for (contact, entry, _), (_, base) in zip(places, known, strict=True):
                pipeline.lindex(self.keys.timeline(contact), entry - int(base or 0))
            return pipeline.execute()

        found = []
        for (contact, number, at_ms), (identity, _), stored in zip(
            places, known, self.connection.command(read_entries), strict=True
        ):
            entry = decode_entry(number, stored) if stored and identity else None
            # Whoever was deleted and writes again may have another message at that place, which is younger.
            if entry is None or entry.letter is not Letter.MESSAGE or int(entry.data.get("at", 0)) > at_ms:
                continue
            came_on = Identity.parse(str(entry.data.get("identity") or identity))
            if entry.text.strip() and channel in ("", came_on.kind):
                found.append(Unmatched(entry.text, contact, number, at_ms))
        return found


def _parts(member: str) -> tuple[str, int]:
    contact, _, entry = member.partition("|")
    return contact, int(entry)
