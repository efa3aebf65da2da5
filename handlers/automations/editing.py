"""What users change in the list of automations, so that of two who change something at once neither loses it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

from domain.automation_parts import MAX_LINE_CHARS
from domain.automations import MOST_AUTOMATIONS, Automation
from domain.definitions import write_definition
from domain.errors import BadPayload, Conflict, NotFound

Items = tuple[Automation, ...]
_COPY = " (copy)"


def mark_of(automation: Automation) -> str:
    """Return what tells a definition as it was shown from the same one changed; its switch and place are no part."""
    return hashlib.sha256(_written(automation).encode()).hexdigest()[:16]


def add(items: Items, automation: Automation, now_ms: int) -> Items:
    """Put a new one at the end, switched off. The very same again, by its id, changes nothing.

    Raises: BadPayload when there are too many, Conflict when its id is another one's.
    """
    there = next((item for item in items if item.id == automation.id), None)
    if there is None:
        _check_room(items)
        return _in_places((*items, replace(automation, is_active=False, active_since_ms=0, created_at_ms=now_ms)))
    if _written(there) != _written(automation):
        raise Conflict("This was added already, and is not the same any more. Save again to add one more.")
    return items


def change(items: Items, automation: Automation, seen: str, now_ms: int) -> Items:
    """Give the one with this id another definition; it stays switched on or off, and where it is.

    seen: mark_of the one that the user saw. One that waits for something else than before is as if it was switched on
    now, so that nothing old concerns it. Raises: NotFound when it is gone, Conflict when it changed.
    """
    now = find(items, automation.id)
    if _written(now) == _written(automation):
        return items
    _check_seen(now, seen)
    waits_anew = now.is_active and now.trigger.kind is not automation.trigger.kind
    changed = replace(
        automation,
        is_active=now.is_active,
        active_since_ms=now_ms if waits_anew else now.active_since_ms,
        created_at_ms=now.created_at_ms,
        position=now.position,
    )
    return _put(items, changed)


def remove(items: Items, automation_id: str, seen: str) -> Items:
    """Take one out; one that is gone already is. Raises Conflict when it changed since it was seen."""
    now = next((item for item in items if item.id == automation_id), None)
    if now is None:
        return items
    _check_seen(now, seen)
    return _in_places(tuple(item for item in items if item is not now))


def move(items: Items, automation_id: str, places: int) -> Items:
    """Move one by so many places, down or (below zero) up, as far as the list goes. Raises NotFound."""
    now = find(items, automation_id)
    others = [item for item in items if item is not now]
    others.insert(min(max(items.index(now) + places, 0), len(others)), now)
    return _in_places(tuple(others))


def clone(items: Items, automation_id: str, new_id: str, now_ms: int) -> Items:
    """Put a copy, switched off, behind the one that is copied; a copy with this id that is there already stays.

    Raises: BadPayload when there are too many, NotFound.
    """
    if any(item.id == new_id for item in items):
        return items
    now = find(items, automation_id)
    _check_room(items)
    name = now.name[: MAX_LINE_CHARS - len(_COPY)].rstrip() + _COPY
    copy = replace(now, id=new_id, name=name, is_active=False, active_since_ms=0, created_at_ms=now_ms)
    at = items.index(now) + 1
    return _in_places((*items[:at], copy, *items[at:]))


def set_active(items: Items, automation_id: str, is_active: bool, now_ms: int) -> Items:
    """Switch one on or off; what happened before it was switched on does not concern it. Raises NotFound."""
    now = find(items, automation_id)
    if now.is_active == is_active:
        return items
    return _put(items, replace(now, is_active=is_active, active_since_ms=now_ms if is_active else 0))


def find(items: Items, automation_id: str) -> Automation:
    """Return the one with this id. Raises NotFound."""
    found = next((item for item in items if item.id == automation_id), None)
    if found is None:
        raise NotFound("Somebody has deleted this automation.")
    return found


def one_after_the_other(*changes: Callable[[Items], Items]) -> Callable[[Items], Items]:
    """Make one change of several, so that all of them are written or none."""

    def all_of_them(items: Items) -> Items:
        for one in changes:
            items = one(items)
        return items

    return all_of_them


def _check_room(items: Items) -> None:
    if len(items) >= MOST_AUTOMATIONS:
        raise BadPayload(f"There are {MOST_AUTOMATIONS} automations already; delete one first.")


def _check_seen(now: Automation, seen: str) -> None:
    if mark_of(now) != seen:
        raise Conflict(f"Somebody else changed “{now.name}” meanwhile. Nothing was saved; look at it as it is now.")


def _put(items: Items, automation: Automation) -> Items:
    return tuple(automation if item.id == automation.id else item for item in items)


def _in_places(items: Items) -> Items:
    return tuple(item if item.position == at else replace(item, position=at) for at, item in enumerate(items))


def _written(automation: Automation) -> str:
    return json.dumps(write_definition(automation), sort_keys=True)
