"""What can be chosen in automations: users, fields, channels, categories, tags; and what each is called."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, current_app

from domain.automation_parts import ValueKind
from domain.definition_references import CHANNEL_KINDS
from domain.definitions import Known
from settings import Settings
from web.context import context
from web.layout import channel_name

OWN_FIELDS = {"name": "Name", "phone": "Phone", "email": "Email"}
#: How the length of a wait is written, the longest first: minutes → word.
UNITS = {24 * 60: "days", 60: "hours", 1: "minutes"}

_KEY = "markdone.automation_hosts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What there is at the moment, by the word that stands in a definition."""

    users: Mapping[str, str]
    fields: Mapping[str, str]  # custom ones, by their id
    channels: Mapping[str, str]
    categories: Mapping[str, str]
    tags: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()  # that may be called without encryption

    @property
    def known(self) -> Known:
        """What a definition may refer to."""
        return Known(
            users=frozenset(self.users),
            fields=frozenset(self.fields),
            channels=frozenset(name for name in self.channels if ":" in name),
            categories=frozenset(self.categories),
            hosts=self.hosts,
        )

    def options(self, kind: ValueKind, own: Mapping[str, str] | None = None) -> Mapping[str, str]:
        """Return word → label of what a value of this kind can be. own: its own options, where it has some."""
        match kind:
            case ValueKind.USER | ValueKind.USERS:
                return self.users
            case ValueKind.FIELD | ValueKind.FIELDS:
                return {**OWN_FIELDS, **self.fields}
            case ValueKind.CHANNELS:
                return self.channels
            case ValueKind.CATEGORY | ValueKind.CATEGORIES:
                return self.categories
            case _:
                return own or {}


def set_up_automations(app: Flask, settings: Settings) -> None:
    """Keep which hosts may be called without encryption."""
    app.extensions[_KEY] = settings.automation_hosts


def read_choices() -> Choices:
    """Read what there is. Raises StoreError."""
    store = context().store
    settings = store.platform_settings(is_fresh=True)
    accounts = {name: _channel_label(name) for name in sorted(context().channels)}
    return Choices(
        users={user.id: user.name or user.email for user in store.assignable_users()},
        fields={field.id: field.name for field in settings.custom_fields},
        channels={**{kind: f"{channel_name(kind)}, any of ours" for kind in CHANNEL_KINDS}, **accounts},
        categories={category.name: category.name for category in settings.active_categories},
        tags=tuple(store.tags()),
        hosts=current_app.extensions[_KEY],
    )


def in_units(minutes: int) -> tuple[int, int]:
    """Return how a length of time is written: a number, and the largest unit (in minutes) of which it is a multiple."""
    unit = next((unit for unit in UNITS if minutes % unit == 0), 1) if minutes else 1
    return minutes // unit, unit


def _channel_label(channel: str) -> str:
    kind, _, account = channel.partition(":")
    return f"{channel_name(kind)}, {account}"
