"""Asking platforms for the names of contacts whose webhooks bring none. Nothing waits for it, or depends on it."""

import logging
import threading

from domain.errors import ChannelError, Conflict, NotFound, StoreError
from domain.events import Profile
from domain.identities import MERGES
from domain.models import Contact
from handlers.profiles import take_name
from store import Store
from turns.accounts import Accounts

log = logging.getLogger(__name__)

#: So many calls at once; a contact beyond that is dropped, and asked about after the next turn.
MOST_AT_ONCE = 4
#: How often we decide anew because the contact changed meanwhile.
MOST_REDECISIONS = 20


class ProfileFetcher:
    """Takes hints that a contact had a turn. One of all workers asks, once a day, as the store says."""

    def __init__(self, store: Store, accounts: Accounts, *, most_at_once: int = MOST_AT_ONCE) -> None:
        self._store = store
        self._accounts = accounts
        self._places = threading.Semaphore(most_at_once)

    def hint(self, contact: Contact) -> threading.Thread | None:
        """Ask on a thread of its own, which is returned; None when there is no need, or too many are under way."""
        if contact.platform_name or contact.is_blocked or contact.merged_into or contact.identity == MERGES:
            return None
        if not self._places.acquire(blocking=False):
            return None
        thread = threading.Thread(target=self._learn, args=(contact,), name="profile", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the machine has no more threads
            self._places.release()
            return None
        return thread

    def _learn(self, contact: Contact) -> None:
        try:
            profile = self._ask(contact)
            if profile is not None:
                self._keep(contact.id, profile)
        except (ChannelError, Conflict, NotFound, StoreError) as error:
            log.info("profile.not_told contact=%s reason=%s", contact.id, error)
        except Exception as error:
            # By its name alone: a traceback of something that never matters would only hide what does.
            log.warning("profile.broke contact=%s error=%s", contact.id, type(error).__name__)
        finally:
            self._places.release()

    def _ask(self, contact: Contact) -> Profile | None:
        # Of its own identity: what a platform calls somebody who was merged is not what this contact is called.
        identity = contact.identity
        if self._accounts.rest_left_s(identity) > 0:
            return None
        channel = self._accounts.channel(identity)
        return channel.fetch_profile(identity) if self._store.claim_profile(contact.id) else None

    def _keep(self, contact: str, profile: Profile) -> None:
        """On the contact as it is by now: a user may have written a name, another contact may have taken it over."""
        snapshot = self._store.snapshot(contact)
        for _ in range(MOST_REDECISIONS):
            actions = take_name(snapshot.contact, profile)
            if not actions:
                return
            committed = self._store.commit(snapshot, actions)
            if committed.status != "conflict" or committed.snapshot is None:
                return
            snapshot = committed.snapshot
        raise StoreError("the contact changes too fast")
