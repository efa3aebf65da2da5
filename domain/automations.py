"""Automations: rules with one trigger, conditions and ordered steps; and how far they are with a contact.

What a trigger, a condition and a step may say is listed in domain/automation_parts.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MOST_AUTOMATIONS = 100
MOST_STEPS = 25
#: Conditions of one automation, and how deep "all of" and "any of" may stand in each other.
MOST_CONDITIONS = 30
MOST_DEPTH = 3
#: An automation's own words, written as JSON.
MAX_DEFINITION_BYTES = 64 * 1024
#: Runs that one contact may have under way, nearly all of them waiting.
MOST_RUNS = 50
#: Runs that automations start among themselves after one thing that somebody did; and of how many such things it is
#: remembered how many they were.
MOST_CASCADE = 20
MOST_CASCADES = 10
#: A call is made so often before its step has failed.
MOST_CALLS = 3
MINUTE_MS = 60_000


class TriggerKind(StrEnum):
    """What makes an automation run."""

    CONVERSATION_OPENED = "conversation_opened"
    CONVERSATION_CLOSED = "conversation_closed"
    MESSAGE_RECEIVED = "message_received"
    WELCOME = "welcome"
    CONTACT_CREATED = "contact_created"
    TAG_ADDED = "tag_added"
    TAG_REMOVED = "tag_removed"
    FIELD_CHANGED = "field_changed"
    BOT_UNANSWERED = "bot_unanswered"
    NO_ANSWER_FROM_CONTACT = "no_answer_from_contact"
    NO_ANSWER_FROM_US = "no_answer_from_us"
    BY_HAND = "by_hand"


class StepKind(StrEnum):
    """What an automation does."""

    OPEN_CONVERSATION = "open_conversation"
    CLOSE_CONVERSATION = "close_conversation"
    SEND_MESSAGE = "send_message"
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    ADD_TAGS = "add_tags"
    REMOVE_TAGS = "remove_tags"
    SET_FIELD = "set_field"
    BOT_ON = "bot_on"
    BOT_OFF = "bot_off"
    COMMENT = "comment"
    NOTIFY = "notify"
    WAIT = "wait"
    CALL_URL = "call_url"
    STOP = "stop"
    STOP_WITHOUT_BOT = "stop_without_bot"


class Once(StrEnum):
    """How often an automation may run."""

    ALWAYS = ""
    CONVERSATION = "conversation"  # once for each conversation of a contact
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be so. value: a text, or several of which one is enough; empty where none is wanted."""

    subject: str
    operator: str
    value: str | tuple[str, ...] = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that must all be met, or of which one must. Nothing in it is met always."""

    members: "tuple[Condition | Group, ...]" = ()
    is_any: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What a trigger or a step says. values: by their name in domain/automation_parts.py; nothing is empty."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a value that is one text; empty where nothing is said."""
        return str(self.values.get(name, ""))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a value that is a list."""
        found = self.values.get(name, ())
        return found if isinstance(found, tuple) else tuple(found)

    def number(self, name: str) -> int:
        """Return a value that is a whole number; 0 where nothing is said."""
        return int(self.values.get(name, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(_Part):
    """What an automation waits for."""

    kind: TriggerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(_Part):
    """One thing to do. id: stays the same when the automation is changed. only_if: else it is passed over."""

    id: str
    kind: StepKind
    only_if: Group = Group()


@dataclass(frozen=True, slots=True, kw_only=True)
class Automation:
    """A rule. Times are epoch milliseconds.

    active_since_ms: what happened before it was switched on last does not concern it. position: its place in the list.
    """

    id: str
    name: str
    trigger: Trigger
    steps: tuple[Step, ...]
    conditions: Group = Group()
    description: str = ""
    once: Once = Once.ALWAYS
    is_active: bool = False
    active_since_ms: int = 0
    created_at_ms: int = 0
    position: int = 0

    @property
    def silence_ms(self) -> int:
        """For how long nobody must have answered, where that is its trigger."""
        return self.trigger.number("minutes") * MINUTE_MS

    @property
    def card(self) -> dict[str, Any]:
        """What entries and conversations keep of it: readable for ever, also when it is gone."""
        return {"id": self.id, "name": self.name}

    def step_at(self, step_id: str) -> Step | None:
        """Return the step with this id; None when there is none any more."""
        return next((step for step in self.steps if step.id == step_id), None)

    def step_after(self, step_id: str) -> str:
        """Return the id of the step behind this one; empty behind the last one."""
        ids = [step.id for step in self.steps]
        following = ids[ids.index(step_id) + 1 :]
        return following[0] if following else ""


class Automations:
    """All automations there are, in the order of the list; read once and asked often."""

    def __init__(self, items: tuple[Automation, ...] = ()) -> None:
        self.items = items
        self._by_id = {item.id: item for item in items}
        self._active: dict[TriggerKind, tuple[Automation, ...]] = {
            kind: tuple(item for item in items if item.is_active and item.trigger.kind is kind) for kind in TriggerKind
        }
        self.silences = self._active[TriggerKind.NO_ANSWER_FROM_CONTACT] + self._active[TriggerKind.NO_ANSWER_FROM_US]
        #: What the store must tell apart: kinds of lines, and after how long somebody looks whether we are answered.
        self.wanted = frozenset(line for kind, line in LINES.items() if self._active[kind])
        if patient := self._active[TriggerKind.NO_ANSWER_FROM_CONTACT]:
            self.wanted |= {f"silence:{min(one.silence_ms for one in patient)}"}

    def find(self, automation_id: str) -> Automation | None:
        """Return the one with this id; None when it is gone."""
        return self._by_id.get(automation_id)

    def waiting_for(self, kind: TriggerKind) -> tuple[Automation, ...]:
        """Return the active ones with this trigger, in the order of the list."""
        return self._active[kind]


#: The kind of line that says that something happened; messages and welcome events say so themselves.
LINES = {
    TriggerKind.CONVERSATION_OPENED: "opened",
    TriggerKind.CONVERSATION_CLOSED: "closed",
    TriggerKind.CONTACT_CREATED: "created",
    TriggerKind.TAG_ADDED: "tags_changed",
    TriggerKind.TAG_REMOVED: "tags_changed",
    TriggerKind.FIELD_CHANGED: "profile_changed",
    TriggerKind.BOT_UNANSWERED: "bot_unanswered",
    TriggerKind.BY_HAND: "run_by_hand",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of an automation for a contact, as far as it is. Times are epoch milliseconds.

    id: the same whenever the same cause is looked at again. entry: of the timeline, that made it run; -1: none did, it
    was silence. number: the conversation that it speaks for; 0: none. step: the next one's id. at_ms: when it goes on;
    0: at once. chain: the automations whose changes led to it, one after the other, itself last. root: the entry that
    the first of them ran for. calls: how often its step's URL was called. done: of each step that is over, its id, how
    it went, and a few words about that.
    """

    id: str
    automation: str
    trigger: TriggerKind
    entry: int
    number: int
    step: str
    started_at_ms: int
    chain: tuple[str, ...]
    root: int = -1
    at_ms: int = 0
    calls: int = 0
    done: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """What a contact's automations are about. Written with each of their steps, never beside it.

    runs: under way, the oldest first. ran: for each automation that ever ran here, the number of the conversation in
    which it did last, -1 before a merge. entry, passed: the undecided entry whose automations are under way, and those
    that have had their chance. quiet_entry: the one that the bot does not answer. cascades: how many runs automations
    have started among themselves, by the entry that it began with; of the latest few. silences: what has been done
    about silences, `<automation>:<conversation>:<since>`.
    """

    runs: tuple[Run, ...] = ()
    ran: Mapping[str, int] = field(default_factory=dict)
    entry: int = -1
    passed: tuple[str, ...] = ()
    quiet_entry: int = -1
    cascades: Mapping[str, int] = field(default_factory=dict)
    silences: tuple[str, ...] = ()


#: Of nearly every contact.
NO_RUNS = RunState()
