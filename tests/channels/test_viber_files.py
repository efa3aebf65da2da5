"""Viber's pictures and files, as they go over the wire."""

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from channels.viber import MAX_FILE_NAME_CHARS, MAX_PICTURE_BYTES
from domain.errors import ChannelError, Outcome
from tests.channels.contract import ANY_PATH
from tests.channels.test_viber import PETAR, PETAR_REF, TOKEN, viber

FILES = "https://markdone.example.com/files/aaaa/t0ken"
SENDER = {"name": "Cake Shop"}


def sent(httpserver: HTTPServer, name: str, kind: str, size_bytes: int) -> dict[str, Any]:
    taken = {"status": 0, "status_message": "ok", "message_token": int(TOKEN)}
    httpserver.expect_request("/send_message", method="POST").respond_with_json(taken)
    channel = viber(httpserver.url_for(""))
    assert channel.send_file(PETAR, f"{FILES}/{name}", name, kind, size_bytes, "no place for a tag") == TOKEN
    ((request, _),) = httpserver.log
    body: dict[str, Any] = json.loads(request.data)
    return body


@pytest.mark.parametrize("name", ["cake.jpg", "cake.jpeg", "cake.PNG"])
def test_a_small_picture_goes_as_one_with_an_empty_text(httpserver: HTTPServer, name: str) -> None:
    assert sent(httpserver, name, "image", MAX_PICTURE_BYTES) == {
        "receiver": PETAR_REF,
        "type": "picture",
        "text": "",
        "media": f"{FILES}/{name}",
        "sender": SENDER,
    }


@pytest.mark.parametrize(
    ("name", "kind", "size_bytes"),
    [
        ("cake.jpg", "image", MAX_PICTURE_BYTES + 1),
        ("cake.gif", "image", 10),
        ("cake.webp", "image", 10),
        ("menu.pdf", "file", 10),
        ("voice.mp3", "audio", 10),
        ("oven.mp4", "video", 10),
        ("trap.jpg", "file", 10),
    ],
)
def test_everything_else_goes_as_a_file_with_its_size_and_name(
    httpserver: HTTPServer, name: str, kind: str, size_bytes: int
) -> None:
    assert sent(httpserver, name, kind, size_bytes) == {
        "receiver": PETAR_REF,
        "type": "file",
        "media": f"{FILES}/{name}",
        "size": size_bytes,
        "file_name": name,
        "sender": SENDER,
    }


def test_of_a_name_that_is_too_long_the_end_is_kept(httpserver: HTTPServer) -> None:
    body = sent(httpserver, "x" * 400 + ".pdf", "file", 10)
    assert len(body["file_name"]) == MAX_FILE_NAME_CHARS and body["file_name"].endswith("x.pdf")


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (3, Outcome.PERMANENT, "bad_request"),
        (6, Outcome.PERMANENT, "not_subscribed"),
        (12, Outcome.WAIT, "rate_limited"),
    ],
)
def test_a_status_means_the_same_for_a_file(httpserver: HTTPServer, status: int, outcome: Outcome, reason: str) -> None:
    httpserver.expect_request(ANY_PATH).respond_with_json({"status": status})
    with pytest.raises(ChannelError) as caught:
        viber(httpserver.url_for("")).send_file(PETAR, f"{FILES}/a.pdf", "a.pdf", "file", 1, "")
    assert (caught.value.outcome, caught.value.reason) == (outcome, reason)


def test_typing_calls_nobody(httpserver: HTTPServer) -> None:
    viber(httpserver.url_for("")).show_typing(PETAR)
    assert not httpserver.log


def test_for_a_profile_nobody_is_called_since_webhooks_bring_the_name(httpserver: HTTPServer) -> None:
    assert viber(httpserver.url_for("")).fetch_profile(PETAR) is None
    assert not httpserver.log
