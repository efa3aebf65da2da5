"""Who is logged in where: the cookie holds a random token, the store its hash and when it was used."""

import contextlib
import secrets
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from domain.errors import Conflict, NotFound, StoreError
from domain.users import User
from store.links import TOKEN_BYTES, Links, token_hash
from store.users import SESSION_IDLE_S, decode_user

TOUCH_EVERY_MS = 60_000
#: After that long somebody logs in again even if they never paused.
SESSION_LONGEST_S = 90 * 86_400
SESSIONS_KEPT = 20  # of one user; the one that was not used for longest ends when there are more


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that somebody is logged in with. Times are epoch milliseconds.

    id: the hash of the token, which may be shown; device: like `Firefox on Linux`.
    """

    id: str
    began_at_ms: int
    used_at_ms: int
    device: str


class Sessions(Links):
    """Sessions. Those of one user are one hash, so that one command ends them all."""

    def begin_session(self, user: User, password_hash: str, device: str) -> str:
        """Log a user in whose password was just checked; return the token for the cookie.

        password_hash: the one that was checked. Raises: Conflict when user or password changed meanwhile, StoreError.
        """
        current, text = self._read_user(user.id)
        if not current.is_active:
            raise Conflict("This user is deactivated.")
        token, now_ms = secrets.token_urlsafe(TOKEN_BYTES), self.now_ms()
        session = Session(token_hash(token), now_ms, now_ms, device)
        keys = [self.keys.audit, self.keys.users, self.keys.passwords, self.keys.sessions(user.id), self.keys.last_seen]
        line = self._audit_line("user.logged_in", user.card, device=device)
        args = (line, user.id, text, password_hash, session.id, _encode(session), SESSION_IDLE_S, now_ms)
        if self._run_script("begin_session", keys, args, ("ok", "changed")) == "changed":
            raise Conflict("This user was changed at the same time; try again.")
        self._end_surplus(user.id)
        return token

    def session(self, user: str, token: str) -> tuple[User, Session] | None:
        """Return who a cookie speaks for, None when the session has ended or the user is deactivated.

        Read at every request: who is deactivated or logged out is out at once. Raises StoreError.
        """
        id = token_hash(token)

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            pipeline.hget(self.keys.sessions(user), id)
            pipeline.hget(self.keys.users, user)
            return pipeline.execute()

        stored, text = self.connection.command(read)
        if not stored or not text:
            return None
        session, found = _decode(id, stored), decode_user(text)
        if not found.is_active or self._is_over(session):
            return None
        if self.now_ms() - session.used_at_ms >= TOUCH_EVERY_MS:
            with contextlib.suppress(StoreError):  # who reads must not fail because nothing can be written
                self._touch(user, replace(session, used_at_ms=self.now_ms()))
        return found, session

    def sessions(self, user: str) -> list[Session]:
        """Return a user's sessions, the latest used first. Raises StoreError."""
        stored = self.connection.command(lambda client: client.hgetall(self.keys.sessions(user)))
        found = [_decode(id, text) for id, text in stored.items()]
        alive = [session for session in found if not self._is_over(session)]
        return sorted(alive, key=lambda session: (-session.used_at_ms, session.id))

    def end_session(self, user: str, session: str) -> None:
        """Log out of one session, by its id. Raises: NotFound when there is no such session, StoreError."""
        if not self.connection.command(lambda client: client.hdel(self.keys.sessions(user), session)):
            raise NotFound("This session has ended already.")
        self._tell(user)

    def end_sessions(self, user: str, *, by: dict[str, Any] | None = None, keep: str = "") -> None:
        """Log a user out everywhere, but for the session with the id `keep`. Raises StoreError."""
        found = self.connection.command(lambda client: client.hkeys(self.keys.sessions(user)))
        ended = [id for id in found if id != keep]
        if not ended:
            return  # nor a line in the audit: many of them would push the others out
        self.connection.command(lambda client: client.hdel(self.keys.sessions(user), *ended))
        self._tell(user)
        self.record_audit("user.sessions_ended", by, user=self._read_user(user)[0].card)

    def _touch(self, user: str, session: Session) -> None:
        keys = [self.keys.sessions(user), self.keys.last_seen]
        args = (user, session.id, _encode(session), SESSION_IDLE_S, session.used_at_ms)
        self._run_script("touch_session", keys, args, ("ok", "ended"))

    def _end_surplus(self, user: str) -> None:
        alive = {session.id for session in self.sessions(user)[:SESSIONS_KEPT]}
        found = self.connection.command(lambda client: client.hkeys(self.keys.sessions(user)))
        if surplus := [id for id in found if id not in alive]:
            self.connection.command(lambda client: client.hdel(self.keys.sessions(user), *surplus))

    def _is_over(self, session: Session) -> bool:
        now_ms = self.now_ms()
        is_idle = now_ms - session.used_at_ms >= SESSION_IDLE_S * 1000
        return is_idle or now_ms - session.began_at_ms >= SESSION_LONGEST_S * 1000


def _encode(session: Session) -> str:
    words = {"began": session.began_at_ms, "used": session.used_at_ms, "device": session.device}
    return msgspec.json.encode(words).decode()


def _decode(id: str, text: str) -> Session:
    words = msgspec.json.decode(text)
    return Session(id, words["began"], words["used"], words["device"])
