"""What conditions can be about: the names in definitions, and the words on pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.automation_parts import OPENED_BY, ValueKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a condition can be about. operators: word → label; value: None where an operator's word says it all."""

    label: str
    operators: Mapping[str, str]
    value: ValueKind | None = None
    options: Mapping[str, str] | None = None


_TEXT = {
    "is": "is",
    "is_not": "is not",
    "contains": "contains",
    "does_not_contain": "does not contain",
    "is_set": "is known",
    "is_not_set": "is not known",
}
_ONE_OF = {"is": "is one of", "is_not": "is none of"}
_NUMBER = {"at_least": "is at least", "at_most": "is at most"}
#: These operators take no value, whatever the subject's others take.
WITHOUT_VALUE = frozenset(
    {"is_set", "is_not_set", "inside", "outside", "yes", "no", "on", "off", "open", "not_open", "nobody", "somebody"}
)

#: `field:<custom field's id>` is a subject as well; see FIELD_SUBJECT.
SUBJECTS: Mapping[str, Subject] = {
    "contact.name": Subject(label="Contact's name", operators=_TEXT, value=ValueKind.LINE),
    "contact.email": Subject(label="Contact's email", operators=_TEXT, value=ValueKind.LINE),
    "contact.phone": Subject(label="Contact's phone", operators=_TEXT, value=ValueKind.LINE),
    "contact.language": Subject(
        label="Contact's language",
        operators={
            "is": "begins with",
            "is_not": "does not begin with",
            "is_set": "is known",
            "is_not_set": "is not known",
        },
        value=ValueKind.LINE,
    ),
    "contact.country": Subject(label="Contact's country", operators=_TEXT, value=ValueKind.LINE),
    "contact.conversations": Subject(
        label="Number of the contact's conversations", operators=_NUMBER, value=ValueKind.LINE
    ),
    "conversation.state": Subject(label="A conversation", operators={"open": "is open", "not_open": "is not open"}),
    "conversation.source": Subject(
        label="The open conversation was opened by", operators=_ONE_OF, value=ValueKind.CHOICES, options=OPENED_BY
    ),
    "conversation.assignee": Subject(
        label="The open conversation is assigned to",
        operators={"nobody": "nobody", "somebody": "somebody", "is": "one of", "is_not": "none of"},
        value=ValueKind.USERS,
    ),
    "conversation.needs_person": Subject(
        label="The open conversation needs a person", operators={"yes": "yes", "no": "no"}
    ),
    "channel": Subject(label="Channel", operators=_ONE_OF, value=ValueKind.CHANNELS),
    "tags": Subject(
        label="Tags",
        operators={"has_any": "have one of", "has_all": "have all of", "has_none": "have none of"},
        value=ValueKind.TAGS,
    ),
    "message.text": Subject(
        label="The message's text",
        operators={"contains": "contains one of", "is": "is one of", "matches": "matches the regular expression"},
        value=ValueKind.LINES,
    ),
    "bot": Subject(label="The bot", operators={"on": "is on for the contact", "off": "is off or paused"}),
    "business_hours": Subject(
        label="Time", operators={"inside": "is within business hours", "outside": "is outside business hours"}
    ),
}
#: What a custom field can be asked; a field that holds no number is neither at least nor at most anything.
FIELD_SUBJECT = Subject(label="Field", operators={**_TEXT, **_NUMBER}, value=ValueKind.LINE)
FIELD_PREFIX = "field:"


def subject_of(name: str) -> Subject | None:
    """Return what a condition's subject is; None when there is no such subject."""
    return FIELD_SUBJECT if name.startswith(FIELD_PREFIX) and name != FIELD_PREFIX else SUBJECTS.get(name)
