"""Who did what, newest first; and how the scripts about users are run, which write it."""

import contextlib
from collections.abc import Sequence
from typing import Any

import msgspec

from domain.errors import StoreError
from store.base import StoreBase, status_of
from store.connection import Call
from store.entries import encode_json
from store.keys import NOTIFY_CHANNEL

AUDIT_KEPT = 10_000
#: Whoever guesses passwords cannot push out what else was done.
FAILED_LOG_IN_S = 3600


class Audit(StoreBase):
    """The list of who did what."""

    def record_audit(self, what: str, by: dict[str, Any] | None, **details: Any) -> None:
        """Keep that somebody did something: `what` is a word like `contact.merged`. Raises StoreError.

        by: the card of the user; None for the command line. Never give a password, a token or a message's text.
        """
        line = self._audit_line(what, by, **details)

        def push(client: Any) -> Any:
            pipeline = client.pipeline()
            pipeline.lpush(self.keys.audit, line)
            pipeline.ltrim(self.keys.audit, 0, AUDIT_KEPT - 1)
            return pipeline.execute()

        self.connection.command(push)

    def record_failed_log_in(self, user: dict[str, Any]) -> None:
        """Keep that somebody tried a wrong password for a user (their card); once an hour, however often they try.

        Raises StoreError.
        """
        key = self.keys.failed_log_in(str(user["id"]))
        if self.connection.command(lambda client: client.set(key, "1", nx=True, ex=FAILED_LOG_IN_S)):
            self.record_audit("user.log_in_failed", None, user=user)

    def audit(self, limit: int, offset: int = 0) -> list[dict[str, Any]]:
        """Return what was kept, newest first: `at` (ms), `what`, `by` and details. Raises StoreError."""
        key, last = self.keys.audit, offset + limit - 1
        lines = self.connection.command(lambda client: client.lrange(key, offset, last))
        return [msgspec.json.decode(line) for line in lines]

    def _tell(self, user: str) -> None:
        """Let a user's open pages look at once whether they may still be open; they do so by themselves, but later."""
        with contextlib.suppress(StoreError):
            self.connection.command(lambda client: client.publish(NOTIFY_CHANNEL, user))

    def _audit_line(self, what: str, by: dict[str, Any] | None, **details: Any) -> str:
        return encode_json({"at": self.now_ms(), "what": what, "by": by, **details})

    def _run_script(
        self, script: str, keys: Sequence[str], args: Sequence[str | int | bytes], known: tuple[str, ...]
    ) -> str:
        if not self._is_checked:
            self._check()
        return status_of(self.connection.run(Call(script, keys, args)), known)
