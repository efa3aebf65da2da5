import re

import pytest
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer

from sandbox.setup import PETAR, SUSAN
from tests.sandbox.conftest import PAGE
from tests.sandbox.recorder import facebook_items, wait_for

PHONE = f"/sandbox/contacts/facebook/{SUSAN}"


def test_the_page_shows_both_phones_and_runs_no_inline_script_or_style(api: FlaskClient) -> None:
    reply = api.get("/")
    assert reply.status_code == 200
    assert "Susan" in reply.text
    assert "Petar" in reply.text
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", reply.text)
    for address in re.findall(r'(?:src|href)="(/[^"]*)"', reply.text):
        assert api.get(address).status_code == 200, address


def test_the_page_asks_for_nothing_from_elsewhere(api: FlaskClient) -> None:
    addresses = re.findall(r'(?:src|href)="(https?://[^"]+)"', api.get("/").text)
    assert all(address.startswith("http://127.0.0.1:") for address in addresses)


@pytest.mark.parametrize("host", ["shop.example.com", "127.0.0.1.example.com", "10.0.0.7:8001"])
def test_only_this_machine_is_answered(api: FlaskClient, host: str) -> None:
    assert api.get("/", headers={"Host": host}).status_code == 403
    assert api.get("/", headers={"Host": "127.0.0.1:8001"}).status_code == 200


def test_another_sites_page_may_not_write(api: FlaskClient) -> None:
    sent = {"json": {"text": "hello"}}
    assert api.post(f"{PHONE}/messages", headers={"Sec-Fetch-Site": "cross-site"}, **sent).status_code == 403
    assert api.post(f"{PHONE}/messages", data={"text": "hello"}).status_code == 415
    assert api.get("/sandbox/state").get_json()["phones"][0]["messages"] == []


def test_pressing_get_started_and_writing_reach_the_platform_in_order(api: FlaskClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/webhooks/facebook").respond_with_data("")
    api.post(f"{PHONE}/start")
    api.post(f"{PHONE}/messages", json={"text": "hello"})
    (message,) = wait_for(lambda: facebook_items(httpserver, "message"))
    (postback,) = facebook_items(httpserver, "postback")
    assert postback["postback"]["payload"] == "GET_STARTED"
    assert (message["sender"]["id"], message["recipient"]["id"]) == (SUSAN, PAGE)
    wait_for(lambda: api.get("/sandbox/state").get_json()["phones"][0]["messages"][0]["status"] == "delivered")


def test_any_other_contact_can_write_whatever_its_id_holds(api: FlaskClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/webhooks/viber/bakery").respond_with_data("")
    for reference in ("%2Fleading//double+plus%3D%3D", "plain"):
        reply = api.post(f"/sandbox/contacts/viber/{reference}/messages", json={"text": "hello"})
        assert reply.status_code == 202, reply.text
    wait_for(lambda: len(httpserver.log) == 2)
    senders = {request.get_json()["sender"]["id"] for request, _ in httpserver.log}
    assert senders == {"/leading//double+plus==", "plain"}


def test_a_webhook_that_is_not_answered_with_200_is_delivered_again(api: FlaskClient, httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/webhooks/facebook").respond_with_data("", status=503)
    httpserver.expect_ordered_request("/webhooks/facebook").respond_with_data("")
    api.post(f"{PHONE}/messages", json={"text": "hello"})
    wait_for(lambda: len(httpserver.log) == 2)
    (first, _), (second, _) = httpserver.log
    assert first.get_data() == second.get_data()


def test_repeating_delivers_the_same_bytes_and_says_that_they_were_ignored(
    api: FlaskClient, httpserver: HTTPServer
) -> None:
    httpserver.expect_oneshot_request("/webhooks/facebook").respond_with_data("")
    repeated = {"X-Markdone-Result": "duplicate"}
    httpserver.expect_request("/webhooks/facebook").respond_with_data("", headers=repeated)
    assert api.post(f"{PHONE}/repeat").status_code == 400
    api.post(f"{PHONE}/messages", json={"text": "hello"})
    wait_for(lambda: httpserver.log)
    assert "duplicate, ignored" in api.post(f"{PHONE}/repeat").get_json()["outcome"]
    bodies = [request.get_data() for request, _ in httpserver.log if request.path == "/webhooks/facebook"]
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert "duplicate, ignored" in api.get("/sandbox/state").get_json()["phones"][0]["strip"][-1]["text"]


def test_the_strip_tells_what_the_platform_did(api: FlaskClient, httpserver: HTTPServer) -> None:
    at = "2026-11-22T10:00:00.500Z"
    bot = {"intent": "opening hours", "confidence": 0.92}
    items = [
        {"kind": "opened", "conversation": 1, "source": "contact", "at": at},
        {"kind": "message", "direction": "incoming", "text": "open?", "at": at},
        {"kind": "message", "direction": "outgoing", "sender": "bot", "bot": bot, "text": "9 to 17", "at": at},
        {"kind": "closed", "conversation": 1, "source": "dialogflow", "resolution_time_s": 42, "at": at},
        {"kind": "needs_person", "reason": "bot_off"},
        "nonsense",
        {},
    ]
    path = f"/api/v1/contacts/facebook:{PAGE}:{SUSAN}/timeline"
    httpserver.expect_request(path).respond_with_json({"items": items, "pagination": {"next": None}})
    strip = api.get("/sandbox/state").get_json()["phones"][0]["strip"]
    assert [line["text"] for line in strip] == [
        "#1 opened by contact",
        "bot: opening hours (0.92)",
        "#1 closed by RB_MARKDONE after 0:42",
        "needs a person: bot off",
    ]
    (asked,) = [request for request, _ in httpserver.log if request.path == path]
    assert asked.headers["Authorization"] == "Bearer api-token"


def test_a_long_timeline_is_read_to_its_end_page_by_page(api: FlaskClient, httpserver: HTTPServer) -> None:
    path = f"/api/v1/contacts/viber:bakery:{PETAR}/timeline"
    first = {
        "items": [{"kind": "opened", "conversation": 1}],
        "pagination": {"next": f"http://elsewhere{path}?cursor=b"},
    }
    last = {"items": [{"kind": "closed", "conversation": 1}], "pagination": {"next": None}}
    httpserver.expect_request(path, query_string="limit=100").respond_with_json(first)
    httpserver.expect_request(path, query_string="cursor=b").respond_with_json(last)
    strip = api.get("/sandbox/state").get_json()["phones"][1]["strip"]
    assert [line["text"] for line in strip] == ["#1 opened by somebody", "#1 closed by somebody"]


def test_after_a_restart_the_phones_show_what_was_said_before(api: FlaskClient, httpserver: HTTPServer) -> None:
    before, later = "2020-01-01T10:00:00Z", "2999-01-01T10:00:00Z"
    contact = {"kind": "message", "direction": "incoming", "at": before}
    bot = {"kind": "message", "direction": "outgoing", "sender": "bot", "at": before}
    items = [
        {"kind": "opened", "conversation": 1, "source": "contact", "at": before},
        {**contact, "text": "open?"},
        {**bot, "text": "9 to 17", "status": "read"},
        {**bot, "text": "never arrived", "status": "failed"},
        {**contact, "text": "", "attachments": [{"kind": "image"}]},
        {**contact, "text": "of this run, and on the phone itself", "at": later},
    ]
    path = f"/api/v1/contacts/facebook:{PAGE}:{SUSAN}/timeline"
    httpserver.expect_request(path).respond_with_json({"items": items, "pagination": {"next": None}})
    susan, petar = api.get("/sandbox/state").get_json()["phones"]
    assert [(bubble["text"], bubble["status"]) for bubble in susan["messages"]] == [
        ("open?", "delivered"),
        ("9 to 17", "read"),
        ("(neither text nor file: the phone cannot show it)", "delivered"),
    ]
    assert (susan["is_started"], petar["is_started"]) == (True, False)


def test_a_message_that_waited_over_a_restart_is_on_the_phone_once(api: FlaskClient, httpserver: HTTPServer) -> None:
    waited = {"kind": "message", "direction": "outgoing", "id": "7", "text": "at last", "status": "sent"}
    timeline = {"items": [{**waited, "at": "2020-01-01T10:00:00Z"}], "pagination": {"next": None}}
    httpserver.expect_request(re.compile("/api/.*")).respond_with_json(timeline)
    httpserver.expect_request("/webhooks/facebook").respond_with_data("")
    tag = "md:abcdefghijklmnopqrstuvwx:7:3f2a1b0c"
    body = {"recipient": {"id": SUSAN}, "message": {"text": "at last", "metadata": tag}, "messaging_type": "RESPONSE"}
    sent = api.post(f"/graph/v25.0/{PAGE}/messages", json=body, headers={"Authorization": "Bearer page-token"})
    assert sent.status_code == 200, sent.text
    assert [bubble["text"] for bubble in api.get("/sandbox/state").get_json()["phones"][0]["messages"]] == ["at last"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [({"changed": True}, "conversation closed"), ({"changed": False}, "no conversation is open")],
)
def test_a_conversation_is_closed_by_the_platforms_api(
    api: FlaskClient, httpserver: HTTPServer, answer: dict[str, bool], outcome: str
) -> None:
    path = f"/api/v1/contacts/facebook:{PAGE}:{SUSAN}/conversation/status"
    given = {"Authorization": "Bearer api-token"}
    httpserver.expect_request(path, "POST", json={"status": "close"}, headers=given).respond_with_json(answer)
    assert api.post(f"{PHONE}/close").get_json() == {"outcome": outcome}


def test_a_close_that_the_platform_refuses_says_so(api: FlaskClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request(re.compile("/api/.*")).respond_with_data("", status=503)
    reply = api.post(f"{PHONE}/close")
    assert reply.status_code == 400
    assert "503" in reply.get_json()["error"]["message"]


@pytest.mark.parametrize(("status", "words"), [(401, "API_TOKEN"), (500, "status 500"), (404, "")])
def test_trouble_with_the_platform_is_told_in_plain_words(
    api: FlaskClient, httpserver: HTTPServer, status: int, words: str
) -> None:
    httpserver.expect_request(re.compile("/api/.*")).respond_with_data("", status=status)
    trouble = api.get("/sandbox/state").get_json()["trouble"]
    assert words in trouble
    assert bool(trouble) == bool(words)
