"""What is known about a contact at one moment: the contact, its open conversation, its timeline's entries."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.automations import NO_RUNS, RunState
from domain.identities import Identity


class Source(StrEnum):
    """Who or what opened or closed a conversation."""

    CONTACT = "contact"
    WELCOME_EVENT = "welcome_event"
    USER = "user"
    AUTOMATION = "automation"
    DIALOGFLOW = "dialogflow"
    API = "api"
    CONTACT_MERGE = "contact_merge"
    AUTO_CLOSE = "auto_close"


class AssignmentSource(StrEnum):
    """Who or what gave a conversation to somebody, or took it from them."""

    USER = "user"
    AUTOMATION = "automation"
    API = "api"
    KEPT = "kept"  # whoever had the contact's last conversation has the next one
    DEACTIVATED = "deactivated"  # taken from a user who may not log in any more


class Sender(StrEnum):
    """Who wrote a message."""

    CONTACT = "contact"
    USER = "user"
    BOT = "bot"
    AUTOMATION = "automation"
    API = "api"


class Status(StrEnum):
    """What became of an outgoing message."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"  # it may have arrived; the platform leaves no way to know


class Letter(StrEnum):
    """The first character of a stored entry: what it is, and for outgoing ones how far it came."""

    MESSAGE = "m"
    WELCOME_OPENING = "w"
    WELCOME = "v"
    NOTED = "n"
    LINE = "e"  # opened, closed, bot, needs_person: said by the platform itself
    NOT_SENT = "x"
    PENDING = "p"
    SENDING = "g"
    SENT = "s"
    DELIVERED = "d"
    READ = "r"
    FAILED = "f"
    UNCONFIRMED = "u"


OUTGOING_STATUS = {
    Letter.PENDING: Status.PENDING,
    Letter.SENDING: Status.SENDING,
    Letter.SENT: Status.SENT,
    Letter.DELIVERED: Status.DELIVERED,
    Letter.READ: Status.READ,
    Letter.FAILED: Status.FAILED,
    Letter.UNCONFIRMED: Status.UNCONFIRMED,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a contact's timeline."""

    number: int
    letter: Letter
    data: dict[str, Any]  # kind, at (epoch ms), text, ...
    changed_at_ms: int = 0  # of an outgoing entry: when its status was last set by a send
    external_id: str = ""
    reason: str = ""
    nonces: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return str(self.data.get("text", ""))

    @property
    def status(self) -> Status | None:
        """None for what is not outgoing."""
        return OUTGOING_STATUS.get(self.letter)


@dataclass(frozen=True, slots=True)
class Opening:
    """An entry of the contact opened a conversation."""

    entry: int
    number: int
    source: Source


@dataclass(frozen=True, slots=True)
class LastWord:
    """Our last message in the open conversation: its entry, when, how many messages the contact had written by then.

    chain: the automations that led to it, where one of them wrote it.
    """

    entry: int
    at_ms: int
    incoming: int
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The person who writes, and how far we are with them. Times are epoch milliseconds, 0 = never."""

    id: str
    identity: Identity
    version: int = 0
    cursor: int = 0
    conversations: int = 0
    name: str = ""
    language: str = ""
    country: str = ""
    created_at_ms: int = 0
    bot_off: str = ""  # empty: the bot is on; else the entry that turned it off, or - for a person
    closed_entry: int | None = None  # the entry whose turn made the last close by a turn, and what it closed
    closed_number: int = 0
    closed_from: int = 0  # the entries of the conversation that was closed last: from here
    closed_end: int = 0  # to before this one
    is_subscribed: bool | None = None
    is_blocked: bool = False
    delivered_until_ms: int = 0
    read_until_ms: int = 0
    try_at_ms: int = 0  # the head of what is pending may be tried from then on
    wait: str = ""  # why it waits: backoff, platform or echo
    attempts: int = 0
    unsure: int = 0  # attempts of which nobody knows what became
    last_assignee: str = ""  # the id of the user who had the conversation that was closed last
    has_next_assignee: bool = False  # somebody keeps this contact: the next conversation is theirs
    phone: str = ""  # + and digits
    email: str = ""  # lower case
    tags: tuple[str, ...] = ()  # in the order in which they were added
    fields: dict[str, str] = field(default_factory=dict)  # custom field's id -> value
    platform_name: str = ""  # `name`, unless a user wrote another one
    terms: tuple[str, ...] = ()  # under which the search finds this contact now
    other_identities: tuple[Identity, ...] = ()  # of the contacts that were merged into this one
    parts: tuple[str, ...] = ()  # their ids
    merged_into: str = ""
    merged_from: int = 0  # the first entry that went to that contact
    reply_identity: Identity | None = None  # where the contact wrote from last, if not from `identity`
    wake_at_ms: int = 0  # to be looked at by itself from then on: a run of an automation or a silence goes on
    openings: tuple["Opening", ...] = ()  # of undecided entries, where automations want to know of them
    run_state: RunState = NO_RUNS

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Where this person can be reached, its own first."""
        return (self.identity, *self.other_identities)

    @property
    def answers_on(self) -> Identity:
        """Where a message to this person goes."""
        return self.reply_identity or self.identity

    def identity_of(self, entry: Entry) -> Identity:
        """Where an entry of this contact's timeline came from or goes to."""
        named = entry.data.get("identity")
        return Identity.parse(named) if named else self.identity


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConversation:
    """The one conversation that a contact may have open."""

    number: int
    first_entry: int
    opened_at_ms: int
    source: Source
    channel: str
    by: dict[str, Any] | None = None
    incoming: int = 0
    outgoing: int = 0
    last_at_ms: int = 0
    waiting_since_ms: int | None = None
    needs: str = ""  # why it needs a person; empty: with the bot
    paused: str = ""  # why the bot is silent in this conversation; empty: it is not
    assignee: dict[str, Any] | None = None
    first_response_at_ms: int | None = None
    first_response_ms: int | None = None  # how long that took, as docs/metrics.md counts it
    last_word: LastWord | None = None  # kept only while an automation waits for silences


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedConversation:
    """What is kept of a conversation that is over."""

    number: int
    first_entry: int
    opened_at_ms: int
    source: Source
    channel: str
    closed_at_ms: int
    closed_source: Source
    resolution_ms: int
    by: dict[str, Any] | None = None
    closed_by: dict[str, Any] | None = None
    note: dict[str, Any] | None = None
    incoming: int = 0
    outgoing: int = 0
    assignee: dict[str, Any] | None = None
    first_response_at_ms: int | None = None
    first_response_ms: int | None = None  # how long that took, as docs/metrics.md counts it
    moved_from: int | None = None  # from this entry on messages belong to the contact that this one was merged into


Conversation = OpenConversation | ClosedConversation


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a decision is made from, read in one step."""

    contact: Contact
    open: OpenConversation | None
    undecided: Entry | None  # the next entry that wants a decision
    head: Entry | None  # the first outgoing entry that is not sent
    end: int  # the number that the next entry will get
