"""Asking the agent: whatever Dialogflow does, an answer comes back in time."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.cloud.dialogflow_v2.types import DetectIntentRequest, DetectIntentResponse

from dialogflow.client import Agent
from domain.answers import Answer, BotFailure, Question
from tests.dialogflow.stand_in import StandIn, response, says

pytestmark = pytest.mark.timeout(60)  # a bound that does not hold ends here

SESSION = "mfzwizltoq2gi33nmfuw4zdp-3"
SECRET_TEXT = "my card number is 4111"
HELLO = Question(session=SESSION, platform="facebook", text=SECRET_TEXT)
GET_STARTED = Question(session=SESSION, platform="facebook", event="FACEBOOK_WELCOME")
FALLBACK = says("Sorry?", "Default Fallback Intent", is_fallback=True)
SHOWN = (
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.NOT_FOUND,
)


@pytest.fixture
def hasty(stand_in: StandIn) -> Iterator[Agent]:
    made = Agent("florist-77", endpoint=stand_in.endpoint, total_deadline_s=0.7)
    yield made
    made.close()


def asked_events(stand_in: StandIn) -> list[str]:
    return [request.query_input.event.name for request in stand_in.requests]


def by_event(**answers: DetectIntentResponse) -> Any:
    """Answer events by name, and others as an agent without such an intent does."""

    def behave(request: DetectIntentRequest, _context: Any) -> DetectIntentResponse:
        return answers.get(request.query_input.event.name, DetectIntentResponse(response_id="none"))

    return behave


def test_an_answer_comes_back_with_its_commands_and_the_platforms_replies(stand_in: StandIn, agent: Agent) -> None:
    stand_in.behaviour = lambda _request, _context: response("answer__platform_tab_without_text")
    answer = agent.ask(HELLO)
    assert answer.failure is None
    assert answer.intent == "goodbye"
    assert answer.replies == ("See you soon.", "And thank you.")
    assert answer.commands.mark_done is True


def test_dialogflow_is_asked_in_the_conversations_session_with_text_language_and_payload(
    stand_in: StandIn, agent: Agent
) -> None:
    agent.ask(Question(session=SESSION, platform="viber", text="Ahoj", language="cs", payload={"entry": 2**60}))
    (request,) = stand_in.requests
    assert request.session == f"projects/florist-77/agent/sessions/{SESSION}"
    assert (request.query_input.text.text, request.query_input.text.language_code) == ("Ahoj", "cs")
    assert dict(request.query_params.payload) == {"entry": "1152921504606846976"}


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (grpc.StatusCode.UNAVAILABLE, BotFailure.UNREACHABLE),
        (grpc.StatusCode.INTERNAL, BotFailure.UNREACHABLE),
        (grpc.StatusCode.DEADLINE_EXCEEDED, BotFailure.TIMED_OUT),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, BotFailure.RATE_LIMITED),
        (grpc.StatusCode.PERMISSION_DENIED, BotFailure.NOT_ALLOWED),
        (grpc.StatusCode.UNAUTHENTICATED, BotFailure.NOT_ALLOWED),
        (grpc.StatusCode.INVALID_ARGUMENT, BotFailure.REFUSED),
        (grpc.StatusCode.NOT_FOUND, BotFailure.REFUSED),
        (grpc.StatusCode.FAILED_PRECONDITION, BotFailure.REFUSED),
    ],
)
def test_an_error_of_dialogflow_becomes_an_answer_that_says_so(
    stand_in: StandIn, agent: Agent, code: grpc.StatusCode, failure: BotFailure
) -> None:
    stand_in.fail(code)
    answer = agent.ask(HELLO)
    assert answer.failure is failure
    assert "Dialogflow" in answer.failure_detail
    assert answer.replies == ()
    assert answer.commands.mark_done is None


def test_only_dialogflow_being_away_is_tried_again_and_only_once(stand_in: StandIn, agent: Agent) -> None:
    stand_in.fail(grpc.StatusCode.UNAVAILABLE)
    agent.ask(HELLO)
    assert len(stand_in.requests) == 2
    stand_in.fail(grpc.StatusCode.RESOURCE_EXHAUSTED)
    agent.ask(HELLO)
    stand_in.fail(grpc.StatusCode.INTERNAL)
    agent.ask(HELLO)
    assert len(stand_in.requests) == 4


def test_the_second_try_can_succeed(stand_in: StandIn, agent: Agent) -> None:
    def first_away(_request: DetectIntentRequest, context: Any) -> DetectIntentResponse:
        if len(stand_in.requests) == 1:
            context.abort(grpc.StatusCode.UNAVAILABLE, "restarting")
        return says("Here again.")

    stand_in.behaviour = first_away
    assert agent.ask(HELLO).replies == ("Here again.",)


def test_no_second_try_is_started_without_time_for_it(stand_in: StandIn) -> None:
    stand_in.fail(grpc.StatusCode.UNAVAILABLE)
    agent = Agent("florist-77", endpoint=stand_in.endpoint, total_deadline_s=0.4)
    assert agent.ask(HELLO).failure in (BotFailure.UNREACHABLE, BotFailure.TIMED_OUT)
    assert len(stand_in.requests) <= 1
    agent.close()


def test_a_server_that_never_answers_is_given_up(stand_in: StandIn, hasty: Agent) -> None:
    stand_in.hang()
    answer = hasty.ask(HELLO)
    assert answer.failure is BotFailure.TIMED_OUT
    assert answer.latency_ms >= 600


def test_nothing_listening_is_unreachable() -> None:
    gone = StandIn()
    gone.stop()
    agent = Agent("florist-77", endpoint=gone.endpoint)
    assert agent.ask(HELLO).failure is BotFailure.UNREACHABLE
    agent.close()


def test_a_server_that_was_restarted_is_found_again() -> None:
    first = StandIn()
    agent = Agent("florist-77", endpoint=first.endpoint)
    assert agent.ask(HELLO).failure is None
    first.stop()
    assert agent.ask(HELLO).failure is BotFailure.UNREACHABLE
    second = StandIn(port=first.port)
    answers = (agent.ask(HELLO) for _ in range(40))  # each waits a quarter of a second while it fails
    found = next((answer for answer in answers if answer.failure is None), None)
    agent.close()
    second.stop()
    assert found is not None


def test_no_failure_repeats_the_contacts_text(stand_in: StandIn, agent: Agent) -> None:
    for code in grpc.StatusCode:
        if code is not grpc.StatusCode.OK:
            stand_in.fail(code, "no such agent\nfor this project" if code in SHOWN else f"cannot read {SECRET_TEXT!r}")
            answer = agent.ask(HELLO)
            assert answer.failure is not None
            assert "4111" not in answer.failure_detail
            assert "\n" not in answer.failure_detail


def test_a_failure_that_a_person_can_mend_shows_dialogflows_words(stand_in: StandIn, agent: Agent) -> None:
    stand_in.fail(grpc.StatusCode.PERMISSION_DENIED, "IAM permission 'dialogflow.sessions.detectIntent' denied.")
    assert "dialogflow.sessions.detectIntent" in agent.ask(HELLO).failure_detail


@pytest.mark.parametrize(
    "question",
    [
        Question(session=SESSION, platform="viber"),
        Question(session=SESSION, platform="viber", text=" \n\x00 "),
        Question(session="shop/42", platform="viber", text="hello"),
        Question(session="x" * 37, platform="viber", text="hello"),
        Question(session=SESSION, platform="viber", text="hello", payload={"thing": object()}),
    ],
)
def test_what_cannot_be_asked_is_refused_without_a_call(stand_in: StandIn, agent: Agent, question: Question) -> None:
    assert agent.ask(question).failure is BotFailure.REFUSED
    assert stand_in.requests == []


def test_a_platforms_welcome_event_is_asked_first(stand_in: StandIn, agent: Agent) -> None:
    stand_in.behaviour = by_event(FACEBOOK_WELCOME=says("Hello, Facebook."), WELCOME=says("Hello."))
    assert agent.ask(GET_STARTED).replies == ("Hello, Facebook.",)
    assert asked_events(stand_in) == ["FACEBOOK_WELCOME"]


@pytest.mark.parametrize("unheard", [DetectIntentResponse(), FALLBACK])
def test_a_welcome_event_that_no_intent_has_is_asked_as_the_general_one(
    stand_in: StandIn, agent: Agent, unheard: DetectIntentResponse
) -> None:
    stand_in.behaviour = by_event(FACEBOOK_WELCOME=unheard, WELCOME=says("Hello."))
    assert agent.ask(GET_STARTED).replies == ("Hello.",)
    assert asked_events(stand_in) == ["FACEBOOK_WELCOME", "WELCOME"]


@pytest.mark.parametrize("code", [grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND])
def test_a_welcome_event_that_is_refused_is_asked_as_the_general_one(
    stand_in: StandIn, agent: Agent, code: grpc.StatusCode
) -> None:
    def behave(request: DetectIntentRequest, context: Any) -> DetectIntentResponse:
        if request.query_input.event.name != "WELCOME":
            context.abort(code, "no intent has this event")
        return says("Hello.")

    stand_in.behaviour = behave
    assert agent.ask(GET_STARTED).replies == ("Hello.",)


def test_an_agent_without_any_welcome_says_nothing_and_has_not_failed(stand_in: StandIn, agent: Agent) -> None:
    def behave(request: DetectIntentRequest, context: Any) -> DetectIntentResponse:
        if request.query_input.event.name == "WELCOME":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no intent has this event")
        return DetectIntentResponse()

    stand_in.behaviour = behave
    answer = agent.ask(GET_STARTED)
    assert (answer.failure, answer.intent, answer.replies) == (None, "", ())
    assert asked_events(stand_in) == ["FACEBOOK_WELCOME", "WELCOME"]


def test_the_general_welcome_event_is_not_asked_twice_and_text_never_as_an_event(
    stand_in: StandIn, agent: Agent
) -> None:
    stand_in.behaviour = lambda _request, _context: DetectIntentResponse()
    agent.ask(Question(session=SESSION, platform="viber", event="WELCOME"))
    agent.ask(HELLO)
    assert asked_events(stand_in) == ["WELCOME", ""]


def test_both_welcome_events_share_one_deadline(stand_in: StandIn, hasty: Agent) -> None:
    def behave(request: DetectIntentRequest, _context: Any) -> DetectIntentResponse:
        if request.query_input.event.name == "WELCOME":
            stand_in.released.wait()
        return DetectIntentResponse()

    stand_in.behaviour = behave
    assert hasty.ask(GET_STARTED).failure is BotFailure.TIMED_OUT
    assert asked_events(stand_in) == ["FACEBOOK_WELCOME", "WELCOME"]


def test_threads_share_one_connection(stand_in: StandIn, agent: Agent) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers: list[Answer] = list(threads.map(agent.ask, [HELLO] * 64))
    assert {answer.failure for answer in answers} == {None}
    assert len(stand_in.requests) == 64
    assert len(set(stand_in.peers)) == 1


FORKED = """
import os, sys
from dialogflow.client import Agent
from domain.answers import Question
agent = Agent("florist-77", endpoint=sys.argv[1])
children = []
for number in range(3):
    child = os.fork()
    if child == 0:
        answer = agent.ask(Question(session=f"child-{number}", platform="viber", text="hello"))
        os._exit(0 if answer.failure is None else 1)
    children.append(child)
sys.exit(sum(os.waitpid(child, 0)[1] for child in children) != 0)
"""


def test_an_agent_made_before_a_fork_answers_in_every_process(stand_in: StandIn) -> None:
    root = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-c", FORKED, stand_in.endpoint], cwd=root, timeout=50, check=False)
    assert done.returncode == 0
    assert {request.session[-7:] for request in stand_in.requests} == {"child-0", "child-1", "child-2"}
    assert len(set(stand_in.peers)) == 3
