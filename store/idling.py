"""Conversations in which nothing has happened for long, found a stretch at a time."""

from typing import Any

from store.base import StoreBase

#: One worker looks, once a minute; less than that, so that the claim is over when the next look is due.
CLAIM_S = 55


class Idling(StoreBase):
    """The walk over the open conversations of all partitions, longest idle first within each."""

    def claim_auto_close(self) -> bool:
        """Take this minute's look; False when somebody has it. Raises StoreError."""
        return bool(self.connection.command(lambda client: client.set(self.keys.auto_close, "1", nx=True, ex=CLAIM_S)))

    def auto_close_place(self) -> tuple[int, int]:
        """Return where the walk goes on: the partition, and how many of its oldest are passed over."""
        stored: str | None = self.connection.command(lambda client: client.get(self.keys.auto_close_place))
        partition, _, passed = (stored or "0:0").partition(":")
        is_sound = partition.isdecimal() and passed.isdecimal() and int(partition) < self.keys.partitions
        return (int(partition), int(passed)) if is_sound else (0, 0)

    def set_auto_close_place(self, partition: int, passed: int) -> None:
        """Remember where the walk goes on. Raises StoreError."""
        self.connection.command(lambda client: client.set(self.keys.auto_close_place, f"{partition}:{passed}"))

    def idle_contacts(self, partition: int, until_ms: int, passed: int, limit: int) -> list[str]:
        """Return contacts whose open conversation had its last activity at `until_ms` or before, oldest first.

        passed: so many of the oldest are left out. Raises StoreError.
        """
        key = self.keys.inbox(partition)

        def read(client: Any) -> Any:
            return client.zrange(key, passed, passed + limit - 1, withscores=True)

        return [contact for contact, last_at_ms in self.connection.command(read) if last_at_ms <= until_ms]
