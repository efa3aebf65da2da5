"""Sending what is pending for a contact, in order, each message as nearly once as its platform allows."""

import logging
import math
import random
import secrets
import time

from domain.errors import ChannelError, Outcome
from domain.identities import Identity
from domain.models import Contact, Entry, Letter
from domain.sends import SendTag
from measures import count_send
from store import Left, Settled, Store, Turn
from turns.accounts import Accounts, Sender
from turns.patience import insist

log = logging.getLogger(__name__)

#: How long an attempt of which nobody knows the outcome waits for its echo.
ECHO_WAIT_MS = 60_000
BACKOFF_FIRST_S = 1.0
BACKOFF_MOST_S = 300.0
#: With the back-off above this is about an hour of trying; then the message has failed.
MOST_ATTEMPTS = 20
#: A call takes 6 s at most, and the lease that it is made under lasts 15.
LATEST_CALL_S = 8.0
#: One reply can go out twice at most.
MOST_UNSURE = 1


class Outbox:
    """Sends the head of a contact's pending messages."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def may_send(self, contact: Contact, head: Entry | None) -> bool:
        """Tell whether there is something to send that need not wait."""
        return head is not None and contact.try_at_ms <= self._store.now_ms()

    def send(self, turn: Turn, contact: Contact, head: Entry) -> Left | None:
        """Make one attempt at the head of what is pending.

        Returns what is left to send at once; None when the rest has to wait or the turn is lost. Raises StoreError.
        """
        identity = goes_to(contact, head)
        if (rest_s := insist(lambda: self._accounts.rest_left_s(identity))) > 0:
            self._postpone(turn, rest_s)
            return None
        try:
            channel = self._accounts.channel(identity)
        except ChannelError as error:
            reason, rest_s = error.reason, error.retry_after_s or BACKOFF_FIRST_S
            insist(lambda: self._accounts.rest(identity, reason, rest_s))
            self._postpone(turn, rest_s)
            return None
        if head.letter is Letter.SENDING and (not channel.can_echo or contact.unsure >= MOST_UNSURE):
            nonce, gone = head.nonces[-1], Settled.UNCONFIRMED
            count_send(identity.kind, gone)
            return insist(lambda: self._store.settle_send(turn, head.number, nonce, gone, reason="no_answer"))
        return self._attempt(turn, contact, identity, head, channel)

    def _postpone(self, turn: Turn, seconds: float) -> None:
        insist(lambda: self._store.postpone_send(turn, self._store.now_ms() + math.ceil(seconds * 1000)))

    def _attempt(self, turn: Turn, contact: Contact, identity: Identity, head: Entry, channel: Sender) -> Left | None:
        nonce = secrets.token_urlsafe(9)
        echo_wait_ms = ECHO_WAIT_MS if channel.can_echo else 0
        began = time.monotonic()
        attempts = insist(lambda: self._store.start_send(turn, head.number, nonce, echo_wait_ms=echo_wait_ms))
        if attempts is None:
            return None
        if time.monotonic() - began > LATEST_CALL_S:
            # The lease may be over before the call is: somebody else makes it.
            failure = ChannelError(Outcome.RETRY, "store_was_slow", 0.0)
            return self._settle_failure(turn, identity, head, nonce, attempts, channel, failure)
        if self._is_blocked(contact):
            failure = ChannelError(Outcome.PERMANENT, "blocked")
            return self._settle_failure(turn, identity, head, nonce, attempts, channel, failure)
        try:
            external_id = _call(channel, identity, head, str(SendTag(turn.contact, head.number, nonce)))
        except ChannelError as error:
            failure = error
        except Exception:
            log.exception("send.broke contact=%s entry=%d", turn.contact, head.number)
            failure = ChannelError(Outcome.AMBIGUOUS, "internal_error")
        else:
            self._log(turn, identity, head, "sent", began)
            count_send(identity.kind, Settled.SENT)
            return insist(
                lambda: self._store.settle_send(turn, head.number, nonce, Settled.SENT, external_id=external_id)
            )
        self._log(turn, identity, head, str(failure), began)
        return self._settle_failure(turn, identity, head, nonce, attempts, channel, failure)

    def _is_blocked(self, contact: Contact) -> bool:
        """A contact's own block ends what waits by itself; one that was merged is blocked with its primary."""
        if not contact.merged_into:
            return False
        primary = insist(lambda: self._store.snapshot(self._store.resolve(contact.id)))
        return primary.contact.is_blocked

    def _settle_failure(
        self,
        turn: Turn,
        identity: Identity,
        head: Entry,
        nonce: str,
        attempts: int,
        channel: Sender,
        error: ChannelError,
    ) -> Left | None:
        if error.is_account_wide:
            insist(lambda: self._accounts.rest(identity, error.reason, error.retry_after_s or BACKOFF_MOST_S))
        settled = self._outcome(attempts, channel, error)
        count_send(identity.kind, settled)
        if settled is None:
            return None
        wait_s = error.retry_after_s or 0.0
        if not (error.is_account_wide or error.outcome is Outcome.WAIT):
            wait_s = max(wait_s, backoff_s(attempts))
        try_at_ms = self._store.now_ms() + int(wait_s * 1000)
        left = insist(
            lambda: self._store.settle_send(turn, head.number, nonce, settled, reason=error.reason, try_at_ms=try_at_ms)
        )
        return None if settled in (Settled.RETRY, Settled.WAITING) else left

    @staticmethod
    def _outcome(attempts: int, channel: Sender, error: ChannelError) -> Settled | None:
        """What an error makes of the message; None leaves it `sending`, for its echo to settle."""
        match error.outcome:
            case Outcome.PERMANENT:
                return Settled.FAILED
            case Outcome.AMBIGUOUS:
                return None if channel.can_echo else Settled.UNCONFIRMED
            case Outcome.WAIT:
                return Settled.WAITING
            case Outcome.RETRY:
                return Settled.RETRY if error.is_account_wide or attempts < MOST_ATTEMPTS else Settled.FAILED

    @staticmethod
    def _log(turn: Turn, identity: Identity, head: Entry, status: str, began: float) -> None:
        duration_ms = (time.monotonic() - began) * 1000
        words = (identity.channel, turn.contact, head.number, status, duration_ms)
        log.info("send channel=%s contact=%s entry=%d status=%s duration_ms=%.0f", *words)


def goes_to(contact: Contact, head: Entry) -> Identity:
    """Return where a message goes: what it names, else the contact's own identity."""
    wanted = head.data.get("identity")
    return Identity.parse(wanted) if wanted else contact.identity


def _call(channel: Sender, identity: Identity, head: Entry, tag: str) -> str:
    file = head.data.get("file")
    if not file:
        return channel.send_text(identity, head.text, tag)
    return channel.send_file(identity, file["url"], file["name"], file["kind"], file["size"], tag)


def backoff_s(attempts: int) -> float:
    """Return how long to wait after `attempts` failed ones: doubling from 1 s to 300 s, with a little jitter."""
    seconds: float = min(BACKOFF_FIRST_S * 2.0 ** (attempts - 1), BACKOFF_MOST_S)
    return seconds * random.uniform(0.8, 1.2)
