"""How the platform's settings are written in their hash, and read back whatever stands there."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from domain.errors import BadPayload
from domain.platform_settings import PER_CHANNEL, SIMPLE, PlatformSettings, read_setting
from domain.setting_lists import CannedReply, ClosingCategory, CustomField, Item, check_items

#: What each list is read as.
LISTS: dict[str, Any] = {
    "closing_categories": tuple[ClosingCategory, ...],
    "canned_replies": tuple[CannedReply, ...],
    "custom_fields": tuple[CustomField, ...],
}
#: A complaint is about the setting's name only: the value may be anything.
Complain = Callable[[str], None]


def decode_settings(stored: Mapping[str, str], complain: Complain) -> PlatformSettings:
    """Read the settings; one that cannot be used has its default, and `complain` gets its name."""
    found: dict[str, Any] = {}
    channels: dict[str, dict[str, Any]] = {name: {} for name in PER_CHANNEL}
    for key, text in stored.items():
        name, _, channel = key.partition(":")
        try:
            if key in LISTS:
                found[key] = read_list(key, text)
            elif key in SIMPLE:
                found[key] = read_setting(key, text)
            elif name in PER_CHANNEL and channel:
                channels[name][channel] = read_setting(name, text)
        except BadPayload:
            complain(key)
    closed = (channel for channel, opens in channels["welcome_opens"].items() if not opens)
    return PlatformSettings(
        **found,
        welcome_closed_channels=frozenset(closed),
        welcome_texts=channels["welcome_text"],
        sender_names=channels["sender_name"],
    )


def read_list(name: str, text: str) -> tuple[Item, ...]:
    """Read one of LISTS; an empty text is an empty list. Raises BadPayload."""
    try:
        items: tuple[Item, ...] = msgspec.json.decode(text or "[]", type=LISTS[name])
    except ValueError as error:
        raise BadPayload(f"{name} cannot be read") from error
    if problem := check_items(items):
        raise BadPayload(problem)
    return items


def write_list(items: tuple[Item, ...]) -> str:
    """Write a list as it is stored; an empty one is not stored at all."""
    return msgspec.json.encode(items).decode() if items else ""
