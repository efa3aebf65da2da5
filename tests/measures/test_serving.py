"""A worker's own /metrics, for those who ask nicely and for others."""

import socket
import threading
from contextlib import suppress

import pytest
import requests

from measures.serving import serve
from tests.measures.scraped import Scraped
from tests.servers import free_ports, wait_for

TOKENS = ("newer-token-for-tests", "older-token-for-tests")


@pytest.fixture(scope="module")
def port() -> int:
    (free,) = free_ports(1)
    threading.Thread(target=serve, args=(free, TOKENS), daemon=True).start()
    wait_for(lambda: ask(free).status_code == 401, "it answers")
    return free


def ask(port: int, path: str = "/metrics", **headers: str) -> requests.Response:
    try:
        return requests.get(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=10)
    except requests.ConnectionError:
        return requests.Response()  # without a status


@pytest.mark.parametrize("token", TOKENS)
def test_each_token_of_a_rotation_is_good(port: int, token: str) -> None:
    answer = ask(port, Authorization=f"bearer {token}")
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "markdone_sends" in Scraped(answer.text).names


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", f"Basic {TOKENS[0]}", "Bearer \xe9"])
def test_nothing_else_is(port: int, shown: str) -> None:
    answer = ask(port, Authorization=shown)
    assert answer.status_code == 401 and "markdone_" not in answer.text


def test_who_talks_rubbish_or_hangs_up_disturbs_nobody(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    for words in (
        b"",
        b"\x16\x03\x01\x02\x00",
        b"GET /metrics",
        b"GET " + b"x" * 100_000,
        b"POST /metrics HTTP/1.1\r\n\r\n",
    ):
        with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # hangs up with a reset
            sock.sendall(words)
    assert ask(port, Authorization=f"Bearer {TOKENS[0]}").status_code == 200
    assert capfd.readouterr().err == ""
