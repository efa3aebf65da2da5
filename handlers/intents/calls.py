"""What an intent of your own gets, and what it returns."""

from dataclasses import dataclass, field
from typing import Any

from domain.actions import Action
from domain.models import Contact, OpenConversation


@dataclass(frozen=True, slots=True)
class IntentCall:
    """Dialogflow matched the intent and asks us for its reply."""

    contact: Contact
    conversation: OpenConversation | None
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntentReply:
    """What to say instead of the intent's own responses, and what else to do. Empty: those stay as they are."""

    texts: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
