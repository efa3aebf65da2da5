"""Which channel speaks for an identity, and which pages and bots must rest."""

import time
from collections.abc import Mapping
from typing import Protocol

from domain.errors import ChannelError, Outcome
from domain.events import Profile
from domain.identities import Identity
from store import Store

REST_CACHED_S = 2.0
#: Messages to a page or bot that is not in the settings wait this long for it to come back.
NOT_CONNECTED_RETRY_S = 300.0


class Sender(Protocol):
    """What the worker needs of a channel."""

    @property
    def max_text_chars(self) -> int: ...
    @property
    def can_echo(self) -> bool: ...
    def send_text(self, identity: Identity, text: str, tag: str) -> str: ...
    def send_file(self, identity: Identity, url: str, name: str, kind: str, size_bytes: int, tag: str) -> str: ...
    def show_typing(self, identity: Identity) -> None: ...
    def fetch_profile(self, identity: Identity) -> Profile | None: ...


class Accounts:
    """The connected channels, by `kind:account`."""

    def __init__(self, store: Store, channels: Mapping[str, Sender]) -> None:
        self._store = store
        self._channels = channels
        self._rests: dict[str, tuple[float, float]] = {}  # channel -> (looked at, rests until), monotonic seconds

    def channel(self, identity: Identity) -> Sender:
        """Return the channel of an identity. Raises ChannelError when it is not connected (any more)."""
        channel = self._channels.get(identity.channel)
        if channel is None:
            raise ChannelError(Outcome.RETRY, "not_connected", NOT_CONNECTED_RETRY_S, is_account_wide=True)
        return channel

    def max_text_chars(self, identity: Identity) -> int:
        """Return the channel's limit; a cautious one for a channel that is not connected."""
        channel = self._channels.get(identity.channel)
        return channel.max_text_chars if channel else 1900

    def rest_left_s(self, identity: Identity) -> float:
        """Return for how long the page or bot rests; looked up every 2 s. Raises StoreError."""
        now = time.monotonic()
        looked_at, until = self._rests.get(identity.channel, (-REST_CACHED_S, 0.0))
        if now - looked_at >= REST_CACHED_S:
            until = now + self._store.rest_left_ms(identity.channel) / 1000
            self._rests[identity.channel] = (now, until)
        return max(until - now, 0.0)

    def rest(self, identity: Identity, reason: str, seconds: float) -> None:
        """Let the page or bot rest, here and in every other worker. Raises StoreError."""
        self._store.rest(identity.channel, reason, seconds)
        now = time.monotonic()
        self._rests[identity.channel] = (now, now + seconds)
