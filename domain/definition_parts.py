"""Reading the trigger and the steps of a definition."""

import re
from typing import Any

from domain.automation_parts import STEPS, TRIGGERS, Part
from domain.automations import MOST_STEPS, Step, StepKind, Trigger, TriggerKind
from domain.definition_conditions import check_patterns, read_group
from domain.definition_references import Known, Rules
from domain.definition_spots import Spot, read_object, shown
from domain.definition_values import read_value

_STEP_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
#: What is asked for where a value is missing, by its label.
_WANTED = {
    "Text": "write what shall be sent.",
    "Comment": "write what shall be noted.",
    "What about": "write what they shall be told.",
    "Tags": "write at least one.",
    "For how long": "say how many minutes.",
    "URL": "write an address, for example https://example.com/hook.",
    "Whom": "choose to whom.",
    "Which": "choose which messages.",
    "Field": "choose which.",
}


def read_trigger(spot: Spot, data: object, known: Known | None) -> Trigger | None:
    """Read what the automation waits for; None when it cannot be, which is noted then."""
    word = data.get("kind", "") if isinstance(data, dict) else ""
    if isinstance(data, dict) and (not isinstance(word, str) or word not in tuple(TriggerKind)):
        spot.value("kind", "Kind").complain(f"{shown(word)} is none of: {', '.join(TriggerKind)}.")
        return None
    if not isinstance(data, dict):
        read_object(spot, data, ())
        return None
    kind = TriggerKind(word)
    spot = Spot(spot.problems, spot.where, f"Trigger, {TRIGGERS[kind].label}")
    values = _values(spot, TRIGGERS[kind], data, ("kind",), known)
    if kind is TriggerKind.MESSAGE_RECEIVED:
        _check_message(spot.value("texts", "Words"), values)
    return Trigger(kind=kind, values=values)


def _check_message(spot: Spot, values: dict[str, Any]) -> None:
    match, texts = values.get("match", ""), values.get("texts", ())
    if match == "any" and texts:
        spot.complain("leave them out where any message will do.")
    elif match and match != "any" and not texts and not _complained(spot):
        spot.complain("write at least one.")
    elif match == "matches":
        check_patterns(spot, texts)


def read_steps(spot: Spot, data: object, known: Known | None) -> tuple[Step, ...]:
    """Read the steps; what is wrong is noted, and left out of what is returned."""
    if not isinstance(data, list):
        spot.complain("this has to be a list of steps, written in square brackets.")
        return ()
    if not data:
        spot.complain("add at least one.")
    if len(data) > MOST_STEPS:
        spot.complain(f"at most {MOST_STEPS}; these are {len(data):,}.")
    given = [one.get("id") for one in data[:MOST_STEPS] if isinstance(one, dict)]
    taken = {one for one in given if isinstance(one, str)}
    found: list[Step] = []
    seen: set[str] = set()
    for place, one in enumerate(data[:MOST_STEPS]):
        own = spot.under(str(place), f"Step {place + 1}")
        if step := _step(own, one, known, taken, seen):
            found.append(step)
    return tuple(found)


def _step(spot: Spot, data: object, known: Known | None, taken: set[str], seen: set[str]) -> Step | None:
    if not isinstance(data, dict):
        read_object(spot, data, ())
        return None
    word = data.get("kind", "")
    if not isinstance(word, str) or word not in tuple(StepKind):
        spot.value("kind", "Kind").complain(f"{shown(word)} is none of: {', '.join(StepKind)}.")
        return None
    kind = StepKind(word)
    spot = Spot(spot.problems, spot.where, f"{spot.words}, {STEPS[kind].label}")
    step_id = _step_id(spot.value("id", "Id"), data.get("id", ""), taken, seen)
    values = _values(spot, STEPS[kind], data, ("id", "kind", "only_if"), known)
    if kind is StepKind.ASSIGN:
        _check_assignee(spot.value("user", "User"), values)
    only_if = read_group(spot.value("only_if", "Only if"), data.get("only_if", {"all": []}), known)
    return Step(id=step_id, kind=kind, values=values, only_if=only_if)


def _step_id(spot: Spot, data: object, taken: set[str], seen: set[str]) -> str:
    if data == "":
        data = next(made for number in range(1, 2 * MOST_STEPS + 1) if (made := f"s{number}") not in taken)
    if not isinstance(data, str) or not _STEP_ID.fullmatch(data):
        spot.complain("1 to 32 letters, digits, - and _, or leave it out.")
        return ""
    if data in seen:
        spot.complain(f"another step has {shown(data)} already.")
    seen.add(data)
    taken.add(data)
    return data


def _values(spot: Spot, part: Part, data: Any, others: tuple[str, ...], known: Known | None) -> dict[str, Any]:
    said = read_object(spot, data, (*others, *(value.name for value in part.values))) or {}
    found = {}
    for value in part.values:
        own = spot.value(value.name, value.label)
        before = len(spot.problems)
        read = read_value(own, value.kind, said[value.name], Rules(known, value.options)) if value.name in said else ""
        if read:
            found[value.name] = read
        elif value.is_required and len(spot.problems) == before:
            own.complain(_WANTED.get(value.label, "choose or write one."))
    return found


def _check_assignee(spot: Spot, values: dict[str, Any]) -> None:
    if values.get("to") == "user" and "user" not in values and not _complained(spot):
        spot.complain("choose whom.")
    elif values.get("to", "user") != "user" and "user" in values:
        spot.complain("leave it out unless it is one user.")


def _complained(spot: Spot) -> bool:
    return any(problem.where == spot.where for problem in spot.problems)
