import socket
import threading
import time

import pytest
from pytest_httpserver import HTTPServer

from calls.timed import Caller, Reply
from channels.bodies import read_object
from domain.errors import ChannelError, Outcome
from tests.calls.slow_servers import TRICKLE_S, server, trickle, wait

TOTAL_S = 0.4


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
    ],
)
def test_a_server_that_trickles_cannot_make_a_call_longer(start: bytes) -> None:
    with server(trickle(start)) as url:
        started = time.monotonic()
        with pytest.raises(ChannelError) as caught:
            Caller(read_object).call("POST", url, data=b"{}", total_s=TOTAL_S)
        assert time.monotonic() - started < TRICKLE_S / 2
    assert caught.value.outcome is Outcome.AMBIGUOUS


def test_a_server_that_never_answers_ends_in_time_and_is_ambiguous() -> None:
    with server(wait) as url, pytest.raises(ChannelError) as caught:
        Caller(read_object).call("POST", url, data=b"{}", total_s=TOTAL_S)
    assert caught.value.outcome is Outcome.AMBIGUOUS


def test_an_answer_is_read_no_further_than_64_kilobytes(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(b'{"a": "' + b"x" * 200_000 + b'"}')
    assert Caller(read_object).call("GET", httpserver.url_for("/")) == Reply(200, None)


@pytest.mark.parametrize(
    "url", ["nonsense", f"http://{'x' * 70}/", "http://127.0.0.1:99999/", "http://[::1", "ftp://127.0.0.1/"]
)
def test_an_address_that_leads_nowhere_was_not_sent_to(url: str) -> None:
    with pytest.raises(ChannelError) as caught:
        Caller(read_object).call("GET", url, total_s=TOTAL_S)
    assert caught.value.outcome is Outcome.RETRY


def test_a_token_that_no_header_can_carry_was_not_sent(httpserver: HTTPServer) -> None:
    with pytest.raises(ChannelError) as caught:
        Caller(read_object).call("GET", httpserver.url_for("/"), headers={"Authorization": "Bearer жж"})
    assert caught.value.outcome is Outcome.RETRY
    assert not httpserver.log


def test_proxies_of_the_environment_are_not_used(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    httpserver.expect_request("/").respond_with_json({"ok": True})
    assert Caller(read_object).call("GET", httpserver.url_for("/")) == Reply(200, {"ok": True})


def test_cookies_are_not_kept(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(b"{}", headers={"Set-Cookie": "a=b"})
    caller = Caller(read_object)
    caller.call("GET", httpserver.url_for("/"))
    caller.call("GET", httpserver.url_for("/"))
    assert [request.headers.get("Cookie") for request, _ in httpserver.log] == [None, None]


def test_a_look_up_that_hangs_ends_in_time_and_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: let_go.wait(20))
    with pytest.raises(ChannelError) as caught:
        Caller(read_object).call("POST", "http://platform.invalid/", total_s=0.3)
    let_go.set()
    assert (caught.value.outcome, caught.value.reason) == (Outcome.RETRY, "unreachable")
