"""Reading the form of an automation, whatever state it is in, into a draft.

Fields are named as the definition names its parts, but for "all" and "any", which can be changed: `trigger.minutes`,
`conditions.1.0.value`, `steps.2.only_if.0.subject`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from domain.automation_parts import STEPS, TRIGGERS, Part, ValueKind
from domain.automation_subjects import subject_of
from domain.automations import StepKind, TriggerKind
from domain.texts import clean
from web.automations.choices import UNITS
from web.automations.draft_definitions import read_kept
from web.automations.drafts import SEVERAL, Draft, Kept, Length, Row, Rows, StepDraft

Form = MultiDict[str, str]
#: No page of ours has more of anything.
_MOST_POSITIONS = 200
_MOST_DEPTH = 2


def read_draft(form: Form) -> Draft:
    """Read a posted form. What cannot stand in one of ours is left out; nothing is checked otherwise."""
    names = list(form)
    kind = _one_of(TriggerKind, form.get("trigger.kind", ""))
    return Draft(
        name=_line(form.get("name", "")),
        description=_text(form.get("description", "")),
        once=form.get("once", ""),
        trigger=kind,
        values=_read_values(form, "trigger", TRIGGERS[kind]) if kind else {},
        conditions=_read_rows(form, names, "conditions"),
        steps=[step for at in _positions(names, "steps", "kind") if (step := _read_step(form, names, f"steps.{at}"))],
        last_step=_read_number(form.get("last_step", "")),
    )


def unseen_parts(form: Form) -> list[str]:
    """Return the fields whose choice asks for other fields than the page showed beside them."""
    found = []
    if form.get("trigger.kind") and form.get("trigger.shown") != form.get("trigger.kind"):
        found.append("trigger.kind")
    subjects = [name for name in form if name.endswith(".subject")]
    return found + [name for name in subjects if form[name] and form.get(f"{name[:-8]}.shown") != form[name]]


def _read_step(form: Form, names: list[str], prefix: str) -> StepDraft | None:
    kind = _one_of(StepKind, form.get(f"{prefix}.kind", ""))
    if kind is None:
        return None
    values = _read_values(form, prefix, STEPS[kind])
    return StepDraft(form.get(f"{prefix}.id", ""), kind, values, _read_rows(form, names, f"{prefix}.only_if"))


def _read_values(form: Form, prefix: str, part: Part) -> dict[str, Any]:
    return {value.name: _read_value(form, f"{prefix}.{value.name}", value.kind, value.options) for value in part.values}


def _read_value(form: Form, name: str, kind: ValueKind, options: Mapping[str, str] | None) -> Any:
    if kind is ValueKind.MINUTES:
        unit = _read_number(form.get(f"{name}.unit", ""))
        return Length(_line(form.get(name, "")), unit if unit in UNITS else 1)
    if kind in SEVERAL:
        return _read_several(form.getlist(name), kind, options)
    text = form.get(name, "")
    if kind is ValueKind.TEXT:
        return _text(text)
    return _line(text) if options is None or text in options else ""


def _read_several(texts: list[str], kind: ValueKind, options: Mapping[str, str] | None) -> list[str]:
    if kind is ValueKind.LINES:
        texts = [line for text in texts for line in _text(text).split("\n")]
    elif kind is ValueKind.TAGS:
        texts = [tag for text in texts for tag in text.split(",")]
    found = dict.fromkeys(line for text in texts if (line := _line(text)))
    return [text for text in found if options is None or text in options]


def _read_rows(form: Form, names: list[str], prefix: str, depth: int = 1) -> Rows:
    rows = Rows(is_any=form.get(f"{prefix}.mode") == "any")
    for at in _positions(names, prefix, "subject", "mode", "kept"):
        place = f"{prefix}.{at}"
        if f"{place}.subject" in form:
            rows.members.append(_read_row(form, place))
        elif f"{place}.kept" in form:
            kept = read_kept(form[f"{place}.kept"])
            rows.members += [kept] if isinstance(kept, Kept) else []
        elif depth < _MOST_DEPTH:
            rows.members.append(_read_rows(form, names, place, depth + 1))
    return rows


def _read_row(form: Form, prefix: str) -> Row:
    """A value that was given for another subject means nothing for this one, unless both are a line of text."""
    row = Row(form[f"{prefix}.subject"], form.get(f"{prefix}.operator", ""))
    subject, shown = subject_of(row.subject), form.get(f"{prefix}.shown", "")
    if subject is None:
        return Row()
    if row.operator not in subject.operators:
        row.operator = ""
    before = subject_of(shown)
    is_alike = shown == row.subject or bool(before and before.value is row.kind is ValueKind.LINE)
    row.value = [] if row.kind in SEVERAL else ""
    if row.kind and is_alike:
        row.value = _read_value(form, f"{prefix}.value", row.kind, subject.options)
    return row


def _positions(names: Iterable[str], prefix: str, *leaves: str) -> list[int]:
    pattern = re.compile(rf"{re.escape(prefix)}\.([0-9]{{1,3}})\.(?:{'|'.join(leaves)})")
    return sorted({int(found[1]) for name in names if (found := pattern.fullmatch(name))})[:_MOST_POSITIONS]


def _one_of(kinds: Any, word: str) -> Any:
    return kinds(word) if word in set(kinds) else None


def _read_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _line(text: str) -> str:
    return clean(text).replace("\t", " ").strip()


def _text(text: str) -> str:
    return clean(text.replace("\r\n", "\n"))
