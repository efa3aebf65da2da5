"""What the views work with; made once by create_app."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app

from channels.base import Channel
from channels.facebook import Facebook
from channels.viber import Viber
from store import Store


@dataclass(frozen=True, slots=True)
class Context:
    """Store, channels and the few settings that views need."""

    store: Store
    channels: Mapping[str, Channel]  # by account, as kind:account
    facebook: Facebook | None  # these two: where the webhooks' routes lead
    vibers: dict[str, Viber]
    api_tokens: tuple[str, ...]
    fulfillment_tokens: tuple[str, ...]
    has_bot: bool
    welcome_places: threading.Semaphore  # how many requests may wait for a welcome at once
    public_base: str  # our own address as the platforms see it, without the slash at its end


KEY = "markdone"


def context() -> Context:
    """Return what create_app made."""
    return cast(Context, current_app.extensions[KEY])
