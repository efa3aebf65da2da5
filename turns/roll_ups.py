"""The worker's sums: what was counted becomes days that the reports read, four times a minute over all workers."""

import logging
import threading

from domain.errors import StoreError
from store import Store

log = logging.getLogger(__name__)

LOOK_EVERY_S = 15.0


def keep_summing_up(store: Store, stopping: threading.Event) -> None:
    """Sum up until `stopping` is set; a server that is away is asked again at the next look."""
    while not stopping.wait(LOOK_EVERY_S):
        try:
            sum_up(store, stopping)
        except StoreError as error:
            log.warning("roll_up.no_store error=%s", error)
        except Exception:
            log.exception("roll_up.broke")


def sum_up(store: Store, stopping: threading.Event | None = None) -> int:
    """Sum up the days that are not final, the latest first; return how many were looked at. Raises StoreError.

    Two workers at once do the same twice, which is no harm; after a change of the time zone all days are to be done.
    """
    if not store.claim_roll_up():
        return 0
    zone, done = store.platform_settings().zone, 0
    for day in store.days_to_sum_up(zone):
        if stopping and stopping.is_set():
            break
        store.sum_up_day(day, zone)
        done += 1
    return done
