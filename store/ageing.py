"""Contacts with whom nothing has happened for so long that they are deleted, found a stretch at a time."""

from typing import Any

import msgspec

from store.base import StoreBase
from store.entries import decode_closed

#: One worker looks, once an hour; less than that, so that the claim is over when the next look is due.
CLAIM_S = 3_500
_FIELDS = ("merged_into", "created_at", "conversations", "version", "parts", "blocked")


class Ageing(StoreBase):
    """The walk over the contacts of all partitions, the longest known first within each."""

    def claim_retention(self) -> bool:
        """Take this hour's look; False when somebody has it. Raises StoreError."""
        return bool(self.connection.command(lambda client: client.set(self.keys.retention, "1", nx=True, ex=CLAIM_S)))

    def retention_place(self) -> tuple[int, int]:
        """Return where the walk goes on: the partition, and how many of its contacts are passed over."""
        stored: str | None = self.connection.command(lambda client: client.get(self.keys.retention_place))
        partition, _, passed = (stored or "0:0").partition(":")
        is_sound = partition.isdecimal() and passed.isdecimal() and int(partition) < self.keys.partitions
        return (int(partition), int(passed)) if is_sound else (0, 0)

    def set_retention_place(self, partition: int, passed: int) -> None:
        """Remember where the walk goes on. Raises StoreError."""
        self.connection.command(lambda client: client.set(self.keys.retention_place, f"{partition}:{passed}"))

    def known_before(self, partition: int, until_ms: int, passed: int, limit: int) -> list[str]:
        """Return contacts that we first heard of at `until_ms` or before, in that order. Raises StoreError.

        passed: so many of the first are left out.
        """
        key = self.keys.contacts(partition)

        def read(client: Any) -> Any:
            return client.zrange(key, passed, passed + limit - 1, withscores=True)

        return [contact for contact, known_at_ms in self.connection.command(read) if known_at_ms <= until_ms]

    def over_since(self, contact: str) -> tuple[int, int] | None:
        """Return since when nothing is open with a contact or with what was merged into it (ms), and its version.

        That is since the last close, else since we first heard of it. None: something is open, it is blocked, or it is
        not a contact of its own. Raises StoreError.
        """
        fields = self._read_over(contact)
        # A block is a part of the contact: whoever is to stay out would be let in again.
        if not fields or "merged_into" in fields or "blocked" in fields:
            return None
        since_ms, version = int(fields.get("created_at", 0)), int(fields.get("version", 0))
        family = {contact: fields}
        unread = [contact]
        for member in unread:
            state = family[member]
            if "open" in state:
                return None
            since_ms = max(since_ms, self._last_close_ms(member, state))
            for part in msgspec.json.decode(state.get("parts") or "[]"):
                found = self._read_over(part)
                # Who was deleted and wrote anew is somebody else's business.
                if part not in family and found.get("merged_into") == member:
                    family[part] = found
                    unread.append(part)
        return since_ms, version

    def _read_over(self, contact: str) -> dict[str, str]:
        """A contact's state, with `open` while a conversation is; empty if there is no such contact."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            pipeline.hmget(self.keys.contact(contact), _FIELDS)
            pipeline.hget(self.keys.open(contact), "number")
            return pipeline.execute()

        values, number = self.connection.command(read)
        found = zip((*_FIELDS, "open"), (*values, number), strict=True)
        return {name: value for name, value in found if value is not None}

    def _last_close_ms(self, contact: str, state: dict[str, str]) -> int:
        number = state.get("conversations")
        if number is None:
            return 0
        record = self.connection.command(lambda client: client.hget(self.keys.closed(contact), number))
        return decode_closed(record).closed_at_ms if record else 0
