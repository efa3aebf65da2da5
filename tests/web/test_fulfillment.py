"""Dialogflow's fulfillment call: who may call, and what of it is read."""

import base64
import logging
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from domain.models import ClosedConversation
from store import Store
from tests.conftest import FULFILLMENT_TOKEN, settings_for
from tests.people import PETAR_ID, SUSAN_ID, lines, write
from tests.servers import Valkey
from tests.web.fulfillment_caller import BEARER, call, carried_out, open_number, post

# -- Who may call


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("header", [f"Bearer {FULFILLMENT_TOKEN}", basic("anybody", FULFILLMENT_TOKEN)])
def test_the_token_is_taken_as_bearer_and_as_basic_password(client: FlaskClient, store: Store, header: str) -> None:
    write(store)
    assert post(client, call(entry=1, RB_MARKDONE="true"), {"Authorization": header}).status_code == 200
    assert open_number(store) is None


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer wrong",
        f"Bearer {FULFILLMENT_TOKEN}x",
        FULFILLMENT_TOKEN,
        basic(FULFILLMENT_TOKEN, ""),
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        "Bearer \xe9",
        "Bearer " + "x" * 10_000,
    ],
)
def test_without_the_token_a_call_is_refused_and_changes_nothing(
    client: FlaskClient, store: Store, header: str | None
) -> None:
    write(store)
    headers = {} if header is None else {"Authorization": header}
    assert post(client, call(RB_MARKDONE="true"), headers).status_code == 401
    assert open_number(store) == 1


def test_without_a_token_in_the_settings_everybody_is_refused(valkey: Valkey, store: Store) -> None:
    write(store)
    client = create_app(settings_for(valkey.url, dialogflow_fulfillment_tokens=())).test_client()
    for header in ("", "Bearer ", "Bearer", basic("", "")):
        response = post(client, call(RB_MARKDONE="true"), {"Authorization": header})
        assert response.status_code == 401 and "DIALOGFLOW_FULFILLMENT_TOKEN" in response.get_data(as_text=True)
    assert open_number(store) == 1


def test_while_the_token_is_rotated_both_are_taken(valkey: Valkey, store: Store) -> None:
    client = create_app(settings_for(valkey.url, dialogflow_fulfillment_tokens=("new", "old"))).test_client()
    statuses = [
        post(client, call(), {"Authorization": f"Bearer {token}"}).status_code for token in ("new", "old", "older")
    ]
    assert statuses == [200, 200, 401]


# -- What is read


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"sessionInfo": {"session": "x"}, "fulfillmentInfo": {"tag": "t"}}, "CX"),
        ({"result": {"parameters": {"RB_MARKDONE": "true"}}, "sessionId": f"{SUSAN_ID}-1"}, "v1"),
        ({"hello": "world"}, "queryResult"),
        ({"queryResult": "text"}, "queryResult"),
        (b"", "not JSON"),
        (b"[" * 200_000, "nested"),
        (b"[]", "not a JSON object"),
        (b'{"queryResult": {}} and more', "not JSON"),
        (b'{"queryResult": ' + b"9" * 10_000 + b"}", "not JSON"),
    ],
)
def test_a_body_of_another_kind_is_refused_with_a_sentence_that_says_so(
    client: FlaskClient, store: Store, data: Any, words: str
) -> None:
    write(store)
    response = post(client, data)
    assert response.status_code == 400 and response.json and words in response.json["error"]["message"]
    assert open_number(store) == 1


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    assert post(client, b" " * (1024 * 1024 + 1)).status_code == 400
    assert post(client, b" " * (5 * 1024 * 1024 + 1)).status_code == 413


def test_fields_that_nobody_knows_and_wrong_types_within_are_left_alone(client: FlaskClient, store: Store) -> None:
    write(store)
    odd = {
        **call(RB_MARKDONE=["true"], RB_NOTIFY={"a": [None]}, RB_BOTSTATUS="perhaps"),
        "alternativeQueryResults": 7,
        "originalDetectIntentRequest": ["no object"],
        "responseId": {"no": "string"},
    }
    odd["queryResult"]["intent"] = "goodbye"
    odd["queryResult"]["parameters"]["\ud800"] = "\x00"
    carried_out(client, odd)
    assert isinstance(store.conversation(SUSAN_ID, 1), ClosedConversation)


@pytest.mark.parametrize("value", ["true", "True", " TRUE ", True, 1, 1.0, "1", "yes", ["true"]])
def test_every_way_to_write_true_closes(client: FlaskClient, store: Store, value: Any) -> None:
    write(store)
    carried_out(client, call(entry=1, RB_MARKDONE=value))
    assert open_number(store) is None


@pytest.mark.parametrize("value", ["", "maybe", None, 2, [], {}, ["true", "true"], "$RB_MARKDONE", -1, 1e308])
def test_anything_else_does_nothing(client: FlaskClient, store: Store, value: Any) -> None:
    write(store)
    carried_out(client, call(entry=1, RB_MARKDONE=value))
    assert open_number(store) == 1


def test_nothing_counts_while_slots_are_still_being_filled(client: FlaskClient, store: Store) -> None:
    write(store)
    data = call(entry=1, RB_MARKDONE="true")
    data["queryResult"]["allRequiredParamsPresent"] = False
    carried_out(client, data)
    del data["queryResult"]["allRequiredParamsPresent"]
    carried_out(client, data)
    assert open_number(store) == 1


def test_what_a_context_still_holds_of_an_earlier_turn_counts_for_nothing(client: FlaskClient, store: Store) -> None:
    write(store)
    data = call()
    data["queryResult"]["outputContexts"] = [{"name": "c", "parameters": {"RB_MARKDONE": "true"}}]
    carried_out(client, data)
    assert open_number(store) == 1


def test_the_log_line_has_neither_text_nor_token(
    client: FlaskClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    write(store)
    with caplog.at_level(logging.DEBUG):
        carried_out(client, call(RB_MARKDONE="true", RB_NOTIFY="s3cret words"))
        post(client, b'{"s3cret words', BEARER)
        post(client, call(), {"Authorization": "Bearer s3cret words"})
    assert "fulfillment" in caplog.text and SUSAN_ID in caplog.text
    assert "s3cret" not in caplog.text and "that is all" not in caplog.text and FULFILLMENT_TOKEN not in caplog.text


# -- Nobody's session


@pytest.mark.parametrize(
    "session",
    [
        "projects/florist/agent/sessions/4c1d6b0e-0d4e-4f7a-b6a9-1df0a7c0ffee",
        f"projects/florist/agent/sessions/{SUSAN_ID}",
        f"projects/florist/agent/sessions/{SUSAN_ID}-01",
        f"projects/florist/agent/sessions/{SUSAN_ID}--1",
        f"projects/florist/agent/sessions/{SUSAN_ID}-99999999999",
        f"projects/florist/agent/sessions/{SUSAN_ID}-2",
        f"projects/florist/agent/sessions/{SUSAN_ID}-1\n",
        f"projects/florist/agent/sessions/{PETAR_ID}-1",
        f"projects/florist/agent/sessions/{SUSAN_ID.upper()}-1",
        "x" * 5000,
        "",
        None,
        7,
    ],
)
def test_a_session_that_is_nobodys_gets_an_empty_answer_and_changes_nothing(
    client: FlaskClient, store: Store, session: Any
) -> None:
    write(store)
    before = lines(store)
    for value in ("true", "false"):
        carried_out(client, {**call(RB_MARKDONE=value, RB_BOTSTATUS="false", RB_NOTIFY="help"), "session": session})
    assert lines(store) == before and store.snapshot(SUSAN_ID).contact.bot_off == ""
    assert len(store.contacts(10).items) == 1


def test_a_payload_that_names_another_contact_than_the_session_changes_nothing(
    client: FlaskClient, store: Store
) -> None:
    write(store)
    data = call(entry=1, RB_MARKDONE="true")
    data["originalDetectIntentRequest"]["payload"]["markdone"]["contact"] = PETAR_ID
    carried_out(client, data)
    assert open_number(store) == 1


def test_an_entry_that_is_not_there_yet_changes_nothing(client: FlaskClient, store: Store) -> None:
    write(store)
    carried_out(client, call(entry=2, RB_MARKDONE="true"))
    assert open_number(store) == 1
