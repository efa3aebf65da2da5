"""Somebody who is logged in, for tests of pages: without the log-in, which takes a tenth of a second each."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.users import Role, User
from store import Store

#: Nobody can log in with it.
NO_PASSWORD = "no hash"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A user with a browser of their own."""

    user: User
    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Post a form as the page would: with the CSRF token."""
        return self.client.post(path, data={**(data or {}), "csrf_token": csrf_token(self.client)}, **options)


def add_user(store: Store, role: Role = Role.AGENT, *, name: str = "Alice", is_restricted: bool = False) -> User:
    """Add a user who has come in already; the email address is made of the name."""
    email = f"{name.lower().replace(' ', '.')}@example.com"
    _, token = store.add_user(email, role, is_restricted=is_restricted)
    return store.use_link(store.find_link(token), name=name, password_hash=NO_PASSWORD)


def sign_in(app: Flask, store: Store, role: Role = Role.AGENT, **who: Any) -> Visitor:
    """Add a user and log them in with a browser of their own."""
    return visit(app, store, add_user(store, role, **who))


def visit(app: Flask, store: Store, user: User) -> Visitor:
    """Log a user in with one more browser."""
    client = app.test_client()
    token = store.begin_session(user, store.password_hash(user.id), "A test")
    with client.session_transaction() as session:
        session["user"], session["token"] = user.id, token
    return Visitor(user, client)


def csrf_token(client: FlaskClient, path: str = "/account") -> str:
    """Return the token of a page's forms; where nobody is logged in that of the log-in, to which a page leads."""
    page = client.get(path, follow_redirects=True)
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.text)
    assert found, f"{path} has no form"
    return found[1]
