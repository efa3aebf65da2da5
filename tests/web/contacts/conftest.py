"""Who opens the pages about contacts."""

import pytest
from flask import Flask

from domain.users import Role
from store import Store
from tests.web.signed_in import Visitor, sign_in


@pytest.fixture
def manager(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, Role.MANAGER, name="Maria")


@pytest.fixture
def agent(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, name="Anton")


@pytest.fixture
def restricted(app: Flask, store: Store) -> Visitor:
    """An agent who sees only their own conversations and those that nobody has."""
    return sign_in(app, store, name="Rosa", is_restricted=True)
