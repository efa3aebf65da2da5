"""A worker's part in automations: asks what they want next of a contact, carries it out, commits it, step by step."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from domain.actions import Action
from domain.automation_runs import Result
from domain.automations import MINUTE_MS, MOST_CALLS, Run, StepKind
from domain.errors import HookError
from domain.identities import MERGES
from domain.models import Entry, Snapshot
from handlers.automations.conditions import Facts, unmet
from handlers.automations.hook_bodies import hook_body
from handlers.automations.moves import Act, Moment, Proceed, Rest
from handlers.automations.runs import after_step, later, next_move, with_call
from handlers.automations.steps import Scene, StepDone, Team, carry_out, goes_to
from store import Committed, Store, Turn
from turns.accounts import Accounts
from turns.misses import Misses
from turns.patience import insist

log = logging.getLogger(__name__)

#: How often a step is decided anew because somebody else changed the contact meanwhile.
MOST_REDECISIONS = 50
#: A call takes 6 s at most, and the lease that it is made under lasts 15.
LATEST_CALL_S = 8.0
#: After the first call that failed, and after the second.
CALL_AGAIN_MS = (MINUTE_MS // 6, MINUTE_MS)
#: When as many calls are under way as may be, the next one waits for so long before it looks again.
NO_PLACE_MS = 2_000
_WITH_TEAM = frozenset({StepKind.ASSIGN, StepKind.NOTIFY})


class Hooks(Protocol):
    """Calls URLs that people chose; see calls/hooks.py."""

    def call(self, url: str, body: dict[str, Any], delivery: str) -> int: ...


class Automating:
    """Moves contacts' automations on. Shared by the worker's threads."""

    def __init__(
        self, store: Store, accounts: Accounts, hooks: Hooks | None, misses: Misses, calls_at_once: int
    ) -> None:
        """hooks: None where no URL can be called; such a step then fails. calls_at_once: more than so many wait."""
        self._store = store
        self._accounts = accounts
        self._hooks = hooks
        self._misses = misses
        self._places = threading.BoundedSemaphore(calls_at_once)

    def move(self, turn: Turn, snapshot: Snapshot) -> Committed | None:
        """Do the next thing that automations want of the contact; None when they want nothing now. Raises StoreError.

        A result that is not ok is as that of any commit of a turn.
        """
        if snapshot.contact.identity == MERGES:
            return None
        at = self._moment()
        if not at.automations.items and not snapshot.contact.run_state.runs and not snapshot.contact.wake_at_ms:
            return None
        move = next_move(snapshot, at)
        if isinstance(move, Act) and move.is_end:
            # Ours may be the list of two seconds ago; what ends is not begun again.
            at = replace(at, automations=insist(lambda: self._store.automations(is_fresh=True)))
            move = next_move(snapshot, at)
        if isinstance(move, Proceed):
            return self._proceed(turn, snapshot, move, at)
        self._misses.note(snapshot.contact.id, at.now_ms, move.misses)
        if isinstance(move, Rest):
            return None
        return self._commit(turn, snapshot, list(move.actions), last_entry=move.last_entry)

    def _moment(self) -> Moment:
        automations, settings = insist(self._store.automations), insist(self._store.platform_settings)
        return Moment(automations=automations, settings=settings, now_ms=self._store.now_ms())

    def _proceed(self, turn: Turn, snapshot: Snapshot, move: Proceed, at: Moment) -> Committed:
        step, began = move.step, time.monotonic()
        team = self._team(move) if step.kind in _WITH_TEAM else Team()

        def decide(seen: Snapshot, run: Run) -> StepDone:
            scene = self._scene(seen, move, run, at, team)
            message = scene.entry or _caused(seen, run)
            facts = Facts(contact=seen.contact, open=seen.open, message=message, now_ms=at.now_ms, settings=at.settings)
            if why := unmet(step.only_if, facts):
                return StepDone(result=Result.SKIPPED, words=why)
            return StepDone(result=Result.DONE) if step.kind is StepKind.CALL_URL else carry_out(step, scene)

        if step.kind is StepKind.CALL_URL and decide(snapshot, move.run).result is Result.DONE:
            committed = self._call(turn, snapshot, move, at)
        else:
            committed = self._commit_step(turn, snapshot, move, at, decide)
        words = (turn.contact, move.automation.id, step.kind, committed.status, (time.monotonic() - began) * 1000)
        log.info("automation contact=%s automation=%s step=%s status=%s duration_ms=%.0f", *words)
        return committed

    def _commit_step(
        self, turn: Turn, snapshot: Snapshot, move: Proceed, at: Moment, decide: Callable[[Snapshot, Run], StepDone]
    ) -> Committed:
        """When the contact changed meanwhile, decide again on what it is now; who was drawn or called stays so."""
        for _ in range(MOST_REDECISIONS):
            run = _run_of(snapshot, move.run)
            act = after_step(snapshot, run, move.step, decide(snapshot, run), move.automation, at)
            committed = self._commit(turn, snapshot, list(act.actions))
            if committed.status != "conflict" or committed.snapshot is None or _is_over(committed.snapshot, run):
                break
            snapshot = committed.snapshot
        return committed

    def _call(self, turn: Turn, snapshot: Snapshot, move: Proceed, at: Moment) -> Committed:
        """Make one call. It is noted first, which holds the lease anew, and bounds how often a call kills a worker."""
        if self._hooks is None:
            return self._commit_step(turn, snapshot, move, at, lambda *_: _failed("No URL can be called from here."))
        if not self._places.acquire(blocking=False):
            # Who answers slowly holds up those who call, not everybody.
            return self._wait_to_call(turn, snapshot, move.run, NO_PLACE_MS, at)
        try:
            return self._call_now(turn, snapshot, move, at, self._hooks)
        finally:
            self._places.release()

    def _call_now(self, turn: Turn, snapshot: Snapshot, move: Proceed, at: Moment, hooks: Hooks) -> Committed:
        if move.run.calls >= MOST_CALLS:
            return self._commit_step(turn, snapshot, move, at, lambda *_: _failed("No answer to any of our calls."))
        began = time.monotonic()
        noted = self._commit(turn, snapshot, list(with_call(snapshot, move.run, at).actions))
        if not noted.is_done or noted.snapshot is None or time.monotonic() - began > LATEST_CALL_S:
            return noted
        snapshot, run = noted.snapshot, _run_of(noted.snapshot, move.run)
        delivery = f"{run.id}-{move.step.id}"
        try:
            body = hook_body(snapshot, move.automation, run, delivery=delivery)
            status = hooks.call(move.step.text("url"), body, delivery)
        except HookError as error:
            if error.is_permanent or run.calls >= MOST_CALLS:
                done = _failed(str(error))
            else:
                return self._wait_to_call(turn, snapshot, run, CALL_AGAIN_MS[run.calls - 1], at)
        else:
            done = StepDone(result=Result.DONE, words=f"Answered with {status}.")
        return self._commit_step(turn, snapshot, move, at, lambda *_: done)

    def _wait_to_call(self, turn: Turn, snapshot: Snapshot, run: Run, wait_ms: int, at: Moment) -> Committed:
        again_ms = self._store.now_ms() + wait_ms
        for _ in range(MOST_REDECISIONS):
            committed = self._commit(
                turn, snapshot, list(later(snapshot, _run_of(snapshot, run), again_ms, at).actions)
            )
            if committed.status != "conflict" or committed.snapshot is None:
                break
            snapshot = committed.snapshot
        return committed

    def _team(self, move: Proceed) -> Team:
        """Who there is. Whose turn it is is drawn once for a step, so that deciding anew passes nobody over."""
        users = insist(self._store.assignable_users)
        if move.step.kind is not StepKind.ASSIGN or move.step.text("to") == "user":
            return Team(users=tuple(users))
        counts: dict[str, int] = {}
        if move.step.text("to") == "least_open":
            ids = [user.id for user in users if user.is_available]
            load = insist(lambda: self._store.workload(ids, longest=0))
            counts = {user: of_user.open for user, of_user in load.of_users.items()}
        return Team(users=tuple(users), open_counts=counts, turn=insist(self._store.next_assignment_turn))

    def _scene(self, snapshot: Snapshot, move: Proceed, run: Run, at: Moment, team: Team) -> Scene:
        entry = _caused(snapshot, run)
        identity = goes_to(snapshot.contact, entry) or snapshot.contact.identity
        return Scene(
            snapshot=snapshot,
            automation=move.automation,
            run=run,
            entry=entry,
            now_ms=at.now_ms,
            settings=at.settings,
            max_text_chars=self._accounts.max_text_chars(identity),
            team=team,
        )

    def _commit(
        self, turn: Turn, snapshot: Snapshot, actions: list[Action], last_entry: int | None = None
    ) -> Committed:
        rules = insist(self._store.platform_settings)
        return insist(
            lambda: self._store.commit(
                snapshot,
                actions,
                turn=turn,
                keeps_lease=True,
                last_entry=last_entry,
                bot_back_on=rules.bot_back_on_at_close,
                keeps_assignee=rules.keeps_assignee,
            )
        )


def _run_of(snapshot: Snapshot, run: Run) -> Run:
    """The run as it is now: nobody but who has the turn changes it."""
    return next(one for one in snapshot.contact.run_state.runs if one.id == run.id)


def _is_over(snapshot: Snapshot, run: Run) -> bool:
    """Tell whether the run's step was carried out: by our own commit, whose answer did not reach us the first time."""
    return not any(one.id == run.id and one.done == run.done for one in snapshot.contact.run_state.runs)


def _caused(snapshot: Snapshot, run: Run) -> Entry | None:
    """The entry that made it run, as long as that is undecided."""
    undecided = snapshot.undecided
    return undecided if undecided and undecided.number == run.entry else None


def _failed(words: str) -> StepDone:
    return StepDone(result=Result.FAILED, words=words)
