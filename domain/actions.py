"""What to do about what arrived. Handlers return these; the store carries them out, all or none.

Every action names the conversation it is for. `effect` makes it happen at most once, however often it is asked for.
"""

from dataclasses import dataclass, field
from typing import Any

from domain.automation_runs import RunRecord
from domain.automations import RunState
from domain.identities import Identity
from domain.models import AssignmentSource, Sender, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Start the next conversation, if none is open."""

    source: Source
    channel: str
    by: dict[str, Any] | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """End conversation `number`, if that is the open one.

    entry: the entry whose turn closes. later_from: messages from this entry on are not closed away, the next
    conversation is opened for them; None closes them with it.
    """

    number: int
    source: Source
    by: dict[str, Any] | None = None
    category: str = ""
    summary: str = ""
    entry: int | None = None
    later_from: int | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Write to the contact. A text over the channel's limit becomes several messages."""

    number: int  # of the conversation; 0: outside of any
    text: str
    sender: Sender
    by: dict[str, Any] | None = None
    details: dict[str, Any] = field(default_factory=dict)  # shown with the first message
    file: dict[str, Any] | None = None  # {url, name, kind, size}: sent instead of the text
    to: Identity | None = None  # one of the contact's identities; None: the contact's own
    welcome_token: str = ""  # the first message is the HTTP answer to this conversation_started
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteNotSent:
    """Keep on the timeline what was not sent, and why."""

    number: int
    text: str
    sender: Sender
    reason: str
    by: dict[str, Any] | None = None
    details: dict[str, Any] = field(default_factory=dict)
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """Put a line of the platform's own on the timeline."""

    number: int
    kind: str
    details: dict[str, Any] = field(default_factory=dict)
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAnswer:
    """Count what the bot had for an entry; a message that it had no intent for is kept for its training."""

    entry: int
    channel: str
    number: int = 0  # of the conversation
    intent: str = ""
    is_fallback: bool = False
    failure: str = ""  # it had nothing, because of this
    effect: str = ""

    @property
    def outcome(self) -> str:
        return "failed" if self.failure else "fallback" if self.is_fallback else "matched"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBot:
    """Switch the bot on or off for this contact. entry: the one whose turn does it; None for a person."""

    number: int
    is_on: bool
    source: Source
    entry: int | None = None
    by: dict[str, Any] | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Silence the bot until this conversation ends, because a person took over."""

    number: int
    reason: str
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedPerson:
    """Ask for a person in this conversation."""

    number: int
    reason: str
    text: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """Give the conversation to a user, or to nobody. user: {id, email, name}."""

    number: int
    user: dict[str, Any] | None
    source: AssignmentSource = AssignmentSource.USER
    by: dict[str, Any] | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProfile:
    """Write what is known about the contact, and say so on the timeline.

    values: by the stored name (`edited_name`, `phone`, `email`, `tags`, `fields`, `terms`, …), as stored; empty
    removes. tags_before, tags: as they were and as they shall be. terms: under which the search shall find the contact;
    they count where `values` has them. line: of the timeline, or None to say nothing.
    """

    number: int
    values: dict[str, str]
    tags_before: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    line: NoteLine | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Take nothing from the contact any more, or again. Blocking fails what waits to be sent."""

    is_blocked: bool
    by: dict[str, Any] | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Tell users about the entry that the action before this one wrote, until they have read it."""

    number: int
    users: tuple[str, ...]  # ids
    kind: str  # needs_person, mentioned or assigned
    by: dict[str, Any] | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRuns:
    """Write how far automations are with the contact.

    seen_wake_ms, wake_ms: when it was to be looked at by itself, and when it is now; 0: it is not.
    """

    state: RunState
    seen_wake_ms: int
    wake_ms: int
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRun:
    """Count what became of a run, and keep a record of it. counts_as: triggered, failed, guarded or nothing."""

    automation: str
    counts_as: str = ""
    record: RunRecord | None = None
    effect: str = ""


Action = (
    Open
    | Close
    | Send
    | NoteNotSent
    | NoteLine
    | NoteAnswer
    | SetBot
    | Pause
    | NeedPerson
    | Assign
    | ChangeProfile
    | Block
    | Notify
    | KeepRuns
    | CountRun
)
