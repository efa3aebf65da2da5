"""The fulfillment webhook: who may call it, and what it reads."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogflow.fulfillment import (
    MAX_BODY_BYTES,
    MAX_RESPONSE_BYTES,
    FulfillmentCall,
    authenticate,
    build_payload,
    build_response,
    parse,
)
from domain.answers import Commands
from domain.errors import BadPayload, Unauthorized
from domain.events import Profile
from domain.identities import Identity, contact_id
from tests.dialogflow.stand_in import FIXTURES

TOKENS = ("newer-token-of-16-chars", "older-token-of-16-chars")
CONTACT = "mfzwizltoq2gi33nmfuw4zdp"


def read(name: str) -> FulfillmentCall:
    return parse((FIXTURES / f"{name}.json").read_bytes())


def body(**fields: Any) -> bytes:
    return json.dumps({"queryResult": {}, **fields}).encode()


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        f"Bearer {TOKENS[0]}",
        f"bearer  {TOKENS[1]} ",
        basic(f"dialogflow:{TOKENS[0]}"),
        basic(f":{TOKENS[1]}"),
    ],
)
def test_either_token_is_taken_as_bearer_or_basic_password(header: str) -> None:
    authenticate(header, TOKENS)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong-token-of-16-chars",
        f"Bearer {TOKENS[0]}x",
        TOKENS[0],
        f"Token {TOKENS[0]}",
        basic(TOKENS[0]),
        basic(f"{TOKENS[0]}:"),
        "Basic not*base64",
        "Basic /////w==",
        "Bearer \udcff\u20ac",
        "Bearer " + "x" * 100_000,
    ],
)
def test_anybody_else_is_refused(header: str | None) -> None:
    with pytest.raises(Unauthorized) as caught:
        authenticate(header, TOKENS)
    assert not any(token in str(caught.value) for token in TOKENS)


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer x", basic(":")])
def test_without_a_configured_token_everybody_is_refused(header: str | None) -> None:
    with pytest.raises(Unauthorized, match="DIALOGFLOW_FULFILLMENT_TOKEN"):
        authenticate(header, ())


def test_a_call_of_our_own_question_names_contact_conversation_and_entry() -> None:
    assert read("call__of_our_own_question") == FulfillmentCall(
        response_id="9e1f7c52-3c7d-4b1c-9a70-0f3a5a0cd001-e2b4a6c8",
        session=f"{CONTACT}-3",
        contact=CONTACT,
        conversation=3,
        entry=41,
        commands=Commands(mark_done=True),
        intent="goodbye",
        parameters={"RB_MARKDONE": "true", "bouquets": 2},
    )


def test_a_foreign_caller_is_known_by_a_session_of_ours_only() -> None:
    console = read("call__console_simulator")
    assert (console.contact, console.conversation, console.entry) == ("", None, None)
    assert console.commands.mark_done is True
    named = read("call__unknown_fields")
    assert (named.contact, named.conversation, named.entry) == (CONTACT, 3, None)
    assert named.commands == Commands(bot_status=False, notify="Wants a person")


def test_a_context_that_remembers_an_earlier_close_closes_nothing() -> None:
    assert read("call__stale_context").commands == Commands()


def test_nothing_is_commanded_while_slot_filling_runs() -> None:
    assert read("call__slot_filling").commands == Commands()


@pytest.mark.parametrize("location", ["", "/locations/europe-west2"])
@pytest.mark.parametrize("version", ["", "/environments/production/users/-"])
def test_the_session_is_read_from_every_documented_form(location: str, version: str) -> None:
    call = parse(body(session=f"projects/florist-77{location}/agent{version}/sessions/{CONTACT}-0"))
    assert (call.session, call.contact, call.conversation) == (f"{CONTACT}-0", CONTACT, 0)


@pytest.mark.parametrize("conversation", [3, 3.0, "3"])
@pytest.mark.parametrize("entry", [41, 41.0, "41"])
def test_numbers_are_read_in_every_form_they_take_on_the_way(conversation: object, entry: object) -> None:
    turn = {"contact": CONTACT, "conversation": conversation, "entry": entry}
    call = parse(body(originalDetectIntentRequest={"payload": {"markdone": turn}}))
    assert (call.contact, call.conversation, call.entry) == (CONTACT, 3, 41)


@pytest.mark.parametrize(
    "turn",
    [
        None,
        [],
        {},
        {"contact": "somebody", "conversation": 3, "entry": "41"},
        {"contact": CONTACT, "entry": "41"},
        {"contact": CONTACT, "conversation": -1},
        {"contact": CONTACT, "conversation": True},
        {"contact": CONTACT, "conversation": 2.5},
        {"contact": CONTACT, "conversation": float("inf")},
    ],
)
def test_a_payload_that_we_did_not_make_names_nobody(turn: object) -> None:
    call = parse(body(originalDetectIntentRequest={"payload": {"markdone": turn}}))
    assert (call.contact, call.conversation, call.entry) == ("", None, None)


def test_what_we_send_with_a_question_comes_back_in_the_call() -> None:
    susan = Identity("facebook", "550011", "8812345678901234567")
    contact = contact_id(susan)
    sent = build_payload(susan, contact, 2, 17, "Is it open?\x00", Profile(name="Susan", language="en_GB"))
    assert sent["text"] == "Is it open?"
    assert sent["source"] == "facebook"
    assert sent["contact"] == {"id": contact, "identity": str(susan), "name": "Susan", "language": "en_GB"}
    call = parse(body(originalDetectIntentRequest={"payload": sent}))
    assert (call.contact, call.conversation, call.entry) == (contact, 2, 17)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ((FIXTURES / "call__cx.json").read_bytes(), "CX"),
        ((FIXTURES / "call__v1.json").read_bytes(), "v1"),
        (b"", "not JSON"),
        (b"hello", "not JSON"),
        (b"\xff\xfe\xfd", "not JSON"),
        (b"9" * 5000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "queryResult"),
        (b'{"queryResult": []}', "queryResult"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested"),
        (b"x" * (MAX_BODY_BYTES + 1), "at most"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_a_reason(raw: bytes, words: str) -> None:
    with pytest.raises(BadPayload, match=words):
        parse(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.fixed_dictionaries(
        {"queryResult": st.fixed_dictionaries({}, optional={"parameters": JSON, "intent": JSON}) | JSON},
        optional={
            "session": JSON,
            "responseId": JSON,
            "originalDetectIntentRequest": JSON | st.fixed_dictionaries({"payload": JSON}),
        },
    )
)
def test_a_body_of_the_right_shape_is_read_or_refused(made: dict[str, Any]) -> None:
    try:
        call = parse(json.dumps(made).encode())
    except BadPayload:
        return
    json.dumps(call.parameters, allow_nan=False).encode()
    (call.session + call.intent + call.response_id).encode()


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,0123456789eE-.ntrue\\u', max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        assert isinstance(parse(raw), FulfillmentCall)
    except BadPayload as error:
        assert str(error).endswith(".")


def test_a_response_without_replies_leaves_the_word_to_the_intent() -> None:
    assert build_response([]) == {}
    assert build_response(["", " \x00"]) == {}


def test_a_response_carries_its_replies_in_order_and_stays_within_the_limit() -> None:
    assert build_response(["One.", "Two."]) == {
        "fulfillmentMessages": [{"text": {"text": ["One."]}}, {"text": {"text": ["Two."]}}]
    }
    long = build_response(["ж" * 2000] * 20)
    assert 1 < len(long["fulfillmentMessages"]) < 20
    assert len(json.dumps(long)) <= MAX_RESPONSE_BYTES


def test_the_web_process_does_not_pay_for_grpc() -> None:
    code = "import sys, dialogflow.fulfillment, dialogflow.parameters; sys.exit('grpc' in sys.modules)"
    root = Path(__file__).parent.parent.parent
    assert subprocess.run([sys.executable, "-c", code], cwd=root, timeout=60, check=False).returncode == 0
