"""One turn of one contact: send what is pending, decide the next entry, and so on, for at most 20 entries."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from domain.actions import Action, Assign, NeedPerson
from domain.answers import Answer, Question
from domain.identities import MERGES, conversation_id
from domain.models import AssignmentSource, Contact, Entry, Snapshot
from handlers.automations.silences import next_look_ms
from handlers.messages import AskBot, decide, decide_answer
from handlers.notices import with_notices
from handlers.profiles import index
from measures import count_answer, measured_turn
from store import BotRecord, Committed, Store, Turn
from turns.accounts import Accounts
from turns.automations import Automating, Hooks
from turns.merges import carry_out
from turns.misses import Misses
from turns.outbox import Outbox
from turns.patience import insist

log = logging.getLogger(__name__)

#: A busy contact gives its place to the others after so many entries, and is due again at once.
ENTRIES_A_TURN = 20
#: How often a decision is made anew because somebody else changed the contact meanwhile.
MOST_REDECISIONS = 50


class Bot(Protocol):
    """Whoever answers questions; never raises for what the network or the agent does."""

    def ask(self, question: Question) -> Answer: ...


BuildPayload = Callable[[Snapshot, int, Entry], dict[str, object]]


class TurnRunner:
    """Takes turns. Shared by the worker's threads; bot: None when no agent is connected."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        bot: Bot | None,
        build_payload: BuildPayload,
        stopping: threading.Event | None = None,
        after_turn: Callable[[Contact], object] = lambda contact: None,
        hooks: Hooks | None = None,
        calls_at_once: int = 4,
    ) -> None:
        """stopping: once set, a turn is given back before the next send or decision.

        hooks: calls the URLs of automations, so many at once; None where that cannot be done.

        after_turn: told of the contact as it was when the turn began; must neither wait nor raise.
        """
        self._store = store
        self._accounts = accounts
        self._outbox = Outbox(store, accounts)
        self._bot = bot
        self._build_payload = build_payload
        self._stopping = stopping or threading.Event()
        self._after_turn = after_turn
        self.misses = Misses(store)
        self._automating = Automating(store, accounts, hooks, self.misses, calls_at_once)

    def run(self, contact: str) -> None:
        """Take the contact's turn, if it is due and nobody has it. Raises StoreError; the lease then ends by itself."""
        taken = self._store.take_turn(contact)
        if taken is None:
            return
        turn, snapshot = taken
        with measured_turn():
            self._work(turn, snapshot)
        self._after_turn(snapshot.contact)

    def _work(self, turn: Turn, snapshot: Snapshot) -> None:
        for _ in range(ENTRIES_A_TURN):
            if self._send_pending(turn, snapshot):
                return
            if self._stopping.is_set():
                break
            committed = self._automating.move(turn, snapshot)
            if committed is None:
                if snapshot.undecided is None:
                    break
                committed = self._decide(turn, snapshot, snapshot.undecided)
            if committed.snapshot is None:
                log.info("turn.lost contact=%s status=%s", turn.contact, committed.status)
                if committed.status == "decided":
                    # By ourselves: that commit's answer did not reach us, and the turn is still ours to give back.
                    break
                return
            snapshot = committed.snapshot
            if committed.is_released:
                return
        else:
            if self._send_pending(turn, snapshot):
                return
        insist(lambda: self._store.release_turn(turn))

    def _send_pending(self, turn: Turn, snapshot: Snapshot) -> bool:
        """Send what need not wait; True when nothing at all is left to do and the turn was given back."""
        contact, head = snapshot.contact, snapshot.head
        may_send = self._outbox.may_send(contact, head)
        while head is not None and may_send and not self._stopping.is_set():
            left = self._outbox.send(turn, contact, head)
            if left is None:
                return False
            if left.is_released:
                return True
            # What the contact waited for belonged to the message before.
            contact = replace(contact, try_at_ms=0, unsure=0)
            head = left.head
        return False

    def _decide(self, turn: Turn, snapshot: Snapshot, entry: Entry) -> Committed:
        """Decide one entry; a result with another status than ok has the snapshot to go on from, or none."""
        began = time.monotonic()
        if snapshot.contact.identity == MERGES:
            return self._commit(turn, snapshot, entry, carry_out(self._store, entry))
        decision = decide(snapshot, entry, has_bot=self._bot is not None)
        if isinstance(decision, AskBot):
            answer = self._ask(snapshot, decision)
            count_answer(answer)
            committed = self._commit_answer(turn, snapshot, decision, answer)
            bot = str(answer.failure or "answered")
            self._store.log_bot(_record(turn.contact, decision, answer))
        else:
            committed, bot = self._commit(turn, snapshot, entry, decision), "not_asked"
        duration_ms = (time.monotonic() - began) * 1000
        words = (turn.contact, entry.number, committed.status, bot, duration_ms)
        log.info("turn contact=%s entry=%d status=%s bot=%s duration_ms=%.0f", *words)
        return committed

    def _commit_answer(self, turn: Turn, snapshot: Snapshot, asked: AskBot, answer: Answer) -> Committed:
        """When the contact changed meanwhile, decide again on what it is now, with the same answer."""
        limit = self._accounts.max_text_chars(snapshot.contact.identity_of(asked.entry))
        for _ in range(MOST_REDECISIONS):
            actions = decide_answer(snapshot, asked, answer, max_text_chars=limit)
            committed = self._commit(turn, snapshot, asked.entry, actions)
            if committed.status != "conflict" or committed.snapshot is None:
                break
            snapshot = committed.snapshot
        return committed

    def _commit(self, turn: Turn, snapshot: Snapshot, entry: Entry, actions: list[Action]) -> Committed:
        rules = insist(self._store.platform_settings)
        automations = insist(self._store.automations)
        taken = self._take_from_who_left(snapshot)
        if any(isinstance(action, NeedPerson) for action in actions):
            # Who is told is who may see it afterwards.
            afterwards = _without_assignee(snapshot) if taken else snapshot
            actions = with_notices(afterwards, actions, insist(self._store.users))
        return insist(
            lambda: self._store.commit(
                snapshot,
                [*taken, *actions, *index(snapshot.contact)],
                turn=turn,
                decides=entry.number,
                keeps_lease=True,
                bot_back_on=rules.bot_back_on_at_close,
                keeps_assignee=rules.keeps_assignee,
                wake_ms=next_look_ms(snapshot, snapshot.contact.run_state, automations, self._store.now_ms()),
            )
        )

    def _take_from_who_left(self, snapshot: Snapshot) -> list[Action]:
        """A conversation whose user was deactivated is nobody's from its next message on."""
        if snapshot.open is None or snapshot.open.assignee is None:
            return []
        user_id = str(snapshot.open.assignee["id"])
        user = insist(lambda: self._store.user(user_id))
        if user is None or user.is_active:
            return []
        return [Assign(number=snapshot.open.number, user=None, source=AssignmentSource.DEACTIVATED)]

    def _ask(self, snapshot: Snapshot, asked: AskBot) -> Answer:
        assert self._bot is not None
        contact = snapshot.contact
        return self._bot.ask(
            Question(
                session=conversation_id(contact.id, asked.number),
                platform=contact.identity_of(asked.entry).kind,
                text=asked.text,
                event=asked.event,
                payload=self._build_payload(snapshot, asked.number, asked.entry),
            )
        )


def _without_assignee(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, open=replace(snapshot.open, assignee=None) if snapshot.open else None)


def _record(contact: str, asked: AskBot, answer: Answer) -> BotRecord:
    return BotRecord(
        kind="answer",
        contact=contact,
        conversation=asked.number,
        intent=answer.intent,
        is_fallback=answer.is_fallback,
        latency_ms=answer.latency_ms,
        failure=answer.failure or "",
        detail=answer.failure_detail[:200],
        webhook_status=answer.webhook_status,
    )
