"""Definitions: automations as people import and export them, in plain JSON; docs/automations.md describes it."""

from typing import Any

from domain.automations import (
    MAX_DEFINITION_BYTES,
    MOST_CONDITIONS,
    Automation,
    Group,
    Once,
    Step,
)
from domain.definition_conditions import conditions_in, read_group, write_group
from domain.definition_parts import read_steps, read_trigger
from domain.definition_references import Known
from domain.definition_spots import Problem, Spot, read_object, size_of
from domain.definition_values import read_line, read_text
from domain.errors import BadPayload

__all__ = ["BadDefinition", "Known", "Problem", "read_definition", "write_definition"]

_NAMES = ("name", "description", "once", "trigger", "conditions", "steps")


class BadDefinition(BadPayload):
    """A definition that cannot be. problems: all there are, in the order of the definition."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems


def read_definition(data: object, known: Known | None = None) -> Automation:
    """Return the automation that a definition (JSON, decoded) describes; it has no id yet and is not active.

    known: what it may refer to; None: whether that is there is not asked. Raises BadDefinition.
    """
    problems: list[Problem] = []
    top = Spot(problems)
    said = read_object(Spot(problems, "", "The definition"), data, _NAMES)
    if said is None:
        raise BadDefinition(tuple(problems))
    name = read_line(top.value("name", "Name"), said.get("name", ""))
    if name == "":
        top.value("name", "Name").complain("write what the automation is called.")
    description = read_text(top.value("description", "Description"), said.get("description", ""))
    once = _once(top.value("once", "How often"), said.get("once", ""))
    trigger = read_trigger(top.value("trigger", "Trigger"), said.get("trigger", {}), known)
    conditions = read_group(top.value("conditions", "Conditions"), said.get("conditions", {"all": []}), known)
    steps = read_steps(top.value("steps", "Steps"), said.get("steps", []), known)
    _check_count(top.value("conditions", "Conditions"), (conditions, *(step.only_if for step in steps)))
    if problems or name is None or description is None or once is None or trigger is None:
        raise BadDefinition(tuple(problems))
    automation = Automation(
        id="", name=name, description=description, once=once, trigger=trigger, conditions=conditions, steps=steps
    )
    if (size := size_of(write_definition(automation))) > MAX_DEFINITION_BYTES:
        most = f"at most {MAX_DEFINITION_BYTES:,} bytes as JSON; this has {size:,}. Make two automations of it."
        raise BadDefinition((Problem("", f"The definition: {most}"),))
    return automation


def write_definition(automation: Automation) -> dict[str, Any]:
    """Return an automation's definition, which read_definition takes: without id, times and whether it is active."""
    definition: dict[str, Any] = {"name": automation.name}
    if automation.description:
        definition["description"] = automation.description
    if automation.once:
        definition["once"] = automation.once.value
    definition["trigger"] = {"kind": automation.trigger.kind.value, **_plain(automation.trigger.values)}
    if automation.conditions != Group():
        definition["conditions"] = write_group(automation.conditions)
    definition["steps"] = [_written_step(step) for step in automation.steps]
    return definition


def _written_step(step: Step) -> dict[str, Any]:
    only_if = {"only_if": write_group(step.only_if)} if step.only_if != Group() else {}
    return {"id": step.id, "kind": step.kind.value, **_plain(step.values), **only_if}


def _plain(values: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _once(spot: Spot, data: object) -> Once | None:
    if not isinstance(data, str) or data not in tuple(Once):
        spot.complain("“conversation”, “contact”, or nothing for always.")
        return None
    return Once(data)


def _check_count(spot: Spot, groups: tuple[Group, ...]) -> None:
    count = sum(1 for group in groups for _ in conditions_in(group))
    if count > MOST_CONDITIONS:
        spot.complain(f"at most {MOST_CONDITIONS}, those of the steps included; these are {count}.")
