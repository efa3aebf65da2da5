import re
import threading
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.serving import make_server

from sandbox import say
from sandbox.server import create_sandbox
from sandbox.setup import SUSAN
from sandbox.state import Sandbox
from tests.sandbox.conftest import PAGE


@pytest.fixture
def port(sandbox: Sandbox) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, create_sandbox(sandbox), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def said(port: int, *words: str) -> Result:
    return CliRunner().invoke(say.command(lambda: port), words)


def answering(api_port: int) -> Response:
    import requests

    for text in ("Good day", "How can we help?"):
        body = {"recipient": {"id": SUSAN}, "messaging_type": "RESPONSE", "message": {"text": text}}
        url = f"http://127.0.0.1:{api_port}/graph/v25.0/{PAGE}/messages"
        requests.post(url, json=body, headers={"Authorization": "Bearer page-token"}, timeout=5)
    return Response("")


def test_say_prints_every_reply_on_a_line_of_its_own(port: int, httpserver: HTTPServer) -> None:
    def webhook(request: Request) -> Response:
        has_text = b'"text":"hello"' in request.get_data()
        return answering(port) if has_text else Response("")

    httpserver.expect_request("/webhooks/facebook").respond_with_handler(webhook)
    result = said(port, "facebook", "hello")
    assert (result.exit_code, result.output) == (0, "Good day\nHow can we help?\n")


def test_say_tells_why_nothing_came_back(port: int, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(say, "WAIT_S", 0.3)
    httpserver.expect_request("/webhooks/facebook").respond_with_data("")
    items = [{"kind": "needs_person", "reason": "bot_off", "at": "2026-11-22T10:00:00Z"}]
    timeline = {"items": items, "pagination": {"next": None}}
    httpserver.expect_request(re.compile("/api/.*")).respond_with_json(timeline)
    result = said(port, "facebook", "hello")
    assert result.exit_code == 1
    assert "needs a person: bot off" in result.output


def test_say_tells_that_the_sandbox_is_not_there() -> None:
    result = said(9, "viber", "hello")
    assert result.exit_code == 1
    assert "make run" in result.output
    assert "9" in result.output


def test_say_refuses_an_empty_text(port: int) -> None:
    result = said(port, "facebook", "  ")
    assert result.exit_code == 1
    assert "a message has 1 to" in result.output
