"""Why automations did not run: gathered by the turns, written once a second, so that a busy platform pays little."""

import logging
import threading
from collections.abc import Iterable

from domain.automation_runs import RunRecord
from domain.errors import StoreError
from handlers.automations.moves import Miss
from store import Store

log = logging.getLogger(__name__)

WRITE_EVERY_S = 1.0
#: Of each automation a process keeps so many a second; a reader wants to see why, not each time.
MOST_OF_EACH = 5


class Misses:
    """What a worker's threads have gathered and not yet written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._gathered: dict[str, list[RunRecord]] = {}

    def note(self, contact: str, at_ms: int, misses: Iterable[Miss]) -> None:
        """Take these in; whatever is too many is left out. Never waits for the store."""
        for miss in misses:
            gathered = self._gathered.get(miss.automation)
            if gathered is not None and len(gathered) >= MOST_OF_EACH:
                continue
            record = RunRecord(
                contact=contact,
                at_ms=at_ms,
                outcome=miss.outcome,
                number=miss.number,
                trigger=miss.trigger,
                reason=miss.why(),
            )
            with self._lock:
                self._gathered.setdefault(miss.automation, []).append(record)

    def write(self) -> None:
        """Write what there is. Raises StoreError; then it is lost."""
        with self._lock:
            gathered, self._gathered = self._gathered, {}
        self._store.note_misses([(name, record) for name, records in gathered.items() for record in records])

    def keep_writing(self, stopping: threading.Event) -> None:
        """Write once a second until `stopping` is set."""
        while not stopping.wait(WRITE_EVERY_S):
            try:
                self.write()
            except StoreError as error:
                log.warning("misses.no_store error=%s", error)
