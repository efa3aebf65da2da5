"""Who opens reports, and what there is to be seen in them."""

import pytest
from flask import Flask

from domain.users import Role
from store import Store
from tests.conftest import StoppedClock
from tests.web.reports.week import Week, make_week
from tests.web.signed_in import Visitor, sign_in


@pytest.fixture
def manager(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, Role.MANAGER, name="Maria")


@pytest.fixture
def week(store: Store, clock: StoppedClock) -> Week:
    return make_week(store, clock)
