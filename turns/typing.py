"""Showing contacts that a user writes to them. Nothing waits for it, and nothing depends on it."""

import logging
import threading

from domain.errors import ChannelError, NotFound, StoreError
from store import Store
from turns.accounts import Accounts

log = logging.getLogger(__name__)

#: So many calls at once; a hint beyond that is dropped, since the next one comes in a moment.
MOST_AT_ONCE = 8


class TypingShower:
    """Takes hints that somebody types. One of all workers takes each, as the store says."""

    def __init__(self, store: Store, accounts: Accounts, *, most_at_once: int = MOST_AT_ONCE) -> None:
        self._store = store
        self._accounts = accounts
        self._places = threading.Semaphore(most_at_once)

    def hint(self, contact: str | None) -> threading.Thread | None:
        """Show it on a thread of its own, which is returned; None when too many are under way.

        contact: None, which a listener says when nothing happened, does nothing.
        """
        if contact is None or not self._places.acquire(blocking=False):
            return None
        thread = threading.Thread(target=self._show, args=(contact,), name="typing", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the machine has no more threads
            self._places.release()
            return None
        return thread

    def _show(self, contact: str) -> None:
        try:
            if not self._store.claim_typing(contact):
                return
            identity = self._store.snapshot(contact).contact.answers_on
            if self._accounts.rest_left_s(identity) == 0:
                self._accounts.channel(identity).show_typing(identity)
        except (ChannelError, NotFound, StoreError) as error:
            log.info("typing.not_shown contact=%s reason=%s", contact, error)
        except Exception as error:
            # By its name alone: a traceback of something that never matters would only hide what does.
            log.warning("typing.broke contact=%s error=%s", contact, type(error).__name__)
        finally:
            self._places.release()
