import hashlib
import hmac
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from sandbox.state import Sandbox
from tests.sandbox.conftest import OTHER_PAGE, PAGE
from tests.sandbox.recorder import facebook_items, wait_for

SUSAN = "880000000000001"
URL = f"/graph/v25.0/{PAGE}/messages"
BEARER = {"Authorization": "Bearer page-token"}


def body(**changes: Any) -> dict[str, Any]:
    whole = {"recipient": {"id": SUSAN}, "messaging_type": "RESPONSE", "message": {"text": "Good day"}}
    return {key: value for key, value in {**whole, **changes}.items() if value is not None}


def error(api: FlaskClient, sent: dict[str, Any], headers: dict[str, str] = BEARER) -> tuple[int, int | None]:
    reply = api.post(URL, json=sent, headers=headers)
    assert reply.status_code >= 400, reply.get_json()
    found = reply.get_json()["error"]
    assert found["message"]
    assert found["fbtrace_id"]
    return found["code"], found.get("error_subcode")


def received(api: FlaskClient, contact_ref: str = SUSAN) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get(f"/sandbox/contacts/facebook/{contact_ref}/messages").get_json()["items"]
    return items


def test_a_message_is_taken_echoed_with_its_metadata_and_receipted_by_signed_webhooks(
    api: FlaskClient, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/webhooks/facebook").respond_with_data("EVENT_RECEIVED")
    reply = api.post(URL, json=body(message={"text": "Добър ден </b> 100%", "metadata": "tag"}), headers=BEARER)
    assert reply.status_code == 200
    mid = reply.get_json()["message_id"]
    assert reply.get_json()["recipient_id"] == SUSAN

    read = wait_for(lambda: facebook_items(httpserver, "read"))
    (echo,) = [item for item in facebook_items(httpserver, "message") if item["message"]["is_echo"]]
    assert (echo["sender"]["id"], echo["recipient"]["id"]) == (PAGE, SUSAN)
    assert echo["message"]["mid"] == mid
    assert echo["message"]["metadata"] == "tag"
    assert echo["message"]["app_id"] == 660000000000006
    assert facebook_items(httpserver, "delivery")[0]["delivery"]["mids"] == [mid]
    assert read[0]["sender"]["id"] == SUSAN
    for request, _ in httpserver.log:
        raw = request.get_data()
        signature = "sha256=" + hmac.new(b"the app's secret", raw, hashlib.sha256).hexdigest()
        assert request.headers["X-Hub-Signature-256"] == signature
        assert raw.isascii()
        assert not {b"<", b"%"} & {raw[i : i + 1] for i in range(len(raw))}
    wait_for(lambda: received(api)[0]["status"] == "read")
    assert received(api)[0]["text"] == "Добър ден </b> 100%"
    assert received(api)[0]["metadata"] == "tag"


def test_a_token_is_needed_and_it_must_be_this_pages_own(api: FlaskClient) -> None:
    assert error(api, body(), {}) == (104, None)
    assert error(api, body(), {"Authorization": "Bearer stale"}) == (190, None)
    assert error(api, body(), {"Authorization": "Bearer other-page-token"}) == (100, 33)
    assert api.post(URL + "?access_token=page-token", json=body()).status_code == 200
    assert api.post("/graph/v25.0/me/messages", json=body(), headers=BEARER).status_code == 200


def test_a_proof_is_checked_against_this_very_token(api: FlaskClient) -> None:
    def proof(token: bytes) -> str:
        return hmac.new(b"the app's secret", token, hashlib.sha256).hexdigest()

    assert api.post(f"{URL}?appsecret_proof={proof(b'page-token')}", json=body(), headers=BEARER).status_code == 200
    wrong = api.post(f"{URL}?appsecret_proof={proof(b'other-page-token')}", json=body(), headers=BEARER)
    assert wrong.status_code == 400
    assert wrong.get_json()["error"]["type"] == "GraphMethodException"


@pytest.mark.parametrize(
    "sent",
    [
        body(messaging_type=None),
        body(messaging_type="SOMEHOW"),
        body(messaging_type="MESSAGE_TAG"),
        body(recipient=None),
        body(recipient={"id": ""}),
        body(message=None),
        body(message={}),
        body(message={"text": " "}),
        body(message={"text": "x" * 2001}),
        body(message={"text": "x", "metadata": "m" * 1001}),
        body(message={"text": "x", "quick_replies": [{}] * 14}),
        body(sender_action="typing_on"),
        body(message=None, sender_action="dance"),
    ],
)
def test_what_the_real_api_refuses_is_refused_and_reaches_nobody(api: FlaskClient, sent: dict[str, Any]) -> None:
    assert error(api, sent) == (100, None)
    assert received(api) == []


def test_two_thousand_characters_are_taken(api: FlaskClient) -> None:
    assert api.post(URL, json=body(message={"text": "ж" * 2000}), headers=BEARER).status_code == 200


def test_a_retired_tag_and_another_pages_contact_have_their_own_errors(api: FlaskClient) -> None:
    assert error(api, body(messaging_type="MESSAGE_TAG", tag="ACCOUNT_UPDATE")) == (100, 1893061)
    api.post(f"/sandbox/contacts/facebook/{SUSAN}/messages?account={OTHER_PAGE}", json={"text": "hello"})
    assert error(api, body()) == (100, 2018001)


def test_the_window_closes_a_day_after_the_contact_wrote(api: FlaskClient, sandbox: Sandbox) -> None:
    contact = sandbox.contacts.get("facebook", PAGE, SUSAN)
    contact.wrote_at_ms = int((time.time() - 25 * 3600) * 1000)
    assert error(api, body()) == (10, 2018278)
    tagged = body(messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")
    assert api.post(URL, json=tagged, headers=BEARER).status_code == 200


def test_typing_is_taken_and_shows_no_message(api: FlaskClient) -> None:
    sent = {"recipient": {"id": SUSAN}, "sender_action": "typing_on"}
    assert api.post(URL, json=sent, headers=BEARER).get_json() == {"recipient_id": SUSAN}
    assert received(api) == []


def test_the_app_is_subscribed_only_when_its_webhook_answers_the_challenge(
    api: FlaskClient, httpserver: HTTPServer
) -> None:
    def challenge(request: Request) -> Response:
        is_ours = request.args["hub.verify_token"] == "the-verify-token"
        return Response(request.args["hub.challenge"]) if is_ours else Response(status=403)

    httpserver.expect_request("/webhooks/facebook", method="GET").respond_with_handler(challenge)
    url, token = "/graph/v25.0/660000000000006/subscriptions", "660000000000006|the app's secret"
    form = {"object": "page", "fields": "messages", "callback_url": httpserver.url_for("/webhooks/facebook")}
    good = api.post(url, data={**form, "verify_token": "the-verify-token", "access_token": token})
    assert good.get_json() == {"success": True}
    bad = api.post(url, data={**form, "verify_token": "another", "access_token": token})
    assert bad.get_json()["error"]["code"] == 2200
    assert api.post(url, data={**form, "access_token": "660000000000006|guess"}).status_code == 401
    far = {**form, "callback_url": "https://shop.example.com/", "access_token": token}
    assert api.post(url, data=far).get_json()["error"]["code"] == 2200


def test_a_page_sends_only_the_fields_it_is_subscribed_to(api: FlaskClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/webhooks/facebook").respond_with_data("")
    url = f"/graph/v25.0/{PAGE}/subscribed_apps"
    assert api.post(url, query_string={"subscribed_fields": "messages,message_reads"}, headers=BEARER).get_json()[
        "success"
    ]
    assert api.get(url, headers=BEARER).get_json()["data"][0]["subscribed_fields"] == ["message_reads", "messages"]
    api.post(URL, json=body(), headers=BEARER)
    wait_for(lambda: facebook_items(httpserver, "read"))
    assert facebook_items(httpserver, "message") == []
    assert facebook_items(httpserver, "delivery") == []


def test_the_profile_of_a_page_is_kept_and_that_of_a_contact_is_told(api: FlaskClient) -> None:
    url = "/graph/v25.0/me/messenger_profile"
    profile = {"get_started": {"payload": "GET_STARTED"}}
    assert api.post(url, json=profile, headers=BEARER).get_json() == {"result": "success"}
    assert api.get(f"{url}?fields=get_started,greeting", headers=BEARER).get_json() == {"data": [profile]}
    assert api.get(f"/graph/v25.0/{SUSAN}", headers=BEARER).get_json()["error"]["error_subcode"] == 2018218
    api.post(URL, json=body(), headers=BEARER)
    told = api.get(f"/graph/v25.0/{SUSAN}?fields=first_name,profile_pic", headers=BEARER).get_json()
    assert told == {"first_name": "Contact", "id": SUSAN}


def test_a_profile_needs_this_pages_token_and_its_proof_and_fails_as_planned(
    api: FlaskClient, sandbox: Sandbox
) -> None:
    def ask(query: str = "", headers: dict[str, str] = BEARER) -> tuple[int, Any]:
        reply = api.get(f"/graph/v25.0/{SUSAN}?fields=first_name,last_name{query}", headers=headers)
        return reply.status_code, reply.get_json().get("error", {}).get("code", reply.get_json())

    api.post(URL, json=body(), headers=BEARER)
    assert ask(headers={}) == (401, 104)
    assert ask(headers={"Authorization": "Bearer stale"}) == (401, 190)
    assert ask("&appsecret_proof=00") == (400, 100)
    assert ask(headers={"Authorization": "Bearer other-page-token"}) == (400, 100)
    sandbox.faults.add({"target": "graph_profile", "kind": "error_body", "body": {"error": {"code": 4}}})
    assert ask() == (400, 4)
    assert ask() == (200, {"first_name": "Contact", "last_name": "0001", "id": SUSAN})
