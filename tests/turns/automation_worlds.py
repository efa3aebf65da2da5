"""A day with automations, on a real store, with a worker that dies, stalls or is not heard where a test says so."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from domain.answers import Answer, BotFailure
from domain.arrivals import Arrival, SettleByEcho
from domain.automation_runs import AutomationNumbers, RunRecord
from domain.definitions import read_definition
from domain.errors import HookError, StoreError
from domain.models import Entry
from domain.sends import SendTag
from store import Store
from tests.conftest import StoppedClock, make_store
from tests.people import SUSAN_ID
from tests.servers import Valkey
from tests.signing_in import log_in
from tests.turns.automations.automation_stage import AutomationStage
from turns.turn import TurnRunner

BEGAN_MS = 1_795_000_000_000
MINUTE_MS = 60_000
LEASE_MS = 15_000


class Killed(BaseException):
    """The worker is gone; nothing that would run after it does."""


class Trouble(StrEnum):
    """What happens to a worker at one of its steps: a script, a question, a call or a message."""

    NONE = "none"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    UNHEARD = "unheard"  # the store has done it, and its answer is lost
    STALLED = "stalled"  # another worker does everything meanwhile


class Day:
    """One contact, one worker at a time; time moves only where nothing is left to do."""

    def __init__(self, valkey: Valkey, trouble: Trouble = Trouble.NONE, at: int = -1) -> None:
        """at: the number of the step at which the trouble happens."""
        valkey.client().flushall()
        self._valkey, self._trouble, self._at, self.steps = valkey, trouble, at, 0
        self._is_stalling = False
        self.web = make_store(valkey)
        self.clock = StoppedClock(BEGAN_MS)
        self.web.now_ms = self.clock
        self.stage = AutomationStage(self.web, self.clock)
        self.stage.bot.answers = {
            "what?": Answer(response_id="r1", is_fallback=True, replies=("Sorry?",)),
            "broken": Answer(response_id="r2", failure=BotFailure.UNREACHABLE),
        }
        self.stage.bot.on_ask = lambda _: self._step(lambda: None)
        self.stage.hooks.on_call = self._take_call
        self.stage.facebook.on_send = self._deliver
        self.calls: list[str] = []
        self._worker = self._start_worker()

    def automate(self, definitions: Sequence[dict[str, Any]]) -> None:
        """Put automations in and switch them on; the first one's id is a1."""
        log_in(self.web)
        made = tuple(
            replace(read_definition(one), id=f"a{number}", is_active=True, active_since_ms=BEGAN_MS, position=number)
            for number, one in enumerate(definitions, 1)
        )
        self.web.change_automations(lambda _: made)

    def write(self, *arrivals: Arrival) -> None:
        """Let the contact do something."""
        self.web.receive(list(arrivals))

    def work(self, minutes: float | None = None) -> None:
        """Work for so long; None: until nobody is due any more."""
        until_ms = None if minutes is None else self.clock.ms + round(minutes * MINUTE_MS)
        for _ in range(1000):
            due_ms = self.web.next_due_ms()
            if due_ms is None or (until_ms is not None and due_ms > until_ms):
                self.clock.ms = until_ms or self.clock.ms
                return
            self.clock.ms = max(self.clock.ms, due_ms)
            try:
                self._worker.run(SUSAN_ID)
            except (Killed, StoreError):
                self._worker = self._start_worker()
        raise AssertionError("there is always something to do")

    # -- What came of it

    def timeline(self) -> list[tuple[str, ...]]:
        """Each entry in words, without times and what platforms call it."""
        page = self.web.timeline(SUSAN_ID, 0, 10_000)
        return [_words(entry, number) for entry, number in page.entries]

    def histories(self) -> dict[str, list[tuple[Any, ...]]]:
        """How the runs of each automation went, oldest first, without times."""
        ids = [item.id for item in self.web.automations().items]
        return {one: [_told(record) for record in self.web.run_history(one)[::-1]] for one in ids}

    def numbers(self) -> dict[str, AutomationNumbers]:
        """How often each ran, without times."""
        found = self.web.automation_numbers().items()
        return {
            one: replace(numbers, last_at_ms=0, last_error_at_ms=0, guarded_at_ms=0) for one, numbers in sorted(found)
        }

    def outcome(self) -> dict[str, Any]:
        """All of it: how the contact is in the end, what was on the way there, and what was written to the phone."""
        snapshot = self.web.snapshot(SUSAN_ID)
        conversation = snapshot.open
        return {
            "timeline": self.timeline(),
            "histories": self.histories(),
            "numbers": self.numbers(),
            "runs": snapshot.contact.run_state,
            "wakes": snapshot.contact.wake_at_ms,
            "contact": (snapshot.contact.tags, snapshot.contact.email, snapshot.contact.bot_off),
            "open": conversation
            and (conversation.number, conversation.needs, (conversation.assignee or {}).get("name")),
            "phone": self.stage.facebook.texts,
            "calls": sorted(set(self.calls)),
        }

    # -- The worker, and what happens to it

    def _start_worker(self) -> TurnRunner:
        store = make_store(self._valkey)
        store.now_ms = self.clock
        run = store.connection.run
        store.connection.run = lambda call: self._step(lambda: run(call))  # type: ignore[method-assign]
        return self.stage.runner(store)

    def _step(self, make: Callable[[], Any]) -> Any:
        if self._is_stalling:
            return make()
        number, self.steps = self.steps, self.steps + 1
        if number != self._at:
            return make()
        match self._trouble:
            case Trouble.KILLED_BEFORE:
                raise Killed
            case Trouble.STALLED:
                self._let_another_work()
        result = make()
        if self._trouble is Trouble.KILLED_AFTER:
            raise Killed
        if self._trouble is Trouble.UNHEARD:
            raise StoreError("it is not heard")
        return result

    def _let_another_work(self) -> None:
        self._is_stalling = True
        self.clock.ms += LEASE_MS + 1000
        for _ in range(100):
            if (self.web.next_due_ms() or self.clock.ms + 1) > self.clock.ms:
                break
            self.stage.runner(self._fresh_store()).run(SUSAN_ID)
        self._is_stalling = False

    def _fresh_store(self) -> Store:
        store = make_store(self._valkey)
        store.now_ms = self.clock
        return store

    def _take_call(self) -> int:
        """Whoever is called takes it; what cannot be repeated is repeated: /flaky fails when it is called first."""
        url, delivery = self.stage.hooks.urls[-1], self.stage.hooks.deliveries[-1]

        def take() -> bool:
            self.calls.append(delivery)
            return url.endswith("/flaky") and self.calls.count(delivery) == 1

        if self._outside(take):
            raise HookError("status_503", False, "It may take the call later.")
        return 200

    def _deliver(self, text: str, tag: str) -> None:
        """The platform takes a message; its echo comes, whether the worker hears the answer or not."""
        parsed = SendTag.parse(tag)
        assert parsed
        is_killed = self._dies_here()
        self.web.receive([SettleByEcho(tag=parsed, external_id=f"m_{parsed.entry}")])
        if is_killed:
            self.stage.facebook.sent.append((text, tag))
            raise Killed

    def _outside(self, make: Callable[[], Any]) -> Any:
        """A step that the store has no part in: nothing of it can go unheard by it."""
        if self._trouble is Trouble.UNHEARD:
            return make()
        return self._step(make)

    def _dies_here(self) -> bool:
        """The step of a message: whether the worker dies right after the platform took it."""
        if self._trouble is Trouble.KILLED_AFTER and not self._is_stalling:
            number, self.steps = self.steps, self.steps + 1
            return number == self._at
        self._outside(lambda: None)
        return False


def _words(entry: Entry, number: int | None) -> tuple[str, ...]:
    data = entry.data
    by = data.get("by") or {}
    told = {name: value for name, value in data.items() if name not in ("at", "sent_at", "kind", "text", "by", "user")}
    told.pop("resolution_ms", None)
    return (f"{data['kind']} {entry.letter}", entry.text, str(number), str(by.get("id")), str(sorted(told.items())))


def _told(record: RunRecord) -> tuple[Any, ...]:
    return (record.run, record.outcome, record.number, record.trigger, record.reason, record.done)
