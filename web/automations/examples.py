"""Automations to start from, offered where there are none yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """What it is for, and its definition. Nobody's users, fields or channels are named in it."""

    about: str
    definition: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.definition["name"])


EXAMPLES = {
    "after-hours": Example(
        "Who writes outside your business hours is told so at once, and gets a tag.",
        {
            "name": "After hours",
            "description": "Tells who writes outside business hours when we are back.",
            "trigger": {"kind": "conversation_opened", "sources": ["contact"]},
            "conditions": {"all": [{"subject": "business_hours", "operator": "outside"}]},
            "steps": [
                {
                    "id": "s1",
                    "kind": "send_message",
                    "text": "Thank you for writing! We are away at the moment and answer as soon as we are back.",
                },
                {"id": "s2", "kind": "add_tags", "tags": ["after hours"]},
            ],
        },
    ),
    "close-when-quiet": Example(
        "When our message stays the last one for a day, the conversation is closed.",
        {
            "name": "Close when the contact does not answer",
            "description": "Closes conversations in which the contact has not answered for a day.",
            "trigger": {"kind": "no_answer_from_contact", "minutes": 24 * 60},
            "steps": [{"id": "s1", "kind": "close_conversation", "summary": "The contact did not answer for a day."}],
        },
    ),
    "say-sorry": Example(
        "Who has waited for an hour during business hours hears that they are not forgotten, and the team is told.",
        {
            "name": "Say sorry when we are late",
            "description": "Speaks to contacts who wait for an hour, and tells the team.",
            "once": "conversation",
            "trigger": {"kind": "no_answer_from_us", "minutes": 60},
            "conditions": {"all": [{"subject": "business_hours", "operator": "inside"}]},
            "steps": [
                {
                    "id": "s1",
                    "kind": "send_message",
                    "text": "We are sorry that you have to wait, {{contact.first_name}}. Somebody answers you soon.",
                },
                {"id": "s2", "kind": "notify", "text": "A contact has waited for an hour"},
            ],
        },
    ),
}
