"""Automations on a stage: made from definitions, worked through by one worker while time passes as the test says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.actions import Action
from domain.answers import Answer, BotFailure
from domain.automation_runs import RunRecord
from domain.automations import Automation
from domain.definitions import read_definition
from domain.identities import Identity
from domain.models import Entry, Letter, Sender, Snapshot
from handlers import users
from handlers.profiles import change_profile, change_tags
from store import Committed, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, PETAR, SUSAN, SUSAN_ID, write
from tests.turns.stage import Stage, payload
from turns.accounts import Accounts
from turns.turn import TurnRunner

MINUTE_S = 60
NO_INTENT = Answer(response_id="r1", intent="", replies=("Sorry?",), is_fallback=True)
FAILED = Answer(response_id="r1", failure=BotFailure.TIMED_OUT)


@dataclass
class PlayedHooks:
    """Whoever is called: takes what comes; `on_call` may change the contact meanwhile, or raise."""

    on_call: Callable[[], int] = lambda: 200
    bodies: list[dict[str, Any]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    deliveries: list[str] = field(default_factory=list)

    def call(self, url: str, body: dict[str, Any], delivery: str) -> int:
        self.urls.append(url)
        self.bodies.append(body)
        self.deliveries.append(delivery)
        return self.on_call()


class AutomationStage(Stage):
    """One worker that knows the automations, whoever is called, and a clock."""

    def __init__(self, store: Store, clock: StoppedClock) -> None:
        super().__init__(store)
        self.clock = clock
        self.hooks = PlayedHooks()
        self.worker = self.runner()

    def runner(self, store: Store | None = None) -> TurnRunner:
        channels = {SUSAN.channel: self.facebook, PETAR.channel: self.viber}
        at = store or self.store
        return TurnRunner(at, Accounts(at, channels), self.bot, payload, hooks=self.hooks)

    def turn(self, contact: str = SUSAN_ID) -> None:
        self.worker.run(contact)

    # -- Automations

    def automate(self, trigger: str | dict[str, Any], *steps: dict[str, Any], name: str = "", **more: Any) -> str:
        """Add an automation that is switched on, at the end of the list; return its id."""
        before = self.store.automations(is_fresh=True).items
        said = {"kind": trigger} if isinstance(trigger, str) else trigger
        definition = {"name": name or f"Automation {len(before) + 1}", "trigger": said, "steps": list(steps), **more}
        made = replace(
            read_definition(definition),
            id=f"a{len(before) + 1}",
            is_active=True,
            active_since_ms=self.clock.ms,
            created_at_ms=self.clock.ms,
            position=len(before),
        )
        self.store.change_automations(lambda items: (*items, made))
        return made.id

    def change(self, automation: str, change: Callable[[Automation], Automation]) -> None:
        """Change one automation."""
        self.store.change_automations(
            lambda items: tuple(change(item) if item.id == automation else item for item in items)
        )

    def switch(self, automation: str, *, is_on: bool) -> None:
        """Switch one on or off."""
        since_ms = self.clock.ms if is_on else 0
        self.change(automation, lambda item: replace(item, is_active=is_on, active_since_ms=since_ms))

    def take_away(self, automation: str) -> None:
        """Delete one."""
        self.store.change_automations(lambda items: tuple(item for item in items if item.id != automation))

    def triggered(self, automation: str) -> int:
        """How often it ran."""
        numbers = self.store.automation_numbers().get(automation)
        return numbers.triggered if numbers else 0

    def history(self, automation: str) -> list[RunRecord]:
        """What is kept of its runs, oldest first."""
        self.worker.misses.write()
        return self.store.run_history(automation)[::-1]

    def outcomes(self, automation: str) -> list[str]:
        """How its runs went, oldest first."""
        return [str(record.outcome) for record in self.history(automation)]

    def reasons(self, automation: str) -> list[str]:
        """Why it did not run, or stopped, oldest first."""
        return [record.reason for record in self.history(automation)]

    def results(self, automation: str) -> list[tuple[str, str]]:
        """How each step of its last run went, and the words about that."""
        return [(result, words) for _, result, words in self.history(automation)[-1].done]

    # -- What happens

    def work(self) -> None:
        """Let the worker take every turn that is due at this moment."""
        for _ in range(200):
            due = self.store.due_contacts(self.store.keys.each(), 10)
            if not due:
                return
            for contact in due:
                self.turn(contact)
        raise AssertionError("there is always somebody due")

    def pass_min(self, minutes: float) -> None:
        """Let time pass, with a worker that takes each turn when it is due."""
        until_ms = self.clock.ms + round(minutes * 60_000)
        self.work()
        while (due_ms := self.store.next_due_ms()) is not None and due_ms <= until_ms:
            self.clock.ms = max(self.clock.ms, due_ms)
            self.work()
        self.clock.ms = until_ms

    def hears(self, text: str = "hello", who: Identity = SUSAN) -> None:
        """Somebody writes, and the worker does all there is to do."""
        write(self.store, text, who=who)
        self.work()

    def acts(
        self, decide: Callable[[Snapshot], Sequence[Action]], contact: str = SUSAN_ID, **options: Any
    ) -> Committed:
        """A user or the API does something; what it leads to is left to the worker."""
        snapshot = self.store.snapshot(contact)
        committed = self.store.commit(snapshot, decide(snapshot), **options)
        assert committed.is_done, committed.status
        return committed

    def tags(self, *add: str, remove: tuple[str, ...] = (), by: dict[str, Any] | None = ALICE) -> None:
        """Somebody gives tags to Susan, or takes them, and the worker works."""
        self.acts(lambda snapshot: change_tags(snapshot, add=add, remove=remove, by=by))
        self.work()

    def fields(self, changes: dict[str, str], by: dict[str, Any] | None = ALICE) -> None:
        """Somebody changes Susan's profile, and the worker works."""
        self.acts(lambda snapshot: change_profile(snapshot, changes, by=by))
        self.work()

    def replies(self, text: str = "Alice here", contact: str = SUSAN_ID) -> None:
        """Alice writes from the Messaging Module; no turn runs."""
        self.acts(
            lambda snapshot: users.write(snapshot, text, sender=Sender.USER, opens=None, max_text_chars=1900, by=ALICE),
            contact,
        )

    # -- What came of it

    def entries(self, kind: str = "", contact: str = SUSAN_ID) -> list[Entry]:
        """The entries of a timeline, all or those of one kind."""
        found = [entry for entry, _ in self.store.timeline(contact, 0, 100_000).entries]
        return [entry for entry in found if kind in ("", entry.data["kind"])]

    def said(self, sender: Sender = Sender.AUTOMATION, contact: str = SUSAN_ID) -> list[str]:
        """What one kind of sender wrote to somebody, in order."""
        found = self.entries("message", contact)
        return [
            entry.text for entry in found if entry.data.get("sender") == sender and entry.letter is not Letter.NOT_SENT
        ]

    def conversations(self, contact: str = SUSAN_ID) -> list[tuple[int, str, str]]:
        """Number, who opened it and who closed it (empty: open) of each, oldest first."""
        found = self.store.conversations(contact)[::-1]
        return [(one.number, str(one.source), str(getattr(one, "closed_source", ""))) for one in found]

    def tags_of(self, contact: str = SUSAN_ID) -> tuple[str, ...]:
        return self.store.snapshot(contact).contact.tags


def named(card: Any) -> dict[str, Any]:
    """What an automation leaves of itself, without the entry that it all began with."""
    return {name: value for name, value in card.items() if name != "root"}


def opened_by(*sources: str, **more: Any) -> dict[str, Any]:
    return {"kind": "conversation_opened", "sources": list(sources), **more}


def closed_by(*sources: str, **more: Any) -> dict[str, Any]:
    return {"kind": "conversation_closed", "sources": list(sources), **more}


def on_text(*texts: str, match: str = "contains", **more: Any) -> dict[str, Any]:
    return {"kind": "message_received", "match": match, "texts": list(texts), **more}


ANY_MESSAGE = {"kind": "message_received", "match": "any"}


def send(text: str = "Sent by an automation", **more: Any) -> dict[str, Any]:
    return {"kind": "send_message", "text": text, **more}


def add(*tags: str, **more: Any) -> dict[str, Any]:
    return {"kind": "add_tags", "tags": list(tags), **more}


def wait(minutes: int = 60) -> dict[str, Any]:
    return {"kind": "wait", "minutes": minutes}


OPEN = {"kind": "open_conversation"}
CLOSE = {"kind": "close_conversation"}
