"""What an automation waits for, asks and does, in words."""

from collections.abc import Mapping
from typing import Any

from domain.automation_parts import STEPS, TRIGGERS, Part, Value, ValueKind
from domain.automation_subjects import FIELD_PREFIX, WITHOUT_VALUE, subject_of
from domain.automations import Condition, Group, Once, Step, Trigger
from web.automations.choices import UNITS, Choices, in_units

#: By the word that stands in a definition.
ONCE: Mapping[str, str] = {
    Once.ALWAYS.value: "Every time",
    Once.CONVERSATION.value: "Once for each conversation",
    Once.CONTACT.value: "Once for each contact",
}


def trigger_words(trigger: Trigger, choices: Choices) -> str:
    """Return what an automation waits for: `A conversation is opened (opened by: The contact wrote)`."""
    return _part_words(TRIGGERS[trigger.kind], trigger.values, choices)


def step_words(step: Step, choices: Choices) -> str:
    """Return what a step does."""
    return _part_words(STEPS[step.kind], step.values, choices)


def group_words(group: Group, choices: Choices) -> str:
    """Return conditions in one sentence; empty where there are none."""
    words = [_member_words(member, choices) for member in group.members]
    return (" or " if group.is_any else " and ").join(words)


def group_lines(group: Group, choices: Choices) -> list[str]:
    """Return conditions, one a line; what must be met of several ones that stand together is in one line."""
    return [_member_words(member, choices, is_alone=True) for member in group.members]


def minutes_words(minutes: int) -> str:
    """Return a length of time: `1 day`, `90 minutes`."""
    number, unit = in_units(minutes)
    return f"{number} {UNITS[unit].removesuffix('s') if number == 1 else UNITS[unit]}"


def subject_label(subject: str, choices: Choices) -> str:
    """Return what a condition is about."""
    if subject.startswith(FIELD_PREFIX):
        field = subject.removeprefix(FIELD_PREFIX)
        return f"Field {choices.fields.get(field, field)}"
    found = subject_of(subject)
    return found.label if found else subject


def _part_words(part: Part, values: Mapping[str, Any], choices: Choices) -> str:
    said = [_said(value, values[value.name], choices) for value in part.values if values.get(value.name)]
    return f"{part.label} ({'; '.join(said)})" if said else part.label


def _said(value: Value, said: Any, choices: Choices) -> str:
    return f"{value.label.lower()}: {_value_words(value.kind, said, choices, value.options)}"


def _value_words(kind: ValueKind | None, said: Any, choices: Choices, own: Mapping[str, str] | None = None) -> str:
    if isinstance(said, int):
        return minutes_words(said)
    labels = choices.options(kind, own) if kind else {}
    texts = said if isinstance(said, list | tuple) else (said,)
    return ", ".join(labels.get(text, f"“{text}”") for text in texts)


def _member_words(member: Condition | Group, choices: Choices, *, is_alone: bool = False) -> str:
    if isinstance(member, Group):
        words = group_words(member, choices)
        return words if is_alone or len(member.members) < 2 else f"({words})"
    subject = subject_of(member.subject)
    operator = subject.operators.get(member.operator, member.operator) if subject else member.operator
    words = f"{subject_label(member.subject, choices)} {operator}"
    if not subject or member.operator in WITHOUT_VALUE or not member.value:
        return words
    return f"{words} {_value_words(subject.value, member.value, choices, subject.options)}"
