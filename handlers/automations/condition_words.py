"""Conditions in words that a manager understands. They say nothing of what a contact wrote or has in a field."""

from domain.automation_subjects import FIELD_PREFIX, subject_of
from domain.automations import Condition, Group
from domain.platform_settings import PlatformSettings

MAX_REASON_CHARS = 400
_MOST_VALUES = 3
_MAX_VALUE_CHARS = 40
_CHANNELS = {"facebook": "Messenger", "viber": "Viber"}

#: By operator, or by subject and operator where that reads better: when it is so, and when it is not. {} is what the
#: condition compares with. It is not written where the contact has just that: whoever reads it would know what.
_WORDS = {
    "is": ("is {}", "it is not {}"),
    "is_not": ("is not what is named", "it is what is named"),
    "contains": ("contains {}", "it does not contain {}"),
    "does_not_contain": ("does not contain what is named", "it contains what is named"),
    "is_set": ("is known", "it is not known"),
    "is_not_set": ("is not known", "it is known"),
    "at_least": ("is at least {}", "it is not a number from {} up"),
    "at_most": ("is at most {}", "it is not a number up to {}"),
    "matches": ("matches the regular expression", "it does not match the regular expression"),
    "has_any": ("have one of {}", "they have none of {}"),
    "has_all": ("have all of {}", "they do not have all of {}"),
    "has_none": ("have none of those named", "they have one of those named"),
    "yes": ("yes", "no, or none is open"),
    "no": ("no", "yes, or none is open"),
    "on": ("is on for the contact", "it is off or paused"),
    "off": ("is off or paused", "it is on for the contact"),
    "inside": ("is within business hours", "it is outside business hours"),
    "outside": ("is outside business hours", "it is within business hours"),
    "open": ("is open", "none is open"),
    "not_open": ("is not open", "one is open"),
    "nobody": ("nobody", "somebody, or none is open"),
    "somebody": ("somebody", "nobody, or none is open"),
    "contact.language is": ("begins with {}", "it does not begin with {}"),
    "contact.language is_not": ("does not begin with what is named", "it begins with what is named"),
    "conversation.source is": ("one of {}", "none of {}, or none is open"),
    "conversation.source is_not": ("none of those named", "one of those named, or none is open"),
    "conversation.assignee is": ("one of those named", "none of those named, or none is open"),
    "conversation.assignee is_not": ("none of those named", "one of those named, or none is open"),
    "channel is": ("is one of {}", "it is none of {}"),
    "channel is_not": ("is none of {}", "it is one of {}"),
    "message.text contains": ("contains one of {}", "it contains none of {}"),
    "message.text is": ("is one of {}", "it is none of {}"),
}


def say_unmet(condition: Condition, settings: PlatformSettings) -> str:
    """Say why a condition is not met, for example “Time: it is within business hours.”"""
    return _cut(f"{_label(condition, settings)}: {_words(condition)[1].format(_values(condition))}.")


def say_none_met(group: Group, settings: PlatformSettings) -> str:
    """Say that nothing of a group is so of which one thing had to be."""
    said = "; ".join(_say(member, settings) for member in group.members)
    return _cut(f"None of these is so: {said}.")


def _say(member: Condition | Group, settings: PlatformSettings) -> str:
    if isinstance(member, Group):
        return f"({(' or ' if member.is_any else ' and ').join(_say(one, settings) for one in member.members)})"
    return f"{_label(member, settings)} {_words(member)[0].format(_values(member))}"


def _words(condition: Condition) -> tuple[str, str]:
    return _WORDS.get(f"{condition.subject} {condition.operator}") or _WORDS[condition.operator]


def _label(condition: Condition, settings: PlatformSettings) -> str:
    if condition.subject.startswith(FIELD_PREFIX):
        field_id = condition.subject.removeprefix(FIELD_PREFIX)
        return f"Field {next((one.name for one in settings.custom_fields if one.id == field_id), field_id)}"
    subject = subject_of(condition.subject)
    return subject.label if subject else condition.subject


def _values(condition: Condition) -> str:
    subject = subject_of(condition.subject)
    options = (subject and subject.options) or {}
    values = (condition.value,) if isinstance(condition.value, str) else condition.value
    shown = [f"“{_value(condition.subject, options.get(one, one))}”" for one in values[:_MOST_VALUES]]
    more = [f"{len(values) - _MOST_VALUES} more"] if len(values) > _MOST_VALUES else []
    return ", ".join([*shown, *more])


def _value(subject: str, text: str) -> str:
    if subject == "channel":
        kind, _, account = text.partition(":")
        text = f"{_CHANNELS.get(kind, kind)} {account}".strip()
    return text if len(text) <= _MAX_VALUE_CHARS else f"{text[:_MAX_VALUE_CHARS]}…"


def _cut(reason: str) -> str:
    return reason if len(reason) <= MAX_REASON_CHARS else f"{reason[: MAX_REASON_CHARS - 1]}…"
