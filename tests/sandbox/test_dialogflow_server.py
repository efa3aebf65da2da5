"""The real Google client against the stand-in, over real gRPC."""

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import dialogflow_v2
from google.cloud.dialogflow_v2.services.sessions.transports import SessionsGrpcTransport
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from sandbox.dialogflow_server import start_dialogflow
from sandbox.state import Sandbox

SESSION = "projects/bakery/agent/sessions/session-1"
FULFILLMENT = "/dialogflow/fulfillment"
FACEBOOK, VIBER = 1, 7


@pytest.fixture
def google(sandbox: Sandbox) -> Iterator[dialogflow_v2.SessionsClient]:
    server, port = start_dialogflow(sandbox, "127.0.0.1:0")
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    yield dialogflow_v2.SessionsClient(transport=SessionsGrpcTransport(channel=channel))
    channel.close()
    server.stop(grace=None).wait()


def ask(google: dialogflow_v2.SessionsClient, text: str = "", event: str = "", **more: Any) -> Any:
    kind = (
        {"event": {"name": event, "language_code": "en"}} if event else {"text": {"text": text, "language_code": "en"}}
    )
    request = {"session": SESSION, "query_input": kind, **more}
    return google.detect_intent(request=request, timeout=10, retry=None)


def test_a_phrase_is_answered_with_intent_confidence_and_text(google: dialogflow_v2.SessionsClient) -> None:
    answer = ask(google, "When are you open?")
    result = answer.query_result
    assert answer.response_id
    assert result.intent.display_name == "opening hours"
    assert result.intent.name.startswith("projects/bakery/agent/intents/")
    assert result.intent_detection_confidence == 1.0
    assert result.all_required_params_present
    assert "9" in result.fulfillment_text
    assert not result.intent.is_fallback
    assert not answer.webhook_status.message


def test_handing_over_carries_its_parameters_as_strings(google: dialogflow_v2.SessionsClient) -> None:
    parameters = dict(ask(google, "talk to a human").query_result.parameters)
    assert parameters["RB_BOTSTATUS"] == "false"
    assert parameters["RB_NOTIFY"]


def test_platform_tabs_come_mixed_with_the_default(google: dialogflow_v2.SessionsClient) -> None:
    messages = ask(google, event="FACEBOOK_WELCOME").query_result.fulfillment_messages
    assert sorted(int(message.platform) for message in messages) == [0, FACEBOOK, VIBER]


def test_an_event_that_no_intent_has_is_answered_without_intent(google: dialogflow_v2.SessionsClient) -> None:
    assert ask(google, event="VIBER_WELCOME").query_result.intent.display_name == ""
    assert ask(google, event="WELCOME").query_result.intent.display_name == "Default Welcome Intent"


def test_an_unknown_text_gets_the_fallback_intent(google: dialogflow_v2.SessionsClient) -> None:
    assert ask(google, "quantum chromodynamics").query_result.intent.is_fallback


@pytest.mark.parametrize("text", ["x" * 257, ""])
def test_a_text_of_the_wrong_length_is_an_invalid_argument(google: dialogflow_v2.SessionsClient, text: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        ask(google, text)
    assert ask(google, "x" * 256).query_result.intent.is_fallback


def test_fulfillment_is_called_with_token_parameters_and_payload_and_its_words_are_used(
    google: dialogflow_v2.SessionsClient, httpserver: HTTPServer
) -> None:
    httpserver.expect_request(FULFILLMENT).respond_with_json({"fulfillmentText": "It is on the van."})
    answer = ask(google, "where is my order", query_params={"payload": {"entry": "17"}})
    (request, _) = httpserver.log[0]
    asked = request.get_json()
    assert request.headers["Authorization"] == "Bearer fulfillment-token"
    assert asked["responseId"] == answer.response_id
    assert asked["session"] == SESSION
    assert asked["queryResult"]["intent"]["displayName"] == "order status"
    assert asked["originalDetectIntentRequest"]["payload"] == {"entry": "17"}
    result = answer.query_result
    assert [message.text.text[0] for message in result.fulfillment_messages] == ["It is on the van."]
    assert (answer.webhook_status.code, answer.webhook_status.message) == (0, "Webhook execution successful")


def test_an_empty_fulfillment_answer_leaves_the_intents_own_words_and_parameters(
    google: dialogflow_v2.SessionsClient, httpserver: HTTPServer
) -> None:
    httpserver.expect_request(FULFILLMENT).respond_with_json({})
    answer = ask(google, "thanks")
    assert dict(answer.query_result.parameters) == {"RB_MARKDONE": "true"}
    assert answer.query_result.fulfillment_messages[0].text.text[0]
    assert httpserver.log[0][0].get_json()["queryResult"]["parameters"] == {"RB_MARKDONE": "true"}


@pytest.mark.parametrize(
    ("status", "body"), [(500, "{}"), (401, ""), (200, "not json"), (200, '{"fulfillmentText": {}}')]
)
def test_a_failed_fulfillment_call_is_told_and_the_intents_own_words_stand(
    google: dialogflow_v2.SessionsClient, httpserver: HTTPServer, status: int, body: str
) -> None:
    httpserver.expect_request(FULFILLMENT).respond_with_data(body, status=status)
    answer = ask(google, "where is my order")
    assert answer.webhook_status.code != 0
    assert "cannot see the orders" in answer.query_result.fulfillment_text


def test_contexts_set_by_fulfillment_are_active_in_the_next_turn_of_the_session(
    google: dialogflow_v2.SessionsClient, httpserver: HTTPServer
) -> None:
    def keep_context(request: Request) -> Response:
        name = f"{SESSION}/contexts/Order-Asked"
        context = {"name": name, "lifespanCount": 2, "parameters": {"n": "4"}}
        return Response(json.dumps({"outputContexts": [context]}))

    httpserver.expect_request(FULFILLMENT).respond_with_handler(keep_context)
    ask(google, "where is my order")
    (context,) = ask(google, "when are you open").query_result.output_contexts
    assert context.name == f"{SESSION}/contexts/order-asked"
    assert context.lifespan_count == 1
    assert dict(context.parameters) == {"n": "4"}
    assert not ask(google, "hello").query_result.output_contexts
    assert not ask(google, "hello", query_params={"reset_contexts": True}).query_result.output_contexts


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "http_500"}, exceptions.InternalServerError),
        ({"kind": "refuse"}, exceptions.ServiceUnavailable),
        ({"kind": "error_body", "code": "RESOURCE_EXHAUSTED"}, exceptions.ResourceExhausted),
        ({"kind": "drop_after_accept"}, exceptions.ServiceUnavailable),
        ({"kind": "hang"}, exceptions.DeadlineExceeded),
    ],
)
def test_a_planned_fault_happens_once(
    google: dialogflow_v2.SessionsClient, sandbox: Sandbox, fault: dict[str, Any], error: type[Exception]
) -> None:
    sandbox.faults.add({"target": "dialogflow", **fault})
    with pytest.raises(error):
        google.detect_intent(
            request={"session": SESSION, "query_input": {"text": {"text": "hello", "language_code": "en"}}},
            timeout=1,
            retry=None,
        )
    assert ask(google, "hello").query_result.intent.display_name == "Default Welcome Intent"
