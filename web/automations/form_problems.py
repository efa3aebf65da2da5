"""Where in the form of an automation something is wrong, and how the form says it."""

import re

from domain.automation_parts import STEPS, TRIGGERS
from domain.definitions import Problem
from web.automations.draft_changes import all_rows
from web.automations.drafts import Draft, Row

_ALL_OR_ANY = re.compile(r"\.(?:all|any)(?=\.|$)")
#: What is said of a condition that nothing was chosen for.
_OPEN = {"subject": "choose what it is about.", "operator": "choose how it is met."}


def in_form_words(problem: Problem, draft: Draft) -> Problem:
    """Return a problem as the form says it: what was not chosen is not a word that is wrong."""
    place, _, leaf = place_of(problem.where, places_of(draft)).rpartition(".")
    rows, _, at = place.rpartition(".")
    found = all_rows(draft).get(rows)
    row = found.members[int(at)] if found and at.isdecimal() else None
    is_open = isinstance(row, Row) and not getattr(row, leaf, "-")
    if (place, leaf) == ("trigger", "kind") and draft.trigger is None:
        return Problem(problem.where, "When it runs: choose what it waits for.")
    if leaf not in _OPEN or not is_open:
        return problem
    return Problem(problem.where, f"{problem.message.partition(': ')[0]}: {_OPEN[leaf]}")


def places_of(draft: Draft) -> set[str]:
    """Return the ids that the form has for something to be wrong with."""
    found = {"name", "description", "once", "trigger.kind", "trigger", "conditions", "steps"}
    parts = [("trigger", TRIGGERS[draft.trigger])] if draft.trigger else []
    parts += [(f"steps.{at}", STEPS[step.kind]) for at, step in enumerate(draft.steps)]
    for place, part in parts:
        found |= {place, *(f"{place}.{value.name}" for value in part.values)}
    for place, rows in all_rows(draft).items():
        found.add(place)
        for at, member in enumerate(rows.members):
            name = f"{place}.{at}"
            found.add(name)
            if isinstance(member, Row):
                found.add(f"{name}.subject")
                found |= {f"{name}.operator"} if member.subject else set()
                found |= {f"{name}.value"} if member.takes_value else set()
    return found


def place_of(where: str, places: set[str]) -> str:
    """Return the id of what a problem is about, or of what that is in; empty where it is about the whole."""
    place = _ALL_OR_ANY.sub("", where)
    while place and place not in places:
        place = place.rpartition(".")[0]
    return place
