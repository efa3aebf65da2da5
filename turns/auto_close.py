"""The worker's look for forgotten conversations, once a minute over all workers."""

import logging
import threading

from domain.errors import NotFound, StoreError
from domain.platform_settings import PlatformSettings
from handlers.auto_close import close_forgotten
from store import Store

log = logging.getLogger(__name__)

#: So many conversations are looked at in one pass; the next one goes on behind them.
LOOKED_AT = 500
LOOK_EVERY_S = 60.0
HOUR_MS = 3_600_000
#: When a conversation was active last is told to the second.
ACTIVITY_EXACT_MS = 1000


def keep_closing(store: Store, stopping: threading.Event) -> None:
    """Look until `stopping` is set; a server that is away is asked again a minute later."""
    while not stopping.wait(LOOK_EVERY_S):
        try:
            close_idle(store, stopping)
        except StoreError as error:
            log.warning("auto_close.no_store error=%s", error)
        except Exception:
            log.exception("auto_close.broke")


def close_idle(store: Store, stopping: threading.Event | None = None) -> int:
    """Close what was forgotten, if that is wanted and no other worker looks now; return how many. Raises StoreError."""
    settings = store.platform_settings()
    if not settings.auto_close_after_h or not store.claim_auto_close():
        return 0
    until_ms = store.now_ms() - settings.auto_close_after_h * HOUR_MS - ACTIVITY_EXACT_MS
    partition, passed = store.auto_close_place()
    closed, left = 0, LOOKED_AT
    while left > 0 and partition < store.keys.partitions and not (stopping and stopping.is_set()):
        found = store.idle_contacts(partition, until_ms, passed, left)
        done = sum(_close(store, contact, until_ms, settings) for contact in found)
        closed, left = closed + done, left - len(found)
        # What was closed has left the list, so that what stands behind it has moved up.
        passed += len(found) - done
        if left > 0:
            partition, passed = partition + 1, 0
    if partition >= store.keys.partitions:
        partition, passed = 0, 0
    store.set_auto_close_place(partition, passed)
    if closed:
        log.info("auto_close closed=%d", closed)
    return closed


def _close(store: Store, contact: str, until_ms: int, settings: PlatformSettings) -> bool:
    """Close one; whatever happens to it meanwhile makes this the next pass's business."""
    try:
        snapshot = store.snapshot(contact)
    except NotFound:
        return False
    actions = close_forgotten(snapshot, idle_since_ms=until_ms)
    if not actions:
        return False
    # Whatever came behind what we saw refuses the close, also a user's reply.
    seen = snapshot.end - 1
    committed = store.commit(
        snapshot,
        actions,
        last_entry=seen,
        if_quiet=True,
        bot_back_on=settings.bot_back_on_at_close,
        keeps_assignee=settings.keeps_assignee,
    )
    return committed.is_done
