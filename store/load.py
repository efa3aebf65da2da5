"""How much there is to do, for those who watch the system."""

from dataclasses import dataclass
from typing import Any

from store.base import StoreBase


@dataclass(frozen=True, slots=True)
class CurrentLoad:
    """Over all partitions."""

    open_conversations: int
    needing_person: int
    oldest_due_s: float  # for how long the turn is due that waits longest; 0 when none is due


class Load(StoreBase):
    """Counts that the indexes know, in one round trip."""

    def load(self) -> CurrentLoad:
        """Return how much there is to do now. Raises StoreError."""
        if not self._is_checked:
            self._check()

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zcard(self.keys.inbox(partition))
                pipeline.zcard(self.keys.needs_person(partition))
                pipeline.zrange(self.keys.due(partition), 0, 0, withscores=True)
            return pipeline.execute()

        found = self.connection.command(read)
        due_ms = min((head[0][1] for head in found[2::3] if head), default=None)
        age_s = 0.0 if due_ms is None else max(self.now_ms() - due_ms, 0) / 1000
        return CurrentLoad(sum(found[0::3]), sum(found[1::3]), age_s)
