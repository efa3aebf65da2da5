"""Files on the phones: fetched and checked as the platforms do, and nothing loaded from elsewhere."""

from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer

from sandbox.attachments import SAMPLES, local_url
from sandbox.setup import PETAR, SUSAN, Setup
from sandbox.state import Sandbox
from tests.sandbox.conftest import PAGE
from tests.sandbox.recorder import facebook_items, posted, wait_for

GRAPH = f"/graph/v25.0/{PAGE}/messages"
BEARER = {"Authorization": "Bearer page-token"}
VIBER_TOKEN = {"X-Viber-Auth-Token": "viber-token"}
PETARS_PHONE = f"/sandbox/contacts/viber/{quote(PETAR, safe='')}"
SUSANS_PHONE = f"/sandbox/contacts/facebook/{SUSAN}"


def send(api: FlaskClient, message: Any) -> tuple[int, int | None]:
    body = {"recipient": {"id": SUSAN}, "messaging_type": "RESPONSE", "message": message}
    answer = api.post(GRAPH, json=body, headers=BEARER).get_json()
    error = answer.get("error", {"code": 0})
    return error["code"], error.get("error_subcode")


def attachment(kind: str, url: object) -> dict[str, Any]:
    return {"attachment": {"type": kind, "payload": {"url": url}}, "metadata": "tag"}


def bubbles(api: FlaskClient, phone: int) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = api.get("/sandbox/state").get_json()["phones"][phone]["messages"]
    return shown


def test_a_file_is_fetched_before_it_is_taken_and_comes_back_in_the_echo(
    api: FlaskClient, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/webhooks/facebook").respond_with_data("")
    httpserver.expect_request("/files/a/b/cake.png").respond_with_data(b"pixels", content_type="image/png")
    url = httpserver.url_for("/files/a/b/cake.png").replace("localhost", "127.0.0.1")
    assert send(api, attachment("image", url)) == (0, None)
    (echo,) = wait_for(lambda: facebook_items(httpserver, "message"))
    assert echo["message"]["attachments"] == [{"type": "image", "payload": {"url": url}}]
    assert echo["message"]["metadata"] == "tag" and "text" not in echo["message"]
    assert bubbles(api, 0)[-1]["file"] == {"url": url, "kind": "image", "name": "cake.png"}


@pytest.mark.parametrize(
    ("kind", "status", "content_type", "size_bytes", "error"),
    [
        ("image", 404, "image/png", 5, (100, 2018047)),
        ("image", 200, "application/octet-stream", 5, (100, 2018047)),
        ("audio", 200, "video/mp4", 5, (100, 2018047)),
        ("file", 200, "image/png", 0, (100, 2018047)),
        ("image", 200, "image/png", 8_000_001, (100, 2018109)),
        ("file", 200, "application/pdf", 8_000_001, (0, None)),
    ],
)
def test_what_facebook_could_not_use_is_refused_after_a_look(
    api: FlaskClient,
    httpserver: HTTPServer,
    kind: str,
    status: int,
    content_type: str,
    size_bytes: int,
    error: tuple[int, int | None],
) -> None:
    httpserver.expect_request("/webhooks/facebook").respond_with_data("")
    httpserver.expect_request("/files/x").respond_with_data(b"x" * size_bytes, status=status, content_type=content_type)
    assert send(api, attachment(kind, f"http://127.0.0.1:{httpserver.port}/files/x")) == error


@pytest.mark.parametrize(
    "message",
    [
        attachment("picture", "https://example.com/files/a.png"),
        attachment("image", "ftp://example.com/a.png"),
        attachment("image", 7),
        {"attachment": {"type": "image"}},
        {"attachment": "image"},
        {"attachments": ["image"]},
        {"text": "hi", **attachment("image", "https://example.com/files/a.png")},
    ],
)
def test_an_attachment_in_a_wrong_shape_is_refused(api: FlaskClient, message: dict[str, Any]) -> None:
    assert send(api, message) == (100, None)
    assert bubbles(api, 0) == []


def test_only_files_of_this_machine_are_fetched(setup: Setup) -> None:
    port = setup.platform_port
    own = f"http://127.0.0.1:{port}/files/a/b/c.png"
    assert local_url(setup, own) == own
    assert local_url(setup, "https://tunnel.example.com/files/a/b/c.png") == own
    assert (
        local_url(setup, "http://127.0.0.1:1/static/samples/cake.png") == "http://127.0.0.1:1/static/samples/cake.png"
    )
    for foreign in (
        "http://tunnel.example.com/files/a/b/c.png",
        "https://example.com/cake.png",
        f"http://127.0.0.1:{port}/api/v1/contacts",
        f"http://127.0.0.1:{port + 1}/files/a",
        f"http://127.0.0.1:{port}@example.com/files/a",
        "http://[broken/files/a",
        "http://127.0.0.1:99999999/files/a",
        "javascript:alert(1)",
        "",
    ):
        assert local_url(setup, foreign) == "", foreign


def viber(**changes: Any) -> dict[str, Any]:
    whole = {
        "receiver": PETAR,
        "type": "file",
        "media": "https://example.com/files/a/menu.pdf",
        "size": 12,
        "file_name": "menu.pdf",
        "sender": {"name": "Bakery"},
    }
    return {**whole, **changes}


PICTURE = viber(type="picture", text="", media="https://example.com/files/a/cake.jpg")


@pytest.mark.parametrize("sent", [viber(), PICTURE, viber(type="video", media="https://example.com/files/a/v.mp4")])
def test_viber_takes_pictures_and_files_and_shows_them(api: FlaskClient, setup: Setup, sent: dict[str, Any]) -> None:
    assert api.post("/viber/pa/send_message", json=sent, headers=VIBER_TOKEN).get_json()["status"] == 0
    file = bubbles(api, 1)[-1]["file"]
    assert file["url"] == sent["media"].replace("https://example.com", setup.platform_url)
    assert file["kind"] == {"picture": "image"}.get(sent["type"], sent["type"])


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (viber(media=""), 4),
        (viber(media="menu.pdf"), 3),
        (viber(size=0), 3),
        (viber(size="12"), 3),
        (viber(size=50_000_001), 3),
        (viber(file_name="menu"), 3),
        (viber(file_name="x" * 256 + ".pdf"), 3),
        ({**PICTURE, "media": "https://example.com/cake.webp"}, 3),
        ({**PICTURE, "text": "x" * 769}, 3),
    ],
)
def test_what_viber_refuses_of_a_file_is_refused(api: FlaskClient, sent: dict[str, Any], status: int) -> None:
    answer = api.post("/viber/pa/send_message", json=sent, headers=VIBER_TOKEN).get_json()
    assert bubbles(api, 1) == []
    assert answer["status"] == status, answer


def act(api: FlaskClient, action: str) -> int:
    body = {"recipient": {"id": SUSAN}, "sender_action": action}
    return api.post(GRAPH, json=body, headers=BEARER).status_code


def is_typing(api: FlaskClient) -> bool:
    return bool(api.get("/sandbox/state").get_json()["phones"][0]["is_typing"])


def test_typing_is_shown_until_the_message_or_its_end(api: FlaskClient, sandbox: Sandbox) -> None:
    assert not is_typing(api)
    assert act(api, "typing_on") == 200 and is_typing(api)
    assert act(api, "typing_off") == 200 and not is_typing(api)
    act(api, "typing_on")
    assert act(api, "mark_seen") == 200 and is_typing(api)
    assert send(api, {"text": "hello"}) == (0, None)
    assert not is_typing(api)
    act(api, "typing_on")
    sandbox.contacts.get("facebook", PAGE, SUSAN).typing_until_ms -= 20_001
    assert not is_typing(api)


def test_typing_is_refused_as_a_message_would_be(api: FlaskClient, sandbox: Sandbox) -> None:
    assert act(api, "dance") == 400
    sandbox.contacts.get("facebook", PAGE, SUSAN).wrote_at_ms = 1
    assert act(api, "typing_on") == 400 and not is_typing(api)


def test_a_contact_sends_what_is_on_the_list_in_messengers_words(api: FlaskClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/webhooks/facebook").respond_with_data("")
    for name in SAMPLES:
        assert api.post(f"{SUSANS_PHONE}/messages", json={"sample": name}).status_code == 202
    items = wait_for(lambda: len(found := facebook_items(httpserver, "message")) == len(SAMPLES) and found)
    sent = [item["message"]["attachments"][0] for item in items or []]
    assert [one["type"] for one in sent] == ["image", "file", "location"]
    assert not any("text" in item["message"] for item in items or [])
    assert sent[2]["payload"]["coordinates"].keys() == {"lat", "long"}
    assert [bubble.get("file", {}) and bubble["file"]["name"] for bubble in bubbles(api, 0)[:2]] == [
        "cake.png",
        "order.pdf",
    ]
    for one in sent[:2]:
        path = one["payload"]["url"].removeprefix("http://127.0.0.1:1")
        from_the_inbox = api.get(path, headers={"Sec-Fetch-Site": "same-site"})
        assert from_the_inbox.status_code == 200


def test_a_contact_sends_what_is_on_the_list_in_vibers_words(api: FlaskClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/webhooks/viber/bakery").respond_with_data("")
    for name in SAMPLES:
        assert api.post(f"{PETARS_PHONE}/messages", json={"sample": name}).status_code == 202
    wait_for(lambda: len(posted(httpserver, "/webhooks/viber/bakery")) == len(SAMPLES))
    sent = [callback["message"] for callback in posted(httpserver, "/webhooks/viber/bakery")]
    assert [one["type"] for one in sent] == ["picture", "file", "location"]
    assert sent[0]["media"].endswith("/cake.png") and sent[1]["size"] > 100
    assert sent[2]["location"].keys() == {"lat", "lon"}


def test_what_is_not_on_the_list_cannot_be_sent(api: FlaskClient) -> None:
    assert api.post(f"{SUSANS_PHONE}/messages", json={"sample": "../secret"}).status_code == 400
    assert bubbles(api, 0) == []


def test_files_from_before_a_restart_are_on_the_phone_again(api: FlaskClient, httpserver: HTTPServer) -> None:
    url = f"http://127.0.0.1:{httpserver.port}/files/a/b/cake.png"
    at = {"at": "2020-01-01T10:00:00Z", "kind": "message"}
    given = {"kind": "image", "url": "http://127.0.0.1:1/static/samples/cake.png"}
    items = [
        {**at, "direction": "incoming", "text": "", "attachments": [given]},
        {
            **at,
            "direction": "outgoing",
            "text": "",
            "status": "read",
            "file": {"url": url, "kind": "image", "name": "c.png"},
        },
    ]
    path = f"/api/v1/contacts/facebook:{PAGE}:{SUSAN}/timeline"
    httpserver.expect_request(path).respond_with_json({"items": items, "pagination": {"next": None}})
    assert [bubble["file"]["name"] for bubble in bubbles(api, 0)] == ["cake.png", "c.png"]
