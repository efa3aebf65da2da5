"""A stand-in for Dialogflow and an agent that talks to it."""

from collections.abc import Iterator

import pytest

from dialogflow.client import Agent
from tests.dialogflow.stand_in import StandIn


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    yield server
    server.stop()


@pytest.fixture
def agent(stand_in: StandIn) -> Iterator[Agent]:
    made = Agent("florist-77", endpoint=stand_in.endpoint)
    yield made
    made.close()
