"""What people set while the platform runs: each setting, its default, and what it may be.

docs/settings.md has the reason for each default.
"""

import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from domain.business_hours import ALWAYS_OPEN, BusinessHours, read_hours
from domain.errors import BadPayload
from domain.setting_lists import CannedReply, ClosingCategory, CustomField

MOST_AUTO_CLOSE_H = 336
MOST_RETENTION_DAYS = 3650
MAX_PRIVACY_CONTACT_CHARS = 200
MAX_WELCOME_CHARS = 7000  # in one message of Viber, the only channel that has one
#: Source: https://developers.viber.com/docs/api/rest-bot-api/#send-message, sender.name, read 2026-11-22.
MAX_SENDER_NAME_CHARS = 28
_NOT_PLACES = frozenset({"Factory", "localtime"})
_WHOLE_NUMBER = re.compile("[0-9]{1,6}")


class NoteMode(StrEnum):
    """What a user is asked for when they close a conversation."""

    OPTIONAL = "optional"  # category and summary may be given
    CATEGORY = "category"  # a category must be given
    BOTH = "both"  # both must be given
    DISABLED = "disabled"  # nothing is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSettings:
    """The settings kept in the store. Channels are written `kind:account`."""

    time_zone: str = "UTC"
    business_hours: BusinessHours = ALWAYS_OPEN
    keeps_assignee: bool = False
    bot_back_on_at_close: bool = True
    bot_pauses_on_reply: bool = True
    bot_pauses_on_assign: bool = True
    auto_close_after_h: int = 0  # 0: off
    closing_note_mode: NoteMode = NoteMode.OPTIONAL
    retention_days: int = 0  # after the last close, until a contact is deleted; 0: never
    privacy_contact: str = ""
    closing_categories: tuple[ClosingCategory, ...] = ()
    canned_replies: tuple[CannedReply, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    welcome_closed_channels: frozenset[str] = frozenset()  # whose welcome events open nothing
    welcome_texts: dict[str, str] = field(default_factory=dict)  # sent when the bot is late
    sender_names: dict[str, str] = field(default_factory=dict)  # that Viber's contacts see

    def welcome_opens(self, channel: str) -> bool:
        """Tell whether a welcome event of this channel opens a conversation."""
        return channel not in self.welcome_closed_channels

    def text_of(self, name: str) -> str:
        """Return a setting as it is written, by its stored name: one of SIMPLE, or `<one of PER_CHANNEL>:<channel>`."""
        setting, _, channel = name.partition(":")
        per_channel = {"welcome_text": self.welcome_texts, "sender_name": self.sender_names}
        if setting in per_channel:
            return per_channel[setting].get(channel, "")
        return write_setting(self.welcome_opens(channel) if setting == "welcome_opens" else getattr(self, name))

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone in which days begin and times are shown."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def active_categories(self) -> tuple[ClosingCategory, ...]:
        """What a closing note may name now, in the order that people gave it."""
        return tuple(category for category in self.closing_categories if category.is_active)


@cache
def time_zones() -> tuple[str, ...]:
    """Return the IANA names that this machine knows, in order; at least UTC."""
    return tuple(sorted(zoneinfo.available_timezones() - _NOT_PLACES | {"UTC"}))


def read_setting(name: str, text: str) -> Any:
    """Return what `text` means for the setting `name`, which is one of SIMPLE or of PER_CHANNEL.

    Raises BadPayload with a sentence for people. An empty text is not a value: it stands for the default.
    """
    return {**SIMPLE, **PER_CHANNEL}[name](text)


def write_setting(value: object) -> str:
    """Return a simple setting's value as it is stored, and as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _read_zone(text: str) -> str:
    if text not in time_zones():
        raise BadPayload("Time zone: choose one from the list, for example Europe/Sofia.")
    return text


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise BadPayload("It is yes or no.")
    return text == "yes"


def _whole_number(label: str, most: int, unit: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not _WHOLE_NUMBER.fullmatch(text) or int(text) > most:
            raise BadPayload(f"{label}: from 1 to {most} {unit}, or 0 for off.")
        return int(text)

    return read


def _read_mode(text: str) -> NoteMode:
    try:
        return NoteMode(text)
    except ValueError:
        raise BadPayload(f"Closing notes: one of {', '.join(NoteMode)}.") from None


def _line(label: str, most_chars: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > most_chars or not text.isprintable():
            raise BadPayload(f"{label}: one line of at most {most_chars} characters.")
        return text

    return read


def _read_welcome(text: str) -> str:
    if len(text) > MAX_WELCOME_CHARS:
        raise BadPayload(f"Welcome text: at most {MAX_WELCOME_CHARS} characters; this has {len(text)}.")
    return text


#: How each is read from its text.
SIMPLE: dict[str, Callable[[str], Any]] = {
    "time_zone": _read_zone,
    "business_hours": read_hours,
    "keeps_assignee": _yes_or_no,
    "bot_back_on_at_close": _yes_or_no,
    "bot_pauses_on_reply": _yes_or_no,
    "bot_pauses_on_assign": _yes_or_no,
    "auto_close_after_h": _whole_number("Close by itself", MOST_AUTO_CLOSE_H, "hours"),
    "closing_note_mode": _read_mode,
    "retention_days": _whole_number("Delete old contacts", MOST_RETENTION_DAYS, "days"),
    "privacy_contact": _line("Privacy contact", MAX_PRIVACY_CONTACT_CHARS),
}
#: The same of those that are said of one channel; the stored name is `<name>:<channel>`.
PER_CHANNEL: dict[str, Callable[[str], Any]] = {
    "welcome_opens": _yes_or_no,
    "welcome_text": _read_welcome,
    "sender_name": _line("Sender name", MAX_SENDER_NAME_CHARS),
}
