"""A server that may forget: nothing is killed here, and much is written."""

from collections.abc import Iterator

import pytest

from tests.servers import Valkey


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    server = Valkey()
    server.start()
    server.client().config_set("appendonly", "no")
    yield server
    server.kill()
