"""The fields of the form of an automation, as templates show them: each made of what may be said and what is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.automation_parts import Value, ValueKind
from web.automations.choices import UNITS, Choices
from web.automations.drafts import DECIDING, SEVERAL, Length

#: What a value is entered with; the others are one line of text.
_LOOKS = {
    ValueKind.TEXT: "text",
    ValueKind.LINES: "lines",
    ValueKind.TAGS: "tags",
    ValueKind.MINUTES: "length",
    ValueKind.URL: "url",
    ValueKind.CHOICE: "select",
    ValueKind.CATEGORY: "select",
    ValueKind.USER: "select",
    ValueKind.FIELD: "select",
    ValueKind.CHOICES: "checks",
    ValueKind.CHANNELS: "checks",
    ValueKind.CATEGORIES: "checks",
    ValueKind.USERS: "checks",
    ValueKind.FIELDS: "checks",
}
_EMPTY = {
    ValueKind.CATEGORIES: "There are no closing categories yet.",
    ValueKind.CHANNELS: "No channel is connected.",
}


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose."""

    word: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One field. name: also its id. texts: what is said, one for each line or tag. options: to choose from."""

    name: str
    look: str
    label: str
    hint: str = ""
    is_required: bool = False
    text: str = ""
    texts: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    errors: tuple[str, ...] = ()
    refreshes: bool = False  # which other fields there are depends on it
    is_hidden: bool = False  # it means nothing at the moment, and is kept


def control(
    place: str,
    value: Value,
    said: Any,
    choices: Choices,
    problems: Mapping[str, Sequence[str]],
    *,
    is_hidden: bool = False,
) -> Control:
    """Return the field of a value. place: of what the value belongs to."""
    name = f"{place}.{value.name}"
    texts = tuple(said or ()) if value.kind in SEVERAL else ()
    text = "" if value.kind in SEVERAL else said or ""
    look = _LOOKS.get(value.kind, "line")
    options: tuple[Option, ...] = ()
    if isinstance(said, Length):
        text, options = said.number, _chosen({str(unit): word for unit, word in UNITS.items()}, (str(said.unit),))
    elif value.kind is ValueKind.MINUTES:
        text, options = "", _chosen({str(unit): word for unit, word in UNITS.items()}, ("1",))
    elif look in ("select", "checks"):
        options = _chosen(choices.options(value.kind, value.options), texts or ((text,) if text else ()))
    is_empty = look == "checks" and not options
    return Control(
        name=name,
        look=look,
        label=value.label,
        hint=_EMPTY.get(value.kind, "There is none yet.") if is_empty else value.hint,
        is_required=value.is_required,
        text=text,
        texts=texts,
        options=options,
        errors=_beside(problems.get(name, ()), value.label),
        refreshes=value.name in DECIDING,
        is_hidden=is_hidden,
    )


def chooser(
    name: str,
    label: str,
    options: Mapping[str, str],
    chosen: str,
    problems: Mapping[str, Sequence[str]],
    *,
    is_required: bool = False,
    refreshes: bool = True,
) -> Control:
    """Return a field with which one thing is chosen, on which others depend."""
    return Control(
        name=name,
        look="select",
        label=label,
        is_required=is_required,
        text=chosen,
        options=_chosen(options, (chosen,) if chosen else ()),
        errors=_beside(problems.get(name, ()), name.rpartition(".")[2].capitalize()),
        refreshes=refreshes,
    )


def _beside(problems: Sequence[str], label: str) -> tuple[str, ...]:
    """What is wrong, without saying again where: it stands beside the field."""
    said = [problem.partition(f"{label}: ")[2] or problem for problem in problems]
    return tuple(words[0].upper() + words[1:] for words in said)


def _chosen(options: Mapping[str, str], chosen: Sequence[str]) -> tuple[Option, ...]:
    """What was chosen once and is there no more is still shown, so that people see what is wrong."""
    gone = {word: f"{word} (not there any more)" for word in chosen if word not in options}
    return tuple(Option(word, label, word in chosen) for word, label in {**options, **gone}.items())
