"""What a worker counts: turns, questions to the agent and attempts to send, by what became of them."""

from collections.abc import Callable

import pytest

import measures
from domain.answers import Answer, BotFailure, Question
from domain.errors import ChannelError, StoreError
from measures.exposition import expose
from measures.numbers import Numbers
from store import Store
from tests.conftest import StoppedClock
from tests.measures.scraped import Scraped
from tests.people import PETAR, PETAR_ID, write
from tests.turns.outbox_plays import AMBIGUOUS, PERMANENT, RETRY, WAIT, fail
from tests.turns.stage import Stage

Counted = Callable[[str], dict[str, float]]


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Return what was counted in this test, by the words of the labels, without the zeros."""
    numbers = Numbers()
    monkeypatch.setattr(measures, "NUMBERS", numbers)

    def read(name: str) -> dict[str, float]:
        found = Scraped(expose(numbers.read_all(), {}).decode())
        by_words = {
            " ".join(word for _, word in sorted(labels)): found.of(name, **dict(labels))
            for labels in found.labels(name)
        }
        return {words: value for words, value in by_words.items() if value}

    return read


def test_a_turn_that_asks_and_sends_counts_each_once(stage: Stage, counted: Counted) -> None:
    stage.bot.answers["hello"] = Answer(intent="greeting", replies=("Hi!", "How are you?"), latency_ms=120)
    write(stage.store, "hello")
    stage.turn()
    assert counted("markdone_turns_total") == {"done": 1}
    assert counted("markdone_turn_seconds_count") == {"": 1}
    assert counted("markdone_dialogflow_answers_total") == {"answered": 1}
    assert counted("markdone_dialogflow_seconds_sum") == {"": 0.12}
    assert counted("markdone_sends_total") == {"facebook sent": 2}


def test_a_turn_that_nobody_could_take_is_none(stage: Stage, counted: Counted) -> None:
    stage.turn()
    assert counted("markdone_turns_total") == {}


@pytest.mark.parametrize("failure", list(BotFailure))
def test_a_question_without_an_answer_is_counted_by_why(stage: Stage, counted: Counted, failure: BotFailure) -> None:
    stage.bot.answers["hello"] = Answer(failure=failure)
    write(stage.store, "hello")
    stage.turn()
    assert counted("markdone_dialogflow_answers_total") == {str(failure): 1}


def test_an_answer_that_did_not_understand_is_counted_as_such(stage: Stage, counted: Counted) -> None:
    stage.bot.answers["hello"] = Answer(intent="Default Fallback Intent", is_fallback=True, replies=("What?",))
    write(stage.store, "hello")
    stage.turn()
    assert counted("markdone_dialogflow_answers_total") == {"fallback": 1}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(RETRY, "retry"), (WAIT, "waiting"), (PERMANENT, "failed"), (AMBIGUOUS, "unsure")],
    ids=lambda one: str(one),
)
def test_an_attempt_to_send_is_counted_by_what_became_of_it(
    stage: Stage, counted: Counted, error: ChannelError, outcome: str
) -> None:
    stage.facebook.on_send = fail(error)
    write(stage.store, "hello")
    stage.turn()
    assert counted("markdone_sends_total") == {f"facebook {outcome}": 1}


def test_where_no_echo_can_come_an_unclear_attempt_is_unconfirmed(stage: Stage, counted: Counted) -> None:
    stage.viber.on_send = fail(AMBIGUOUS)
    write(stage.store, "hello", who=PETAR)
    stage.turn(PETAR_ID)
    assert counted("markdone_sends_total") == {"viber unconfirmed": 1}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(StoreError("away"), "unavailable"), (RuntimeError("broken"), "failed")],
    ids=["store", "bug"],
)
def test_a_turn_that_breaks_off_is_counted_by_why(
    stage: Stage, counted: Counted, error: Exception, outcome: str
) -> None:
    def break_off(_: Question) -> None:
        raise error

    stage.bot.on_ask = break_off
    write(stage.store, "hello")
    with pytest.raises(type(error)):
        stage.turn()
    assert counted("markdone_turns_total") == {outcome: 1} and counted("markdone_turn_seconds_count") == {"": 1}
