"""What every step of a play is made of: a contact as it was seen, a turn, sends that are settled, receipts."""

import time
from collections.abc import Callable, Iterator, Sequence

from demo.play import Story
from domain.actions import Action, Notify
from domain.arrivals import Arrival, RecordReceipt
from domain.events import ReceiptStatus
from domain.models import Entry, Letter, Snapshot
from domain.platform_settings import PlatformSettings
from domain.users import User
from store import Past, Settled, Store, Turn

#: How long a worker may be at a contact after an earlier play was stopped there, and how often we look.
PATIENCE_S, LOOK_EVERY_S = 30.0, 0.2
MOST_TRIES = 20
ENTRIES_AT_ONCE = 50
_BY_CONTACT = (Letter.MESSAGE, Letter.WELCOME_OPENING)


class Backstage:
    """One contact after the other, in a store that is used for nothing else."""

    def __init__(self, store: Store, team: Sequence[User], told: Sequence[User], rules: PlatformSettings) -> None:
        """told: who is told about what waits at the end. Raises StoreError."""
        self._store = store
        store.ignore_automations()
        self._past = Past(store)
        self._cards = [user.card for user in team]
        self._told = told
        self._rules = rules
        self._seen: Snapshot | None = None
        self._story: Story
        self._ends_ms = 0  # nothing that is later is of the play
        self._unread: list[str] = []  # what was sent since the contact wrote last
        self._tells_from_ms: float = 0.0

    # -- What goes out

    def _send(self, *, is_lost: bool = False) -> None:
        """Settle what is to be sent, if anything is."""
        if self._seen is None or self._seen.head is None:
            return
        before = -1
        while (taken := self._turn()) and (head := taken[1].head) and head.number != before:
            if int(head.data["at"]) > self._ends_ms:
                return
            before = head.number
            self._settle(taken[0], head.number, is_lost=is_lost)
            if not self._past.is_held:
                break

    def _settle(self, turn: Turn, number: int, *, is_lost: bool) -> None:
        nonce, external_id = f"played-{number}", f"o_{self._story.identity.contact_ref}.{number}"
        outcome = Settled.FAILED if is_lost else Settled.SENT
        self._past.at_once(
            lambda: self._store.start_send(turn, number, nonce, echo_wait_ms=0),
            lambda: self._store.settle_send(
                turn, number, nonce, outcome, external_id=external_id, reason="not_reachable" if is_lost else ""
            ),
        )
        if not is_lost:
            self._unread.append(external_id)

    def _receipts(self, status: ReceiptStatus) -> list[Arrival]:
        """The contact's phone has what was sent: Messenger says until when, Viber of which messages."""
        identity, sent = self._story.identity, self._unread
        self._unread = []
        if sent and identity.kind == "facebook":
            return [RecordReceipt(identity=identity, status=status, watermark_ms=self._past.at_ms - 500)]
        return [RecordReceipt(identity=identity, status=status, external_id=one) for one in sent]

    def _deliver(self) -> None:
        if receipts := self._receipts(ReceiptStatus.DELIVERED):
            self._past.at_ms += 2_000
            self._store.receive(receipts)

    def _look_back(self) -> int:
        """When the last thing happened that has happened already; and see what the contact has not read since.

        What people and workers did to the contact after the play is not of it.
        """
        last_ms = 0
        for entry in self._backwards():
            at_ms = int(entry.data["at"])
            if at_ms > self._ends_ms:
                continue
            last_ms = max(last_ms, at_ms)
            if entry.letter in _BY_CONTACT:
                break
            if entry.letter is Letter.SENT and entry.external_id.startswith("o_"):
                self._unread.insert(0, entry.external_id)
        return last_ms

    def _backwards(self) -> Iterator[Entry]:
        before = self._store.timeline(self._story.id, -1, 1).end
        while before > 0:
            first = max(before - ENTRIES_AT_ONCE, 0)
            page = self._store.timeline(self._story.id, first, before - first)
            yield from (entry for entry, _ in reversed(page.entries) if entry.number < before)
            before = first

    # -- What is decided

    def _turn(self) -> tuple[Turn, Snapshot] | None:
        """The contact's turn; None when there is nothing to decide or to send any more."""
        give_up_at = time.monotonic() + PATIENCE_S
        while (taken := self._past.take(self._story.id)) is None and time.monotonic() < give_up_at:
            self._seen = self._store.snapshot(self._story.id)
            if self._seen.undecided is None and self._seen.head is None:
                return None
            time.sleep(LOOK_EVERY_S)
        return taken

    def _act(self, decide_on: Callable[[Snapshot], list[Action]]) -> None:
        """Carry out what is decided, on the contact as it is. Raises Conflict, NotFound, StoreError."""
        for _ in range(MOST_TRIES):
            snapshot = self._seen or self._store.snapshot(self._story.id)
            actions = [one for one in decide_on(snapshot) if self._is_told or not isinstance(one, Notify)]
            if not actions:
                return
            committed = self._store.commit(
                snapshot,
                actions,
                bot_back_on=self._rules.bot_back_on_at_close,
                keeps_assignee=self._rules.keeps_assignee,
            )
            self._seen = committed.snapshot
            if committed.is_done:
                return

    @property
    def _is_told(self) -> bool:
        """What is over was read long ago; of what is open people are to be told."""
        return self._past.at_ms >= self._tells_from_ms
