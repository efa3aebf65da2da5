"""What could set automations off again and again: each of these ends, and closes and opens what it has to, once."""

import pytest

from store import Store
from tests.conftest import StoppedClock
from tests.people import SUSAN_ID, write
from tests.turns.automations.automation_stage import (
    ANY_MESSAGE,
    CLOSE,
    MINUTE_S,
    OPEN,
    AutomationStage,
    opened_by,
    send,
    wait,
)


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> AutomationStage:
    return AutomationStage(store, clock)


def settle(stage: AutomationStage) -> None:
    """Let time pass until nobody is due any more."""
    for _ in range(50):
        stage.work()
        due_ms = stage.store.next_due_ms()
        if due_ms is None:
            return
        stage.clock.ms = max(stage.clock.ms, due_ms)
    raise AssertionError("somebody is always due again")


def test_a_message_that_waited_for_a_worker_longer_than_a_silence_lasts_is_answered_first(
    stage: AutomationStage, clock: StoppedClock
) -> None:
    closes = stage.automate({"kind": "no_answer_from_us", "minutes": 1}, CLOSE)
    write(stage.store)
    clock.pass_s(5 * MINUTE_S)
    stage.work()
    assert stage.bot.asked and stage.facebook.texts == ["you said hello"]
    assert stage.triggered(closes) == 0
    assert stage.conversations() == [(1, "contact", "")]


def test_a_message_behind_others_that_wait_is_no_silence_either(stage: AutomationStage, clock: StoppedClock) -> None:
    closes = stage.automate({"kind": "no_answer_from_us", "minutes": 1}, CLOSE)
    write(stage.store, "one")
    write(stage.store, "two")
    clock.pass_s(5 * MINUTE_S)
    settle(stage)
    assert stage.facebook.texts == ["you said one", "you said two"]
    assert (stage.triggered(closes), stage.conversations()) == (0, [(1, "contact", "")])


def test_who_is_new_and_closed_away_at_once_opens_again_once(stage: AutomationStage) -> None:
    stage.automate("contact_created", OPEN, CLOSE)
    greets = stage.automate(opened_by("contact"), send("Hello!"))
    write(stage.store)
    settle(stage)
    assert stage.conversations() == [(1, "contact", "automation"), (2, "contact", "")]
    assert (stage.triggered(greets), stage.said()) == (1, ["Hello!"])


def test_a_run_that_waited_and_closes_away_who_writes_meanwhile_ends(
    stage: AutomationStage, clock: StoppedClock
) -> None:
    closes = stage.automate(opened_by("contact"), wait(1), CLOSE)
    stage.hears("hello")
    clock.pass_s(2 * MINUTE_S)
    write(stage.store, "wait!")
    settle(stage)
    assert stage.conversations() == [(1, "contact", "automation"), (2, "contact", "automation")]
    assert stage.triggered(closes) == 2
    assert stage.facebook.texts == ["you said hello", "you said wait!"]


def test_close_and_open_in_turns_end_with_the_guard(stage: AutomationStage) -> None:
    stage.automate("conversation_closed", OPEN, name="opens")
    stage.automate("conversation_opened", CLOSE, name="closes")
    again = stage.automate(ANY_MESSAGE, send("I heard you."))
    write(stage.store)
    settle(stage)
    assert stage.triggered(again) == 1
    assert len(stage.conversations()) <= 3
    assert stage.store.snapshot(SUSAN_ID).contact.run_state.runs == ()
