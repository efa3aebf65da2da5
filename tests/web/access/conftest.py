"""People at the door: each with a password that is really hashed, but at little cost."""

from collections.abc import Callable, Iterator

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.users import Role, User
from store import Store
from tests.web.signed_in import Visitor, csrf_token, sign_in
from web.access import passwords
from web.access.passwords import hash_password

PASSWORD = "correct horse battery"
LogIn = Callable[..., TestResponse]


@pytest.fixture(scope="session")
def real_hasher() -> Iterator[PasswordHasher]:
    """The one that costs a tenth of a second each time; meanwhile a cheaper one takes its place."""
    real = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords._nobodys.cache_clear()
    yield real
    passwords._hasher = real
    passwords._nobodys.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes(real_hasher: PasswordHasher) -> None:
    """All tests of this folder."""


@pytest.fixture(scope="session")
def hashed(real_hasher: PasswordHasher) -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def susan(store: Store, hashed: str) -> User:
    """An agent who can log in with PASSWORD."""
    _, token = store.add_user("Susan@Example.com", Role.AGENT)
    return store.use_link(store.find_link(token), name="Susan", password_hash=hashed)


@pytest.fixture
def olga(app: Flask, store: Store) -> Visitor:
    """An owner, logged in."""
    return sign_in(app, store, Role.OWNER, name="Olga")


@pytest.fixture
def log_in(client: FlaskClient) -> LogIn:
    """Log in by the form, in the test's browser unless another is given."""

    def post(
        email: str = "susan@example.com",
        password: str = PASSWORD,
        *,
        browser: FlaskClient = client,
        path: str = "/login",
    ) -> TestResponse:
        form = {"email": email, "password": password, "csrf_token": csrf_token(browser)}
        return browser.post(path, data=form)

    return post


def is_in(browser: FlaskClient) -> bool:
    """Tell whether a browser is logged in."""
    return browser.get("/account").status_code == 200
