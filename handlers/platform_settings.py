"""What users change in Settings, so that of two who change something at once neither loses it."""

import hashlib
from collections.abc import Mapping
from typing import TypeVar

from domain.errors import BadPayload, Conflict, NotFound
from domain.platform_settings import PlatformSettings, read_setting
from domain.setting_lists import Item, check_items

One = TypeVar("One", bound=Item)


class ChangedMeanwhile(Conflict):
    """Somebody else changed the same settings since they were shown. values: what they are now, as written."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__("Somebody else changed the same settings meanwhile. Nothing was saved.")
        self.values = dict(values)


def change_values(settings: PlatformSettings, wanted: Mapping[str, str], seen: Mapping[str, str]) -> dict[str, str]:
    """Return what to write so that the settings are as `wanted`, by their stored names.

    seen: what the user was shown; what they left as it was stays as it is by now. An empty text takes a setting back.
    Raises: BadPayload for a value that cannot be, ChangedMeanwhile.
    """
    changed = {name: text for name, text in wanted.items() if text != seen.get(name)}
    for name, text in changed.items():
        if text:
            read_setting(name.partition(":")[0], text)
    now = {name: settings.text_of(name) for name in changed}
    if taken := {name: text for name, text in now.items() if text not in (seen.get(name), changed[name])}:
        raise ChangedMeanwhile(taken)
    return changed


def mark_of(item: Item) -> str:
    """Return what tells an item as it was shown from the same one changed."""
    return hashlib.sha256(repr(item).encode()).hexdigest()[:16]


def add_item(items: tuple[One, ...], item: One) -> tuple[One, ...]:
    """Put `item` at the end; adding the very same again changes nothing. Raises BadPayload."""
    return items if item in items else _checked((*items, item))


def change_item(items: tuple[One, ...], item: One, seen: str) -> tuple[One, ...]:
    """Put `item` in the place of the one with its id.

    seen: mark_of that one as the user saw it. Raises: BadPayload, NotFound when it is gone, Conflict when it changed.
    """
    now = _find(items, item.id)
    if now == item:
        return items
    _check_seen(now, seen)
    return _checked(tuple(item if one is now else one for one in items))


def remove_item(items: tuple[One, ...], item_id: str, seen: str) -> tuple[One, ...]:
    """Take an item out; one that is gone already is. Raises Conflict when it changed since it was seen."""
    now = next((one for one in items if one.id == item_id), None)
    if now is None:
        return items
    _check_seen(now, seen)
    return tuple(one for one in items if one is not now)


def move_item(items: tuple[One, ...], item_id: str, places: int) -> tuple[One, ...]:
    """Move an item by so many places, down or (below zero) up, as far as the list goes. Raises NotFound."""
    now = _find(items, item_id)
    others = [one for one in items if one is not now]
    others.insert(min(max(items.index(now) + places, 0), len(others)), now)
    return tuple(others)


def _find(items: tuple[One, ...], item_id: str) -> One:
    found = next((one for one in items if one.id == item_id), None)
    if found is None:
        raise NotFound("Somebody else deleted this meanwhile.")
    return found


def _check_seen(now: Item, seen: str) -> None:
    if mark_of(now) != seen:
        raise Conflict(f"Somebody else changed “{now.name}” meanwhile. Nothing was saved; look at it as it is now.")


def _checked(items: tuple[One, ...]) -> tuple[One, ...]:
    if problem := check_items(items):
        raise BadPayload(problem)
    return items
