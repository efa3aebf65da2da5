"""Reading and writing the conditions of a definition."""

import re
from collections.abc import Iterator
from typing import Any

from domain.automation_parts import ValueKind
from domain.automation_subjects import FIELD_PREFIX, SUBJECTS, WITHOUT_VALUE, Subject, subject_of
from domain.automations import MOST_CONDITIONS, MOST_DEPTH, Condition, Group
from domain.definition_references import Known, Rules, custom_field
from domain.definition_spots import Spot, read_object, shown
from domain.definition_values import read_line, read_value
from domain.patterns import check_pattern
from domain.setting_lists import is_field_id

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_NUMERIC = frozenset({"at_least", "at_most"})


def read_group(spot: Spot, data: object, known: Known | None) -> Group:
    """Read the conditions that stand at `spot`; what is wrong is noted there, and left out of what is returned."""
    return _group(spot, data, known, words=spot.words, numbers=()) or Group()


def write_group(group: Group) -> dict[str, Any]:
    """Return conditions as they stand in a definition."""
    members = [write_group(one) if isinstance(one, Group) else _written(one) for one in group.members]
    return {"any" if group.is_any else "all": members}


def conditions_in(group: Group) -> Iterator[Condition]:
    """Walk through all conditions of a group and of those in it."""
    for member in group.members:
        if isinstance(member, Group):
            yield from conditions_in(member)
        else:
            yield member


def check_patterns(spot: Spot, texts: tuple[str, ...]) -> None:
    """Note which of these are no regular expressions."""
    for text in texts:
        if problem := check_pattern(text):
            spot.complain(f"the regular expression {shown(text)}: {problem}")


def _group(spot: Spot, data: object, known: Known | None, *, words: str, numbers: tuple[int, ...]) -> Group | None:
    said = read_object(spot, data, ("all", "any"))
    if said is None:
        return None
    if len(said) != 1:
        spot.complain("either “all” or “any”, with a list of conditions.")
        return None
    ((word, members),) = said.items()
    if not isinstance(members, list):
        spot.complain(f"“{word}” has to be a list of conditions, written in square brackets.")
        return None
    if numbers and not members:
        spot.complain("a group without conditions; put one into it, or take the group away.")
    if len(members) > MOST_CONDITIONS:
        spot.complain(f"at most {MOST_CONDITIONS} conditions; these are {len(members):,}.")
        return None
    found = [
        _member(spot, f"{word}.{place}", one, known, words=words, numbers=(*numbers, place + 1))
        for place, one in enumerate(members)
    ]
    return Group(tuple(one for one in found if one), is_any=word == "any")


def _member(
    spot: Spot, name: str, data: object, known: Known | None, *, words: str, numbers: tuple[int, ...]
) -> Condition | Group | None:
    place = f"{words.removesuffix('Conditions')}{', condition' if words[-7:] == 'Only if' else 'Condition'}"
    own = spot.under(name, f"{place} {'.'.join(map(str, numbers))}")
    if not isinstance(data, dict) or not {"all", "any"} & data.keys():
        return _condition(own, data, known)
    if len(numbers) >= MOST_DEPTH:
        own.complain(f"groups may stand in each other {MOST_DEPTH} deep at most.")
        return None
    return _group(own, data, known, words=words, numbers=numbers)


def _condition(spot: Spot, data: object, known: Known | None) -> Condition | None:
    said = read_object(spot, data, ("subject", "operator", "value"))
    if said is None:
        return None
    subject_spot = spot.value("subject", "Subject")
    name = read_line(subject_spot, said.get("subject", ""))
    if name is None:
        return None
    subject = subject_of(name)
    if subject is None or (name.startswith(FIELD_PREFIX) and not is_field_id(name.removeprefix(FIELD_PREFIX))):
        subject_spot.complain(f"{shown(name)} is none of: {', '.join(SUBJECTS)}, field:ID.")
        return None
    spot = Spot(spot.problems, spot.where, f"{spot.words}, {subject.label}")
    if name.startswith(FIELD_PREFIX):
        custom_field(spot.value("subject", "Subject"), name.removeprefix(FIELD_PREFIX), Rules(known))
    operator_spot = spot.value("operator", "Operator")
    operator = read_line(operator_spot, said.get("operator", ""))
    if operator is None:
        return None
    if operator not in subject.operators:
        operator_spot.complain(f"{shown(operator)} is none of: {', '.join(subject.operators)}.")
        return None
    value = _value(spot.value("value", "Value"), subject, operator, said, known)
    return None if value is None else Condition(name, operator, value)


def _value(
    spot: Spot, subject: Subject, operator: str, said: dict[str, Any], known: Known | None
) -> str | tuple[str, ...] | None:
    if operator in WITHOUT_VALUE or subject.value is None:
        if said.get("value", "") not in ("", []):
            spot.complain(f"none is wanted where it says “{subject.operators[operator]}”.")
            return None
        return ""
    is_line = subject.value is ValueKind.LINE
    nothing: object = "" if is_line else []
    value: str | tuple[str, ...] | None = read_value(
        spot, subject.value, said.get("value", nothing), Rules(known, subject.options)
    )
    if value is not None and not value:
        spot.complain("write what to compare with.")
        return None
    if isinstance(value, str) and operator in _NUMERIC and not _NUMBER.fullmatch(value):
        spot.complain("write a number, for example 12 or -0.5.")
        return None
    if isinstance(value, tuple) and operator == "matches":
        check_patterns(spot, value)
    return value


def _written(condition: Condition) -> dict[str, Any]:
    written: dict[str, Any] = {"subject": condition.subject, "operator": condition.operator}
    if condition.value:
        written["value"] = condition.value if isinstance(condition.value, str) else list(condition.value)
    return written
