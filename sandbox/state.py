"""Everything that one running sandbox remembers, and how a view gets at it."""

import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app

from sandbox.contacts import Contacts
from sandbox.courier import Courier
from sandbox.faults import Faults
from sandbox.setup import Setup
from sandbox.timelines import Timelines

EXTENSION = "sandbox"
MAX_CALLS = 2_000
VIBER_EVENTS = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")


@dataclass(slots=True)
class ViberHook:
    """Where a bot's callbacks go and which of the optional ones it wants; an empty url: no webhook."""

    url: str
    event_types: frozenset[str] = frozenset(VIBER_EVENTS)


@dataclass(slots=True)
class Sandbox:
    """The stand-ins' shared memory. The accounts start out connected; registering them again changes that."""

    setup: Setup
    contacts: Contacts = field(default_factory=Contacts)
    courier: Courier = field(default_factory=Courier)
    faults: Faults = field(default_factory=Faults)
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MAX_CALLS))
    page_fields: dict[str, frozenset[str] | None] = field(default_factory=dict)  # None: unsubscribed
    page_profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    app_subscription: dict[str, Any] = field(default_factory=dict)
    viber_hooks: dict[str, ViberHook] = field(default_factory=dict)
    timelines: Timelines = field(init=False)
    started_at_ms: int = field(default_factory=lambda: now_ms())
    _token_lock: threading.Lock = field(default_factory=threading.Lock)
    _last_token: int = 0

    def __post_init__(self) -> None:
        self.timelines = Timelines(self.setup)

    def viber_hook(self, bot: str) -> ViberHook:
        """Return the bot's webhook; until set_webhook is called it is the platform's, with every event."""
        return self.viber_hooks.setdefault(bot, ViberHook(f"{self.setup.platform_url}/webhooks/viber/{bot}"))

    def wants(self, page: str, field_name: str) -> bool:
        """Tell whether a page's webhooks carry this field; all of them until subscribed_apps says otherwise."""
        if page not in self.page_fields:
            return True
        fields = self.page_fields[page]
        return fields is not None and field_name in fields

    def new_token(self) -> int:
        """Return a Viber message_token: 64 bits, beyond what a float can hold, never the same twice."""
        with self._token_lock:
            self._last_token = max(self._last_token + 1, now_ms() << 22 | secrets.randbits(12))
            return self._last_token

    def note_call(self, target: str, call: str, about: str, outcome: str) -> None:
        """Remember that the platform called; without texts and tokens."""
        self.calls.append({"target": target, "call": call, "about": about, "outcome": outcome, "at_ms": now_ms()})


def current() -> Sandbox:
    """Return the sandbox of the application that serves this request."""
    return cast(Sandbox, current_app.extensions[EXTENSION])


def attach(app: Flask, sandbox: Sandbox) -> None:
    """Make `sandbox` the one that `current` returns."""
    app.extensions[EXTENSION] = sandbox


def now_ms() -> int:
    """Return epoch milliseconds: the platforms' own clock."""
    return time.time_ns() // 1_000_000


def new_mid() -> str:
    """Return a Messenger message id."""
    return f"m_{secrets.token_urlsafe(36)}"
