"""What is not a contact's: the settings that people change while it runs, and bodies that we could not read."""

import time
from dataclasses import dataclass, field
from typing import Any

import msgspec

from store.base import StoreBase
from store.entries import encode_json

REJECTED_KEPT = 1000
REJECTED_BODY_BYTES = 20_000
SETTINGS_CACHED_S = 2.0


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    """Settings kept in the store; each has the default that design and documents promise."""

    welcome_closed_channels: frozenset[str] = frozenset()  # kind:account whose welcome events open nothing
    welcome_texts: dict[str, str] = field(
        default_factory=dict
    )  # kind:account -> configured text, used when the bot is late
    sender_names: dict[str, str] = field(default_factory=dict)  # viber:bot -> the name that contacts see
    bot_back_on_at_close: bool = True

    def welcome_opens(self, channel: str) -> bool:
        """Tell whether a welcome event of this channel opens a conversation."""
        return channel not in self.welcome_closed_channels


class Platform(StoreBase):
    """Partition 0's small things."""

    _settings_read_at = -SETTINGS_CACHED_S
    _settings = PlatformSettings()

    def platform_settings(self) -> PlatformSettings:
        """Return the settings, at most 2 s old. Raises StoreError."""
        if time.monotonic() - self._settings_read_at >= SETTINGS_CACHED_S:
            # Without a lock: where the server hangs, threads that wait in a row would each wait for all before them.
            stored = self.connection.command(lambda client: client.hgetall(self.keys.settings))
            self._settings = _decode_settings(stored)
            self._settings_read_at = time.monotonic()
        return self._settings

    def change_setting(self, name: str, value: str) -> None:
        """Set one setting, for example `welcome_text:viber:shop`; an empty text takes it back. Raises StoreError."""
        if value:
            self.connection.command(lambda client: client.hset(self.keys.settings, name, value))
        else:
            self.connection.command(lambda client: client.hdel(self.keys.settings, name))
        self._settings_read_at = -SETTINGS_CACHED_S

    def reject(self, channel: str, raw: bytes, reason: str) -> None:
        """Keep a signed body that we could not read, newest first, the last 1,000. Raises StoreError."""
        body = raw[:REJECTED_BODY_BYTES].decode("utf-8", "replace")
        item = encode_json({"at": self.now_ms(), "channel": channel, "reason": reason, "bytes": len(raw), "body": body})

        def push(client: Any) -> Any:
            pipeline = client.pipeline()
            pipeline.lpush(self.keys.rejected, item)
            pipeline.ltrim(self.keys.rejected, 0, REJECTED_KEPT - 1)
            return pipeline.execute()

        self.connection.command(push)

    def rejected(self, limit: int = 100) -> list[dict[str, Any]]:
        """Return the latest bodies that we could not read. Raises StoreError."""
        items = self.connection.command(lambda client: client.lrange(self.keys.rejected, 0, limit - 1))
        return [msgspec.json.decode(item) for item in items]


def _decode_settings(stored: dict[str, str]) -> PlatformSettings:
    closed = {
        name.split(":", 1)[1] for name, value in stored.items() if name.startswith("welcome_opens:") and value == "no"
    }
    texts = {name.split(":", 1)[1]: value for name, value in stored.items() if name.startswith("welcome_text:")}
    names = {name.split(":", 1)[1]: value for name, value in stored.items() if name.startswith("sender_name:")}
    return PlatformSettings(frozenset(closed), texts, names, stored.get("bot_back_on_at_close", "yes") != "no")
