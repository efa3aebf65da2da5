"""The worker's look for contacts that may be the same person, a stretch at a time, once a minute over all workers."""

import logging
import threading

from domain.errors import StoreError
from store import Store

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
#: In one look so many stretches of the search terms are read; the next one goes on behind them.
MOST_STRETCHES = 10


def keep_suggesting(store: Store, stopping: threading.Event) -> None:
    """Look until `stopping` is set; a server that is away is asked again a minute later."""
    while not stopping.wait(LOOK_EVERY_S):
        try:
            suggest_merges(store, stopping)
        except StoreError as error:
            log.warning("suggestions.no_store error=%s", error)
        except Exception:
            log.exception("suggestions.broke")


def suggest_merges(store: Store, stopping: threading.Event | None = None) -> bool:
    """Look on from where the last look ended; tell whether this was ours to do. Raises StoreError."""
    if not store.claim_suggestions():
        return False
    place = store.suggestions_place()
    if not place:
        store.forget_dismissed()
    found: list[list[str]] = []
    for _ in range(MOST_STRETCHES):
        groups, place = store.alike(place)
        found += groups
        if not place or (stopping and stopping.is_set()):
            break
    store.suggest(found)
    store.set_suggestions_place(place)
    return True
