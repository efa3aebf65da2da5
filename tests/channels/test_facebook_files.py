"""Messenger's attachments and its moving dots, as they go over the wire."""

import json

import pytest
from pytest_httpserver import HTTPServer

from domain.errors import ChannelError, Outcome
from domain.identities import Identity
from tests.channels.contract import ANY_PATH
from tests.channels.test_facebook import PAGE, SUSAN, SUSAN_REF, facebook
from tests.channels.test_facebook_sending import ACCEPTED, TAG

FILES = "https://markdone.example.com/files/aaaa/t0ken"


def sent(httpserver: HTTPServer) -> dict[str, object]:
    ((request, _),) = httpserver.log
    assert request.headers["Authorization"] == "Bearer page-token-1"
    body: dict[str, object] = json.loads(request.data)
    return body


@pytest.mark.parametrize(
    ("name", "kind", "wire_type"),
    [
        ("cake.jpg", "image", "image"),
        ("cake.JPEG", "image", "image"),
        ("cake.gif", "image", "image"),
        ("cake.webp", "image", "file"),
        ("voice.mp3", "audio", "audio"),
        ("oven.mp4", "video", "video"),
        ("menu.pdf", "file", "file"),
    ],
)
def test_a_file_goes_by_its_address_with_our_tag(httpserver: HTTPServer, name: str, kind: str, wire_type: str) -> None:
    httpserver.expect_request(f"/v25.0/{PAGE}/messages", method="POST").respond_with_json(ACCEPTED)
    channel = facebook(httpserver.url_for("/v25.0/"))
    assert channel.send_file(SUSAN, f"{FILES}/{name}", name, kind, 1000, TAG) == "m_sent"
    assert sent(httpserver) == {
        "recipient": {"id": SUSAN_REF},
        "messaging_type": "RESPONSE",
        "message": {
            "attachment": {"type": wire_type, "payload": {"url": f"{FILES}/{name}"}},
            "metadata": TAG,
        },
    }


@pytest.mark.parametrize("subcode", [2018047, 2018109, 2018032])
def test_a_file_that_facebook_could_not_fetch_has_failed(httpserver: HTTPServer, subcode: int) -> None:
    error = {"code": 100, "error_subcode": subcode, "message": "Upload attachment failure."}
    httpserver.expect_request(ANY_PATH).respond_with_json({"error": error}, status=400)
    with pytest.raises(ChannelError) as caught:
        facebook(httpserver.url_for("")).send_file(SUSAN, f"{FILES}/a.pdf", "a.pdf", "file", 1, TAG)
    assert (caught.value.outcome, caught.value.reason) == (Outcome.PERMANENT, "bad_content")


def test_typing_is_a_call_of_its_own_without_message_and_type(httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"/{PAGE}/messages", method="POST").respond_with_json({"recipient_id": SUSAN_REF})
    facebook(httpserver.url_for("")).show_typing(SUSAN)
    assert sent(httpserver) == {"recipient": {"id": SUSAN_REF}, "sender_action": "typing_on"}


def test_typing_that_facebook_refuses_says_why(httpserver: HTTPServer) -> None:
    error = {"code": 10, "error_subcode": 2018278}
    httpserver.expect_request(ANY_PATH).respond_with_json({"error": error}, status=400)
    with pytest.raises(ChannelError) as caught:
        facebook(httpserver.url_for("")).show_typing(SUSAN)
    assert caught.value.reason == "window_closed"


def test_nothing_is_sent_for_a_page_that_left_the_settings(httpserver: HTTPServer) -> None:
    gone = Identity("facebook", "404", SUSAN_REF)
    channel = facebook(httpserver.url_for(""))
    for send in (
        lambda: channel.send_file(gone, f"{FILES}/a.pdf", "a.pdf", "file", 1, TAG),
        lambda: channel.show_typing(gone),
    ):
        with pytest.raises(ChannelError) as caught:
            send()
        assert (caught.value.reason, caught.value.is_account_wide) == ("page_not_configured", True)
    assert not httpserver.log
