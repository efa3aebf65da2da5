"""Alice (owner) and Bob (agent) look at the inbox; Charlie is an agent who sees only his own and nobody's."""

from typing import cast

import pytest
from flask import Flask

from domain.users import Role
from store import Store
from tests.web.signed_in import Visitor, sign_in
from web.context import KEY, Context


@pytest.fixture
def platform(app: Flask) -> Store:
    """The store of the application itself, which keeps settings for two seconds."""
    return cast(Context, app.extensions[KEY]).store


@pytest.fixture
def alice(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, Role.OWNER, name="Alice")


@pytest.fixture
def bob(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, name="Bob")


@pytest.fixture
def charlie(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, name="Charlie", is_restricted=True)
