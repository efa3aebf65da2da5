"""What the buttons within the form of an automation do to a draft, and where one goes on typing after it."""

from collections.abc import Callable

from domain.automation_parts import STEPS
from domain.automation_subjects import subject_of
from domain.automations import MOST_CONDITIONS, MOST_STEPS, StepKind
from web.automations.drafts import Draft, Kept, Row, Rows, StepDraft

#: What a button says: a word, and the place that it is about. `REFRESH` shows the fields that a choice asks for.
REFRESH = "refresh"


def change_draft(draft: Draft, do: str) -> str:
    """Do what a button says; return the id of the element to go on at. What cannot be done is not."""
    word, _, place = do.partition(" ")
    for rows in all_rows(draft).values():
        _settle(rows)
    found = _DOINGS.get(word)
    return found(draft, place) if found else ""


def all_rows(draft: Draft) -> dict[str, Rows]:
    """Return everywhere where conditions stand, by the name of the place."""
    found = {"conditions": draft.conditions}
    found |= {f"steps.{at}.only_if": step.only_if for at, step in enumerate(draft.steps)}
    for place, rows in tuple(found.items()):
        found |= {f"{place}.{at}": one for at, one in enumerate(rows.members) if isinstance(one, Rows)}
    return found


def count_conditions(draft: Draft) -> int:
    """Return how many conditions there are, those that the form does not show as one each."""
    return sum(not isinstance(member, Rows) for rows in all_rows(draft).values() for member in rows.members)


def _settle(rows: Rows) -> None:
    """Give conditions whose subject was chosen just now an operator that fits it: the first one."""
    for row in rows.members:
        if isinstance(row, Row) and not row.operator and (subject := subject_of(row.subject)):
            row.operator = next(iter(subject.operators))


def _refresh(draft: Draft, place: str) -> str:
    return place


def _add_step(draft: Draft, place: str) -> str:
    if len(draft.steps) >= MOST_STEPS or place not in set(StepKind):
        return "steps.add"
    draft.last_step += 1
    kind = StepKind(place)
    draft.steps.append(StepDraft(f"s{draft.last_step}", kind))
    values = STEPS[kind].values
    name = f"steps.{len(draft.steps) - 1}"
    return f"{name}.{values[0].name}" if values else name


def _move(places: int) -> Callable[[Draft, str], str]:
    def move(draft: Draft, place: str) -> str:
        at = _position(place, len(draft.steps))
        if at is None or not 0 <= at + places < len(draft.steps):
            return ""
        step = draft.steps.pop(at)
        draft.steps.insert(at + places, step)
        is_at_end = at + places in (0, len(draft.steps) - 1)
        word = "up" if (places < 0) != is_at_end else "down"
        return f"steps.{at + places}.{word}"

    return move


def _remove_step(draft: Draft, place: str) -> str:
    at = _position(place, len(draft.steps))
    if at is None:
        return ""
    del draft.steps[at]
    return f"steps.{min(at, len(draft.steps) - 1)}" if draft.steps else "steps.add"


def _add_condition(draft: Draft, place: str) -> str:
    rows = _room(draft, place)
    if rows is None:
        return ""
    rows.members.append(Row())
    return f"{place}.{len(rows.members) - 1}.subject"


def _add_group(draft: Draft, place: str) -> str:
    rows = _room(draft, place)
    if rows is None:
        return ""
    rows.members.append(Rows(is_any=not rows.is_any, members=[Row()]))
    return f"{place}.{len(rows.members) - 1}.0.subject"


def _remove_condition(draft: Draft, place: str) -> str:
    """A group goes with the last one in it."""
    parent, _, _ = place.rpartition(".")
    rows = all_rows(draft).get(parent)
    at = _position(place, len(rows.members)) if rows else None
    if rows is None or at is None:
        return ""
    del rows.members[at]
    if not rows.members and parent.rpartition(".")[0] in all_rows(draft):
        return _remove_condition(draft, parent)
    if not rows.members:
        return f"{parent}.add"
    at = min(at, len(rows.members) - 1)
    name = f"{parent}.{at}"
    match rows.members[at]:
        case Row():
            return f"{name}.subject"
        case Rows():
            return f"{name}.mode"
        case Kept():
            return f"{name}.remove"


def _room(draft: Draft, place: str) -> Rows | None:
    return all_rows(draft).get(place) if count_conditions(draft) < MOST_CONDITIONS else None


def _position(place: str, count: int) -> int | None:
    last = place.rpartition(".")[2]
    return int(last) if last.isascii() and last.isdecimal() and len(last) < 4 and int(last) < count else None


_DOINGS: dict[str, Callable[[Draft, str], str]] = {
    REFRESH: _refresh,
    "add-step": _add_step,
    "up": _move(-1),
    "down": _move(1),
    "remove-step": _remove_step,
    "add-condition": _add_condition,
    "add-group": _add_group,
    "remove": _remove_condition,
}
