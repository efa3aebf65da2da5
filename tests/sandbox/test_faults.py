"""Over real connections: some of these faults end them."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from sandbox.server import create_sandbox
from sandbox.setup import Setup
from sandbox.state import Sandbox
from tests.sandbox.conftest import PAGE

SUSAN, GEORGE = "880000000000001", "880000000000002"


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_sandbox(sandbox), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def send(url: str, contact_ref: str = SUSAN) -> requests.Response:
    body = {"recipient": {"id": contact_ref}, "messaging_type": "RESPONSE", "message": {"text": "Good day"}}
    headers = {"Authorization": "Bearer page-token"}
    return requests.post(f"{url}/graph/v25.0/{PAGE}/messages", json=body, headers=headers, timeout=5)


def plan(url: str, **fault: Any) -> None:
    reply = requests.post(f"{url}/sandbox/faults", json={"target": "graph", **fault}, timeout=5)
    assert reply.status_code == 201, reply.text


def texts(url: str) -> list[str]:
    reply = requests.get(f"{url}/sandbox/contacts/facebook/{SUSAN}/messages", timeout=5)
    return [message["text"] for message in reply.json()["items"]]


def test_a_refused_connection_takes_nothing_and_happens_as_often_as_planned(url: str) -> None:
    plan(url, kind="refuse", count=2)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            send(url)
    assert send(url).status_code == 200
    assert texts(url) == ["Good day"]


def test_a_message_can_be_taken_although_no_answer_comes(url: str) -> None:
    plan(url, kind="drop_after_accept")
    with pytest.raises(requests.ConnectionError):
        send(url)
    assert texts(url) == ["Good day"]


def test_a_hanging_call_takes_nothing(url: str) -> None:
    plan(url, kind="hang", seconds=0.2)
    with pytest.raises(requests.ConnectionError):
        send(url)
    assert texts(url) == []


def test_errors_come_as_planned_and_only_to_the_contact_they_are_for(url: str) -> None:
    plan(url, kind="error_body", status=429, body={"error": {"code": 613}}, contact_ref=SUSAN)
    assert send(url, GEORGE).status_code == 200
    reply = send(url)
    assert (reply.status_code, reply.json()) == (429, {"error": {"code": 613}})
    plan(url, kind="http_500")
    assert send(url).status_code == 500
    assert texts(url) == []


def test_latency_delays_and_then_takes_the_message(url: str) -> None:
    plan(url, kind="latency_ms", latency_ms=150)
    began_at = time.monotonic()
    assert send(url).status_code == 200
    assert time.monotonic() - began_at >= 0.15


def test_faults_can_be_listed_and_forgotten_and_must_be_known_ones(url: str) -> None:
    plan(url, kind="http_500", count=7)
    assert [fault["count"] for fault in requests.get(f"{url}/sandbox/faults", timeout=5).json()["items"]] == [7]
    assert requests.delete(f"{url}/sandbox/faults", timeout=5).json() == {"items": []}
    assert send(url).status_code == 200
    for odd in ({"target": "graph", "kind": "gremlins"}, {"target": "graph", "kind": "hang", "colour": "red"}):
        assert requests.post(f"{url}/sandbox/faults", json=odd, timeout=5).status_code == 400


def test_calls_are_counted_without_texts_and_tokens(url: str) -> None:
    send(url)
    (call,) = requests.get(f"{url}/sandbox/calls?target=graph", timeout=5).json()["items"]
    assert (call["call"], call["about"], call["outcome"]) == ("messages", SUSAN, "taken")
    assert "Good day" not in str(call)


def test_no_second_agent_shares_the_port_of_the_first(setup: Setup, sandbox: Sandbox) -> None:
    from sandbox.dialogflow_server import start_dialogflow

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(RuntimeError):
            start_dialogflow(sandbox, f"127.0.0.1:{taken.getsockname()[1]}")
