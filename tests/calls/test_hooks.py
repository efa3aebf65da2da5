"""Calls of automations: what goes out, what each answer means, and that every call ends in time."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from pytest_httpserver import HTTPServer

from calls.hooks import Hooks
from domain.errors import HookError
from tests.calls.internet import Names, website
from tests.calls.slow_servers import hang_up, server, trickle, wait
from tests.conftest import settings_for
from wiring import make_hooks

HERE = frozenset({"127.0.0.1", "localhost"})
SECRET = "s3cret"


@pytest.fixture
def short_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calls.hooks.HOOK_TOTAL_S", 0.4)


@pytest.fixture
def receiver() -> Iterator[HTTPServer]:
    with website() as made:
        yield made


def failure(url: str, hooks: Hooks | None = None) -> HookError:
    with pytest.raises(HookError) as caught:
        (hooks or Hooks(HERE)).call(f"{url}?key={SECRET}" if "?" not in url else url, {"text": SECRET}, "d-1")
    error = caught.value
    assert error.words == str(error)
    assert SECRET not in repr(error) and "127.0.0.1" not in repr(error)
    assert error.words.endswith(".")
    return error


def test_the_body_goes_out_as_json_with_the_deliverys_name(receiver: HTTPServer) -> None:
    body = {"contact": {"name": "Петър 🌷"}, "number": 7}
    assert Hooks(HERE).call(receiver.url_for("/"), body, "run-5-step-2") == 200
    ((request, _),) = receiver.log
    assert json.loads(request.data) == body and "Петър 🌷".encode() in request.data
    sent = {name: request.headers.get(name) for name in ("Content-Type", "User-Agent", "X-Markdone-Delivery")}
    assert sent == {
        "Content-Type": "application/json",
        "User-Agent": "markdone",
        "X-Markdone-Delivery": "run-5-step-2",
    }
    assert not {"Cookie", "Authorization", "Referer"} & set(request.headers.keys())


def test_half_of_a_surrogate_pair_does_not_stop_the_call(receiver: HTTPServer) -> None:
    assert Hooks(HERE).call(receiver.url_for("/"), {"text": "a\ud83cb"}, "d-1") == 200
    assert json.loads(receiver.log[0][0].data) == {"text": "a?b"}


def test_the_setting_says_which_hosts_are_allowed(receiver: HTTPServer) -> None:
    settings = settings_for("", automation_hosts=frozenset({f"127.0.0.1:{receiver.port}"}))
    assert make_hooks(settings).call(receiver.url_for("/"), {}, "d-1") == 200
    assert failure(receiver.url_for("/"), make_hooks(settings_for(""))).reason == "not_https"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_status_that_says_yes_is_returned(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/").respond_with_data(status=status)
    assert Hooks(HERE).call(httpserver.url_for("/"), {}, "d-1") == status


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 422, 451])
def test_a_call_that_is_wrong_need_not_be_tried_again(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/").respond_with_data(SECRET, status)
    error = failure(httpserver.url_for("/"))
    assert (error.reason, error.is_permanent) == (f"status_{status}", True)
    assert f"answered {status} " in error.words


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_trouble_of_the_other_side_may_pass(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/").respond_with_data(SECRET, status)
    error = failure(httpserver.url_for("/"))
    assert (error.reason, error.is_permanent) == (f"status_{status}", False)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_not_followed(httpserver: HTTPServer, receiver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/").respond_with_data(status=status, headers={"Location": receiver.url_for("/")})
    error = failure(httpserver.url_for("/"))
    assert (error.reason, error.is_permanent) == ("redirected", True)
    assert not receiver.log


def test_no_more_than_the_beginning_of_an_endless_redirect_is_read(short_calls: None) -> None:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n")
        with suppress(OSError):
            while not over.is_set():
                connection.sendall(b"a" * 65536)

    with server(talk) as url:
        assert failure(url).reason == "redirected"  # and not timed_out


def test_a_long_answer_is_not_read_to_its_end(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(b"x" * 2_000_000)
    assert Hooks(HERE).call(httpserver.url_for("/"), {}, "d-1") == 200


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 100 Continue\r\nX-Slow: "])
def test_an_answer_that_trickles_in_ends_in_time(short_calls: None, start: bytes) -> None:
    with server(trickle(start)) as url:
        error = failure(url)
    assert (error.reason, error.is_permanent) == ("timed_out", False)


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 9999\r\n\r\n",
        b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
        b"HTTP/1.1 202 Accepted\r\n\r\n",
    ],
)
def test_a_call_that_was_taken_is_not_made_again_because_its_answer_trickles_in(
    short_calls: None, start: bytes
) -> None:
    with server(trickle(start)) as url:
        assert Hooks(HERE).call(url, {}, "d-1") == 202


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_host_that_says_nothing_is_not_waited_for(short_calls: None, scheme: str) -> None:
    with server(wait) as url:
        error = failure(url.replace("http", scheme, 1))
    assert (error.reason, error.is_permanent) == ("timed_out", False)


def test_a_look_up_that_hangs_is_not_waited_for(short_calls: None) -> None:
    let_go = threading.Event()

    def hang(*_: object, **__: object) -> list[tuple[int, int, int, str, object]]:
        let_go.wait(20)
        return []

    try:
        assert failure("https://hooks.invalid/", Hooks(resolve=hang)).reason == "timed_out"
    finally:
        let_go.set()


def test_a_name_that_nobody_has_is_told_so() -> None:
    error = failure("https://hooks.invalid/", Hooks(resolve=Names([[]])))
    assert (error.reason, error.is_permanent) == ("unknown_host", False)


def test_a_port_on_which_nobody_listens_is_told_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    error = failure(f"http://127.0.0.1:{port}/")
    assert (error.reason, error.is_permanent) == ("unreachable", False)


def test_a_connection_that_breaks_is_told_so() -> None:
    with server(hang_up) as url:
        error = failure(url)
    assert (error.reason, error.is_permanent) == ("no_answer", False)


def test_what_does_not_speak_http_is_told_so() -> None:
    def greet(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(b"220 mail.example ESMTP\r\n")

    with server(greet) as url:
        assert failure(url).reason == "no_answer"


def test_what_does_not_speak_tls_is_told_so(receiver: HTTPServer) -> None:
    assert failure(receiver.url_for("/").replace("http", "https", 1)).reason == "tls_failed"


def test_cookies_and_connections_are_not_kept(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(headers={"Set-Cookie": "a=b"})
    hooks = Hooks(HERE)
    for _ in range(2):
        hooks.call(httpserver.url_for("/"), {}, "d-1")
    sent = [(request.headers.get("Cookie"), request.headers["Connection"]) for request, _ in httpserver.log]
    assert sent == [(None, "close"), (None, "close")]


def test_neither_proxies_nor_passwords_of_the_environment_are_used(
    receiver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login alice password hush")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert Hooks(HERE).call(receiver.url_for("/"), {}, "d-1") == 200
    assert "Authorization" not in receiver.log[0][0].headers


def test_nothing_of_a_call_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def answer_badly(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nno header at all\r\nX: y\r\nContent-Length: 0\r\n\r\n")

    with caplog.at_level("INFO"), server(answer_badly) as url:
        Hooks(HERE).call(f"{url}{SECRET}?key={SECRET}", {"text": SECRET}, "d-1")
    assert SECRET not in caplog.text
