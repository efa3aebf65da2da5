import hashlib
import hmac
import json
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer

from sandbox.setup import PETAR
from tests.sandbox.recorder import posted, wait_for

TOKEN = {"X-Viber-Auth-Token": "viber-token"}
PHONE = f"/sandbox/contacts/viber/{quote(PETAR, safe='')}"
WEBHOOK = "/webhooks/viber/bakery"


def body(**changes: Any) -> dict[str, Any]:
    whole = {"receiver": PETAR, "type": "text", "text": "Добър ден", "sender": {"name": "Bakery"}}
    return {key: value for key, value in {**whole, **changes}.items() if value is not None}


def send(api: FlaskClient, sent: Any, headers: dict[str, str] = TOKEN) -> dict[str, Any]:
    reply = api.post("/viber/pa/send_message", json=sent, headers=headers)
    assert reply.status_code == 200  # refusals too
    answer: dict[str, Any] = reply.get_json()
    return answer


def received(api: FlaskClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get(f"{PHONE}/messages").get_json()["items"]
    return items


def test_a_message_is_taken_under_a_token_that_no_float_can_hold_and_receipts_follow(
    api: FlaskClient, httpserver: HTTPServer
) -> None:
    httpserver.expect_request(WEBHOOK).respond_with_data("")
    answer = send(api, body(tracking_data="tag"))
    token = answer["message_token"]
    assert answer["status"] == 0
    assert 2**53 < token < 2**64
    seen = wait_for(lambda: [c for c in posted(httpserver, WEBHOOK) if c["event"] == "seen"])
    assert (seen[0]["message_token"], seen[0]["user_id"]) == (token, PETAR)
    assert [c["event"] for c in posted(httpserver, WEBHOOK)] == ["delivered", "seen"]
    assert (received(api)[0]["text"], received(api)[0]["metadata"]) == ("Добър ден", "tag")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ([], 3),
        (body(receiver=None), 4),
        (body(type="carrier pigeon"), 3),
        (body(sender=None), 4),
        (body(sender={"name": "x" * 29}), 3),
        (body(text=""), 4),
        (body(text="x" * 7001), 3),
        (body(tracking_data={"not": "a string"}), 3),
        (body(keyboard={"Buttons": []}), 3),
        (body(type="picture", media="https://example.com/a.jpg", text="x", extra="ж" * 16_000), 3),
    ],
)
def test_what_viber_refuses_is_refused_with_a_status_and_reaches_nobody(
    api: FlaskClient, sent: Any, status: int
) -> None:
    assert send(api, sent)["status"] == status
    assert received(api) == []


def test_a_wrong_or_missing_token_is_refused(api: FlaskClient) -> None:
    assert send(api, body(), {})["status"] == 2
    assert send(api, body(), {"X-Viber-Auth-Token": "guess"})["status"] == 2
    assert send(api, body(auth_token="viber-token"), {})["status"] == 0


def test_opening_the_screen_shows_the_body_of_our_answer_and_subscribes_nobody(
    api: FlaskClient, httpserver: HTTPServer
) -> None:
    welcome = {"type": "text", "text": "Welcome to the bakery", "sender": {"name": "Bakery"}}
    httpserver.expect_request(WEBHOOK).respond_with_json(welcome)
    assert api.post(f"{PHONE}/start").status_code == 202
    assert wait_for(lambda: received(api))[0]["text"] == "Welcome to the bakery"
    (callback,) = posted(httpserver, WEBHOOK)
    assert (callback["event"], callback["type"], callback["subscribed"]) == ("conversation_started", "open", False)
    assert send(api, body())["status"] == 6
    api.post(f"{PHONE}/messages", json={"text": "Good day"})
    assert send(api, body())["status"] == 0


@pytest.mark.parametrize("answer", ["", "{}", "[]", "not json", json.dumps({"type": "text", "text": "no sender"})])
def test_an_answer_that_is_no_message_shows_nothing(api: FlaskClient, httpserver: HTTPServer, answer: str) -> None:
    httpserver.expect_request(WEBHOOK).respond_with_data(answer)
    api.post(f"{PHONE}/start")
    api.post(f"{PHONE}/messages", json={"text": "Good day"})
    wait_for(lambda: len(posted(httpserver, WEBHOOK)) == 2)
    assert received(api) == []


def test_a_callback_is_signed_over_its_literal_bytes(api: FlaskClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request(WEBHOOK).respond_with_data("")
    api.post(f"{PHONE}/messages", json={"text": "Две кифли 🙂"})
    request = wait_for(lambda: httpserver.log)[0][0]
    raw = request.get_data()
    assert "Две кифли 🙂".encode() in raw
    signature = hmac.new(b"viber-token", raw, hashlib.sha256).hexdigest()
    assert request.headers["X-Viber-Content-Signature"] == signature


def test_set_webhook_calls_the_address_first_and_then_sends_what_was_asked_for(
    api: FlaskClient, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/here").respond_with_data("")
    asked = {"url": httpserver.url_for("/here"), "event_types": ["seen"]}
    answer = api.post("/viber/pa/set_webhook", json=asked, headers=TOKEN).get_json()
    assert answer["status"] == 0
    assert set(answer["event_types"]) == {"seen", "message", "subscribed", "unsubscribed"}
    assert posted(httpserver, "/here")[0]["event"] == "webhook"
    assert api.post("/viber/pa/get_account_info", json={}, headers=TOKEN).get_json()["webhook"] == asked["url"]
    send(api, body())
    wait_for(lambda: len(posted(httpserver, "/here")) == 2)
    assert posted(httpserver, "/here")[1]["event"] == "seen"


def test_set_webhook_fails_where_nobody_says_200_and_outside_of_this_machine(
    api: FlaskClient, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/here").respond_with_data("", status=419)
    for url in (httpserver.url_for("/here"), "http://127.0.0.1:9/", "https://shop.example.com/"):
        assert api.post("/viber/pa/set_webhook", json={"url": url}, headers=TOKEN).get_json()["status"] == 1


def test_a_removed_webhook_ends_sending(api: FlaskClient) -> None:
    assert api.post("/viber/pa/set_webhook", json={"url": ""}, headers=TOKEN).get_json()["status"] == 0
    assert send(api, body())["status"] == 10


def test_the_hundred_and_first_message_without_a_reply_is_too_many(api: FlaskClient) -> None:
    assert {send(api, body())["status"] for _ in range(100)} == {0}
    assert send(api, body())["status"] == 12
    api.post(f"{PHONE}/messages", json={"text": "Enough"})
    assert send(api, body())["status"] == 0
