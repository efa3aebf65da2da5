"""Performs a whole play, several contacts at once, while the workers of the running platform leave the past alone."""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import date

from demo.patience import patiently
from demo.play import Merge, Play, Story
from demo.stage import Stage
from demo.team import add_settings, add_team
from store import Store

#: Together they share each flush to the disk.
THREADS = 16
#: Well within the time for which the workers hold off.
HOLD_OFF_EVERY_S = 20.0


def perform(store: Store, make_store: Callable[[], Store], play: Play) -> Generator[int, None, None]:
    """Let everything happen that has not, and yield after each contact how many conversations it has.

    make_store: called for each thread. May be stopped anywhere, and called again.
    Raises Conflict, BadPayload; StoreError when the store did not answer for a quarter of a minute.
    """
    own, stopping = threading.local(), threading.Event()
    team = patiently(lambda: add_team(store))
    patiently(lambda: add_settings(store))
    told, rules = patiently(store.users), patiently(lambda: store.platform_settings(is_fresh=True))
    first_ms = min(story.conversations[0][0].at_ms for story in play.stories)

    def forget_sums() -> None:
        store.hold_off_workers()
        store.forget_sums(first_ms)

    def stage() -> Stage:
        """This thread's."""
        if not hasattr(own, "stage"):
            own.stage = Stage(make_store(), team, told, rules)
        found: Stage = own.stage
        return found

    def perform_one(story: Story) -> int:
        if not stopping.is_set():
            patiently(lambda: stage().perform(story, play.now_ms, stopping), stopping.wait)
        return len(story.conversations)

    def merge_one(merge: Merge) -> None:
        patiently(lambda: stage().merge(merge), stopping.wait)

    # Before it, too: should we be killed, nothing stands that was summed up without what we added.
    patiently(forget_sums)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            waiting = [pool.submit(perform_one, story) for story in play.stories]
            try:
                yield from _results(waiting, store)
            except BaseException:
                stopping.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        for merge in play.merges:
            merge_one(merge)
    finally:
        patiently(forget_sums, stopping.wait)


def days_to_sum_up(store: Store) -> list[date]:
    """Return the days that are to be summed up now. Raises StoreError."""
    return store.days_to_sum_up(store.platform_settings().zone)


def _results(waiting: Sequence[Future[int]], store: Store) -> Iterator[int]:
    """Yield what comes of each, as it comes. Raises what one of them raised."""
    left, held_at = set(waiting), time.monotonic()
    while left:
        done, left = wait(left, timeout=1.0, return_when=FIRST_COMPLETED)
        if time.monotonic() - held_at > HOLD_OFF_EVERY_S:
            patiently(store.hold_off_workers)
            held_at = time.monotonic()
        for one in done:
            yield one.result()
