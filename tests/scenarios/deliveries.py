"""What the platforms deliver in the background: a contact's messages one by one, each twice at once, until taken."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

import requests

Post = Callable[[], requests.Response]
COPIES = 2
PATIENCE_S = 60.0


class Deliveries:
    """Starts at once; leaving it waits until every message of every contact is taken.

    contacts: of each the posts of its messages, in order; the next one is delivered when the one before is taken.
    """

    def __init__(self, contacts: list[Iterable[Post]]) -> None:
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(len(contacts) * (1 + COPIES))
        self.taken = 0  # messages
        self.refused = 0  # attempts that met a process that died, or a store that was away
        self._running = [self._pool.submit(self._deliver_all, posts) for posts in contacts]

    def __enter__(self) -> "Deliveries":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for running in self._running:
            running.result()
        self._pool.shutdown()

    def _deliver_all(self, posts: Iterable[Post]) -> None:
        for post in posts:
            copies = [self._pool.submit(self._deliver, post) for _ in range(COPIES)]
            for copy in copies:
                copy.result()
            with self._lock:
                self.taken += 1

    def _deliver(self, post: Post) -> None:
        give_up_at = time.monotonic() + PATIENCE_S
        while not _is_taken(post):
            with self._lock:
                self.refused += 1
            assert time.monotonic() < give_up_at, f"{PATIENCE_S:.0f} s without a 200"
            time.sleep(0.05)


def _is_taken(post: Post) -> bool:
    try:
        return post().status_code == 200
    except requests.RequestException:
        return False
