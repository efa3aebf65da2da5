"""Which contacts are due: looked up when somebody says so, and once a second anyway."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from domain.errors import StoreError
from store import Store

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
SOONEST_LOOK_S = 0.002
#: What is due but cannot be handed out is on one of our own threads: looking at once again would be a hot loop.
NOTHING_TO_HAND_OUT_S = 0.1
AFTER_ERROR_S = 0.5
#: How long a contact is passed over whose turn broke: where it could not even be taken, it is still the first due.
TROUBLED_S = 2.0


class Schedule:
    """Hands due contacts to `run`, on `threads` threads; a contact is on one of them at most."""

    def __init__(
        self, store: Store, run: Callable[[str], None], *, threads: int, stopping: threading.Event | None = None
    ) -> None:
        """stopping: set by `stop`; turns that run may look at it."""
        self._store = store
        self._run = run
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="turn")
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._again: set[str] = set()  # hinted at while busy
        self._troubled: dict[str, float] = {}  # whose turn broke -> when it may be tried again, monotonic seconds
        self._no_store_until = 0.0
        self._hints: set[int] = set()  # partitions to look at
        self._wake = threading.Event()
        self._stopping = stopping or threading.Event()

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
        look_at_all_at = time.monotonic()
        while not self._stopping.is_set():
            with self._lock:
                hints, self._hints = self._hints, set()
            if time.monotonic() >= look_at_all_at:
                # Also under a steady stream of hints: a back-off that is over is hinted at by nobody.
                hints, look_at_all_at = set(self._store.keys.each()), time.monotonic() + LOOK_EVERY_S
            try:
                timeout_s = self._until_next(handed_out=self._hand_out(hints))
            except StoreError as error:
                log.warning("schedule.no_store error=%s", error)
                timeout_s = AFTER_ERROR_S
            if not self._wake.wait(min(timeout_s, max(look_at_all_at - time.monotonic(), 0))):
                look_at_all_at = time.monotonic()
            self._wake.clear()
        self._pool.shutdown(wait=True)

    def _hand_out(self, partitions: Iterable[int]) -> int:
        """Give due contacts to free threads; return how many."""
        free, numbers, handed_out = self._free(), list(partitions), 0
        if free == 0 or not numbers or time.monotonic() < self._no_store_until:
            return 0
        with self._lock:
            now = time.monotonic()
            self._troubled = {contact: until for contact, until in self._troubled.items() if until > now}
            passed_over = len(self._busy) + len(self._troubled)
        for contact in self._store.due_contacts(numbers, limit=free + passed_over):
            with self._lock:
                if contact in self._busy or contact in self._troubled:
                    continue
                if len(self._busy) >= self._threads:
                    break
                self._busy.add(contact)
            self._pool.submit(self._turn, contact)
            handed_out += 1
        return handed_out

    def _until_next(self, *, handed_out: int) -> float:
        if self._free() == 0:
            return LOOK_EVERY_S
        next_due_ms = self._store.next_due_ms()
        if next_due_ms is None:
            return LOOK_EVERY_S
        left_s = (next_due_ms - self._store.now_ms()) / 1000
        soonest_s = SOONEST_LOOK_S if handed_out else NOTHING_TO_HAND_OUT_S
        return min(max(left_s, soonest_s), LOOK_EVERY_S)

    def _free(self) -> int:
        with self._lock:
            return self._threads - len(self._busy)

    def _turn(self, contact: str) -> None:
        try:
            self._run(contact)
        except StoreError as error:
            if time.monotonic() >= self._no_store_until:
                # What the store refuses to one contact it refuses to all: one line, and a pause for everybody.
                log.warning("turn.no_store contact=%s error=%s", contact, error)
            self._no_store_until = time.monotonic() + AFTER_ERROR_S
            self._pass_over(contact)
        except Exception:
            # One contact's trouble is its own: the lease ends, and the turn is tried again.
            log.exception("turn.broke contact=%s", contact)
            self._pass_over(contact)
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

    def _pass_over(self, contact: str) -> None:
        with self._lock:
            self._troubled[contact] = time.monotonic() + TROUBLED_S
