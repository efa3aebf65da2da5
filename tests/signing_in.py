"""Users, and the cookies of those who are logged in."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from domain.users import Role, User
from store import Store
from web.access.cookies import NAME
from web.access.guarding import TOKEN, USER


@dataclass(frozen=True)
class LoggedIn:
    """A user and their session; cookie: as the browser sends it over http."""

    user: User
    token: str
    cookie: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie}


def log_in(
    store: Store, name: str = "alice", role: Role = Role.OWNER, *, key: str = "secret-key-for-tests", **changes: Any
) -> LoggedIn:
    """Add a user and begin a session of theirs. key: what signs the cookie."""
    _, link = store.add_user(f"{name}@example.com", role, **changes)
    user = store.use_link(store.find_link(link), name=name.title(), password_hash="none")
    token = store.begin_session(user, "none", "a test")
    signer = Flask("cookies")
    signer.secret_key = key
    serializer = SecureCookieSessionInterface().get_signing_serializer(signer)
    assert serializer
    return LoggedIn(user, token, f"{NAME}={serializer.dumps({USER: user.id, TOKEN: token})}")
