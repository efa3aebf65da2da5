"""A worker's go at a contact: who has it, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

from domain.models import Snapshot
from store.base import StoreBase, status_of
from store.entries import decode_snapshot


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to decide and send for one contact; another taker's fence is larger."""

    contact: str
    fence: int


class Turns(StoreBase):
    """Taking and giving back."""

    def due_contacts(self, partitions: Iterable[int], limit: int) -> list[str]:
        """Return contacts whose turn is due, longest due first, `limit` a partition at most. Raises StoreError."""
        numbers, now_ms = list(partitions), self.now_ms()

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in numbers:
                key = self.keys.due(partition)
                pipeline.zrange(key, "-inf", now_ms, byscore=True, offset=0, num=limit, withscores=True)
            return pipeline.execute()

        # Merged by time: a few busy contacts of one partition must not keep the others' waiting.
        return [contact for contact, _ in sorted(chain(*self.connection.command(read)), key=itemgetter(1))]

    def next_due_ms(self) -> int | None:
        """Return when the next turn is due; None when none is."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zrange(self.keys.due(partition), 0, 0, withscores=True)
            return pipeline.execute()

        return min((int(head[0][1]) for head in self.connection.command(read) if head), default=None)

    def take_turn(self, contact: str) -> tuple[Turn, Snapshot] | None:
        """Take the contact's turn; None when somebody else has it or nothing is due. Raises StoreError."""
        answer = self.connection.run(self._call("take_turn", contact))
        if status_of(answer, ("ok", "busy", "idle")) != "ok":
            return None
        return Turn(contact, answer[1]), decode_snapshot(contact, answer[2])

    def release_turn(self, turn: Turn) -> None:
        """Give the turn back; the contact is due again if there is more to do. Raises StoreError."""
        answer = self.connection.run(self._call("release_turn", turn.contact, turn.fence))
        status_of(answer, ("ok", "lost"))
