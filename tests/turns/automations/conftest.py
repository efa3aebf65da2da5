"""The stage that all of these tests stand on."""

import pytest

from store import Store
from tests.conftest import StoppedClock
from tests.turns.automations.automation_stage import AutomationStage


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> AutomationStage:
    return AutomationStage(store, clock)
