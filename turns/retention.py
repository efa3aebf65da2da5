"""The worker's look for what is to be deleted: contacts that are too old, and what is left of a delete that stopped."""

import logging
import threading

from domain.errors import StoreError
from store import Deleted, Store

log = logging.getLogger(__name__)

#: In one pass so many contacts are looked at, and so many deleted; the next one goes on behind them.
LOOKED_AT = 10_000
MOST_DELETED = 2_000
#: So many are read from the list at once.
CHUNK = 500
#: For what a delete left; contacts that are too old are looked for once an hour over all workers.
LOOK_EVERY_S = 60.0
DAY_MS = 86_400_000
#: Who the list of who did what names.
PLATFORM = {"name": "The platform"}


def keep_deleting(store: Store, stopping: threading.Event) -> None:
    """Look until `stopping` is set; a server that is away is asked again a minute later."""
    while not stopping.wait(LOOK_EVERY_S):
        try:
            store.finish_deletes()
            delete_old(store, stopping)
        except StoreError as error:
            log.warning("retention.no_store error=%s", error)
        except Exception:
            log.exception("retention.broke")


def delete_old(store: Store, stopping: threading.Event | None = None) -> int:
    """Delete who is too old, if that is wanted and no other worker looks now; return how many. Raises StoreError."""
    days = store.platform_settings().retention_days
    if not days or not store.claim_retention():
        return 0
    until_ms = store.now_ms() - days * DAY_MS
    partition, passed = store.retention_place()
    deleted, left = 0, LOOKED_AT
    while left > 0 and deleted < MOST_DELETED and partition < store.keys.partitions:
        if stopping and stopping.is_set():
            break
        wanted = min(CHUNK, left, MOST_DELETED - deleted)
        found = store.known_before(partition, until_ms, passed, wanted)
        done = sum(_delete(store, contact, until_ms) for contact in found)
        deleted, left = deleted + done, left - len(found)
        # Who was deleted has left the list, so that those behind have moved up.
        passed += len(found) - done
        if len(found) < wanted:
            partition, passed = partition + 1, 0
    if partition >= store.keys.partitions:
        partition, passed = 0, 0
    store.set_retention_place(partition, passed)
    if deleted:
        store.record_audit("contacts.expired", PLATFORM, count=deleted)
        log.info("retention deleted=%d", deleted)
    return deleted


def _delete(store: Store, contact: str, until_ms: int) -> bool:
    """Delete one; whatever happens to it meanwhile makes this the next pass's business."""
    over = store.over_since(contact)
    if over is None or over[0] > until_ms:
        return False
    return store.delete_contact(contact, None, version=over[1]) is Deleted.DONE
