"""How often automations ran, and how their last runs went: written by the commits, read from all partitions."""

import heapq
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from domain.automation_runs import AutomationNumbers, RunRecord
from domain.identities import is_contact_id
from store.automation_words import decode_record, encode_record
from store.base import StoreBase

#: Of what did not come about so much is kept of each automation in a partition.
MISSES_KEPT = 20
_NUMBERS = {
    "triggered": "triggered",
    "triggered_at": "last_at_ms",
    "failed": "errors",
    "failed_at": "last_error_at_ms",
    "guarded": "guarded",
    "guarded_at": "guarded_at_ms",
}


class RunHistories(StoreBase):
    """What people read about runs."""

    def automation_numbers(self) -> dict[str, AutomationNumbers]:
        """Return the numbers of each automation that ever ran. Raises StoreError."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.hgetall(self.keys.run_numbers(partition))
            return pipeline.execute()

        found: dict[str, dict[str, int]] = {}
        for stored in self.connection.command(read):
            for key, value in stored.items():
                automation, _, what = key.rpartition("|")
                numbers, name = found.setdefault(automation, {}), _NUMBERS[what]
                before = numbers.get(name, 0)
                numbers[name] = max(before, int(value)) if what.endswith("_at") else before + int(value)
        return {automation: AutomationNumbers(**numbers) for automation, numbers in found.items()}

    def run_history(self, automation: str, limit: int = 50) -> list[RunRecord]:
        """Return how the last runs went, and why others did not come about, newest first. Raises StoreError."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.lrange(self.keys.run_history(partition, automation), 0, limit - 1)
                pipeline.lrange(self.keys.run_misses(partition, automation), 0, limit - 1)
            return pipeline.execute()

        records = [decode_record(stored) for part in self.connection.command(read) for stored in part]
        return heapq.nlargest(limit, records, key=lambda record: record.at_ms)

    def note_misses(self, misses: Sequence[tuple[str, RunRecord]]) -> None:
        """Keep, by automation, why runs did not come about; of each the newest. Raises StoreError."""
        named = [(self.keys.run_misses(self.keys.partition(record.contact), name), record) for name, record in misses]

        def write(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for key, found in groupby(sorted(named, key=itemgetter(0)), key=itemgetter(0)):
                pipeline.lpush(key, *(encode_record(record) for _, record in found))
                pipeline.ltrim(key, 0, MISSES_KEPT - 1)
            return pipeline.execute()

        if named:
            self.connection.command(write)

    def forget_automation(self, automation: str) -> None:
        """Forget numbers and history of an automation that is deleted. Raises StoreError."""

        def remove(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.hdel(self.keys.run_numbers(partition), *(f"{automation}|{what}" for what in _NUMBERS))
                pipeline.delete(*self._histories(partition, [automation]))
            return pipeline.execute()

        self.connection.command(remove)

    def next_assignment_turn(self) -> int:
        """Return the number of this assignment among those that take users in turn, from 1 on. Raises StoreError."""
        return int(self.connection.command(lambda client: client.incr(self.keys.assignment_turn)))

    def forget_runs_of(self, contact: str, automations: Iterable[str]) -> None:
        """Take a contact that was deleted out of the histories. Raises StoreError."""
        assert is_contact_id(contact)
        keys = self._histories(self.keys.partition(contact), automations)

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for key in keys:
                pipeline.lrange(key, 0, -1)
            return pipeline.execute()

        def remove(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for key, stored in found:
                pipeline.lrem(key, 0, stored)
            return pipeline.execute()

        read_back = zip(keys, self.connection.command(read) if keys else (), strict=True)
        found = [(key, one) for key, stored in read_back for one in stored if f'"{contact}"' in one]
        if found:
            self.connection.command(remove)

    def _histories(self, partition: int, automations: Iterable[str]) -> list[str]:
        return [
            key
            for automation in automations
            for key in (self.keys.run_history(partition, automation), self.keys.run_misses(partition, automation))
        ]
