"""A manager at the pages of automations."""

import pytest
from flask import Flask

from domain.users import Role
from store import Store
from tests.web.signed_in import Visitor, sign_in


@pytest.fixture
def maria(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, Role.MANAGER, name="Maria")


@pytest.fixture
def bob(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, Role.MANAGER, name="Bob")
