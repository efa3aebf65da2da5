"""Making a draft of an automation, and a definition of a draft."""

import json
from collections.abc import Mapping
from typing import Any

from domain.automation_parts import STEPS, TRIGGERS, Part, ValueKind
from domain.automations import Automation
from domain.definitions import write_definition
from web.automations.drafts import SEVERAL, Draft, Kept, Length, Row, Rows, StepDraft, is_asked_for


def draft_of(automation: Automation) -> Draft:
    """Return an automation as the form shows it first."""
    definition = write_definition(automation)
    draft = Draft(
        name=automation.name,
        description=automation.description,
        once=automation.once,
        trigger=automation.trigger.kind,
        values=_shown_values(TRIGGERS[automation.trigger.kind], automation.trigger.values),
        conditions=_rows_of(definition.get("conditions")),
    )
    for step, written in zip(automation.steps, definition["steps"], strict=True):
        values = _shown_values(STEPS[step.kind], step.values)
        draft.steps.append(StepDraft(step.id, step.kind, values, _rows_of(written.get("only_if"))))
    draft.last_step = max((number_of(step.id) for step in automation.steps), default=0)
    return draft


def definition_of(draft: Draft) -> dict[str, Any]:
    """Return a draft as a definition: what is empty is left out, and nothing is checked."""
    trigger: dict[str, Any] = {"kind": draft.trigger or ""}
    if draft.trigger:
        trigger |= _written_values(TRIGGERS[draft.trigger], draft.values)
    definition: dict[str, Any] = {"name": draft.name}
    definition |= {name: text for name in ("description", "once") if (text := getattr(draft, name))}
    definition["trigger"] = trigger
    if draft.conditions.members:
        definition["conditions"] = _written_rows(draft.conditions)
    definition["steps"] = [_written_step(step) for step in draft.steps]
    return definition


def number_of(step_id: str) -> int:
    """Return the number in a step's id of our own making, `s3`; 0 for others."""
    number = step_id.removeprefix("s")
    return int(number) if step_id != number and number.isdecimal() and len(number) < 7 else 0


def read_kept(text: str) -> Kept | None:
    """Read what a page kept of deeper conditions; None for what no page of ours has written."""
    try:
        return Kept(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _shown_values(part: Part, values: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for value in part.values:
        said = values.get(value.name)
        if value.kind is ValueKind.MINUTES:
            shown[value.name] = length_of(said or 0)
        elif said:
            shown[value.name] = list(said) if value.kind in SEVERAL else said
    return shown


def length_of(minutes: int) -> Length:
    """Return a length of time as it is shown: in the largest unit in which it is a whole number."""
    unit = next((unit for unit in (24 * 60, 60) if minutes and minutes % unit == 0), 1)
    return Length(str(minutes // unit) if minutes else "", unit)


def _rows_of(definition: Any, depth: int = 1) -> Rows:
    rows = Rows()
    if not definition:
        return rows
    rows.is_any = "any" in definition
    for member in definition["any" if rows.is_any else "all"]:
        if "subject" in member:
            value = member.get("value", "")
            rows.members.append(Row(member["subject"], member["operator"], value))
        else:
            rows.members.append(_rows_of(member, depth + 1) if depth < 2 else Kept(member))
    return rows


def _written_values(part: Part, values: Mapping[str, Any]) -> dict[str, Any]:
    asked = [value.name for value in part.values if values.get(value.name) and is_asked_for(value.name, values)]
    written = {name: _written(values[name]) for name in asked}
    return {name: said for name, said in written.items() if said not in ("", [])}


def _written(said: Any) -> Any:
    if not isinstance(said, Length):
        return said
    number = said.number.strip()
    is_number = number.isascii() and number.isdecimal() and len(number) < 9
    return int(number) * said.unit if is_number else number


def _written_step(step: StepDraft) -> dict[str, Any]:
    written: dict[str, Any] = {"id": step.id} if step.id else {}
    written |= {"kind": step.kind.value, **_written_values(STEPS[step.kind], step.values)}
    if step.only_if.members:
        written["only_if"] = _written_rows(step.only_if)
    return written


def _written_rows(rows: Rows) -> dict[str, Any]:
    return {"any" if rows.is_any else "all": [_written_member(member) for member in rows.members]}


def _written_member(member: Row | Rows | Kept) -> Any:
    match member:
        case Kept():
            return member.definition
        case Rows():
            return _written_rows(member)
        case Row():
            written: dict[str, Any] = {"subject": member.subject, "operator": member.operator}
            return {**written, "value": member.value} if member.takes_value else written
