"""What is asked of the bot and what it answers."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class BotFailure(StrEnum):
    """Why the bot could not answer."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    RATE_LIMITED = "rate_limited"
    NOT_ALLOWED = "not_allowed"  # credentials or permissions
    REFUSED = "refused"  # Dialogflow calls the request invalid: agent, language or text


@dataclass(frozen=True, slots=True)
class Commands:
    """The RB_ parameters of one turn; None where the turn does not say."""

    mark_done: bool | None = None  # RB_MARKDONE: True closes, False opens
    bot_status: bool | None = None  # RB_BOTSTATUS
    notify: str | None = None  # RB_NOTIFY


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to ask the agent. Exactly one of text and event is set."""

    session: str  # the conversation's id
    platform: str  # facebook or viber: whose response tab is preferred
    text: str = ""
    event: str = ""
    language: str = ""  # empty: the agent's
    payload: dict[str, Any] = field(default_factory=dict)  # JSON; ids as strings


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the agent said."""

    response_id: str = ""
    intent: str = ""  # display name; empty when nothing matched
    is_fallback: bool = False
    confidence: float = 0.0
    replies: tuple[str, ...] = ()
    commands: Commands = Commands()
    parameters: dict[str, Any] = field(default_factory=dict)
    webhook_status: str = ""  # empty: the intent has no webhook; else ok or the platform's words
    latency_ms: int = 0
    failure: BotFailure | None = None
    failure_detail: str = ""  # one line for people, without the contact's text
