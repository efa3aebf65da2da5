"""What is not a contact's: the settings that people change while it runs, and bodies that we could not read."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from domain.errors import Conflict, StoreError
from domain.platform_settings import PlatformSettings
from store.base import StoreBase, status_of
from store.connection import Call
from store.entries import encode_json
from store.setting_words import LISTS, decode_settings

log = logging.getLogger(__name__)

REJECTED_KEPT = 1000
REJECTED_BODY_BYTES = 20_000
SETTINGS_CACHED_S = 2.0
#: How often a change is tried anew because somebody else was faster.
MOST_CHANGES = 20

#: Given the settings as they are, says what shall be written under which names; an empty text is the default.
Change = Callable[[PlatformSettings], Mapping[str, str]]


class Platform(StoreBase):
    """Partition 0's small things."""

    _settings_read_at = -SETTINGS_CACHED_S
    _settings = PlatformSettings()
    _stored: Mapping[str, str] | None = None

    def platform_settings(self, *, is_fresh: bool = False) -> PlatformSettings:
        """Return the settings, at most 2 s old; is_fresh: as they are at this moment. Raises StoreError."""
        if is_fresh or time.monotonic() - self._settings_read_at >= SETTINGS_CACHED_S:
            # Without a lock: where the server hangs, threads that wait in a row would each wait for all before them.
            stored = self.connection.command(lambda client: client.hgetall(self.keys.settings))
            if stored != self._stored:
                self._settings = self._decode(stored)
                self._stored = stored
            self._settings_read_at = time.monotonic()
        return self._settings

    def change_settings(self, change: Change) -> Mapping[str, str]:
        """Write what `change` makes of the settings as they are, all or nothing, and lose nobody else's change.

        Returns what was written.

        change: is asked anew when somebody was faster; what it raises is passed on, and nothing is written then.
        Raises: Conflict for a list that cannot be read, StoreError.
        """
        if not self._is_checked:
            self._check()
        for _ in range(MOST_CHANGES):
            stored = self.connection.command(lambda client: client.hgetall(self.keys.settings))
            broken: set[str] = set()
            wanted = change(decode_settings(stored, broken.add))
            for name in broken & wanted.keys() & LISTS.keys():
                raise Conflict(f"{name} cannot be read; writing it now would lose what it holds. See docs/settings.md.")
            args = [word for name, value in wanted.items() for word in (name, stored.get(name, ""), value)]
            if not args:
                return wanted
            answer = self.connection.run(Call("change_settings", [self.keys.settings], args))
            if status_of(answer, ("ok", "conflict")) == "ok":
                self._settings_read_at = -SETTINGS_CACHED_S
                return wanted
        raise StoreError("the settings change too fast")

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

    def _decode(self, stored: Mapping[str, str]) -> PlatformSettings:
        def complain(name: str) -> None:
            # Said once: the same value is not complained about when another one changes.
            if (self._stored or {}).get(name) != stored[name]:
                log.warning("settings.broken name=%s it_has=default", name)

        return decode_settings(stored, complain)
