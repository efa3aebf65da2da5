"""Which contacts are due: looked up when somebody says so, and once a second anyway."""

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from domain.errors import StoreError
from store import Store

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
SOONEST_LOOK_S = 0.002
AFTER_ERROR_S = 0.5


class Schedule:
    """Hands due contacts to `run`, on `threads` threads; a contact is on one of them at most."""

    def __init__(self, store: Store, run: Callable[[str], None], *, threads: int) -> None:
        self._store = store
        self._run = run
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="turn")
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._again: set[str] = set()  # hinted at while busy
        self._hints: set[int] = set()  # partitions to look at
        self._wake = threading.Event()
        self._stopping = threading.Event()

    def hint(self, contact: str | None) -> None:
        """Something happened to this contact; None: nothing for a second."""
        if contact is None:
            return
        with self._lock:
            if contact in self._busy:
                self._again.add(contact)
                return
            self._hints.add(self._store.keys.partition(contact))
        self._wake.set()

    def stop(self) -> None:
        """Take no more turns; those that run end by themselves."""
        self._stopping.set()
        self._wake.set()

    def work(self) -> None:
        """Hand out turns until `stop`; then wait for those that run."""
        partitions: Iterable[int] = self._store.keys.each()
        while not self._stopping.is_set():
            try:
                self._hand_out(partitions)
                timeout_s = self._until_next()
            except StoreError as error:
                log.warning("schedule.no_store error=%s", error)
                timeout_s = AFTER_ERROR_S
            has_hint = self._wake.wait(timeout_s)
            self._wake.clear()
            with self._lock:
                partitions, self._hints = (sorted(self._hints) if has_hint else self._store.keys.each()), set()
        self._pool.shutdown(wait=True)

    def _hand_out(self, partitions: Iterable[int]) -> None:
        free = self._free()
        numbers = list(partitions)
        if free == 0 or not numbers:
            return
        for contact in self._store.due_contacts(numbers, limit=free + len(self._busy)):
            with self._lock:
                if contact in self._busy:
                    continue
                if len(self._busy) >= self._threads:
                    return
                self._busy.add(contact)
            self._pool.submit(self._turn, contact)

    def _until_next(self) -> float:
        if self._free() == 0:
            return LOOK_EVERY_S
        next_due_ms = self._store.next_due_ms()
        if next_due_ms is None:
            return LOOK_EVERY_S
        left_s = (next_due_ms - self._store.now_ms()) / 1000
        return min(max(left_s, SOONEST_LOOK_S), LOOK_EVERY_S)

    def _free(self) -> int:
        with self._lock:
            return self._threads - len(self._busy)

    def _turn(self, contact: str) -> None:
        try:
            self._run(contact)
        except StoreError as error:
            log.warning("turn.no_store contact=%s error=%s", contact, error)
        except Exception:
            # One contact's trouble is its own: the lease ends, and the turn is tried again.
            log.exception("turn.broke contact=%s", contact)
        finally:
            with self._lock:
                self._busy.discard(contact)
                was_full = len(self._busy) == self._threads - 1
                if contact in self._again or was_full:
                    self._again.discard(contact)
                    self._hints.add(self._store.keys.partition(contact))
                    if was_full:
                        self._hints.update(self._store.keys.each())
                    self._wake.set()
