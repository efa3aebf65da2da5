"""Webhooks a second while as many live pages as may be are told of every change, beside the same without any.

Each round serves both from processes that have just started, so that nothing of the one is left in the other.
"""

import itertools
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from bench.bodies import PAGE, requests
from bench.figures import Figure
from bench.load import Served, post
from bench.processes import HOST, SECRET_KEY, WEB_PROCESSES, BenchError, Processes
from bench.processor import used_by
from domain.identities import Identity, contact_id
from domain.users import Role
from settings import Settings
from store import Store
from web.access.cookies import NAME
from web.access.guarding import TOKEN, USER

ROUNDS = 9
ROUND_S = 2.0
CONNECTIONS = 8
CONTACTS = 2000
#: More than any server answers; a round ends by its time.
MOST_PER_SECOND = 9000
AT_LEAST = 0.9
#: Of live pages in all, which is so many in each process.
STREAMS = WEB_PROCESSES * Settings().live_streams
PAGES_PER_USER = 2
OPEN_WAIT_S = 20.0


@dataclass(frozen=True, slots=True)
class _Round:
    served: Served
    web_us: float  # processor time per POST
    told: float  # events that a page got, a second


def measure(
    say: Callable[[str], None],
    *,
    rounds: int = ROUNDS,
    round_s: float = ROUND_S,
    contacts: int = CONTACTS,
    streams: int = STREAMS,
) -> list[Figure]:
    """Return the ratio of both and the medians behind it. The worker does not run."""
    found: dict[str, list[_Round]] = {"no page": [], f"{streams} pages": []}
    sizes = dict(zip(found, (0, streams), strict=True))
    with Processes() as processes:
        processes.start_store()
        cookies = _log_in(processes.store_url, streams // PAGES_PER_USER + 1)
        everybody = itertools.cycle(range(contacts))
        for number in range(rounds):
            for name in list(sizes)[:: 1 if number % 2 else -1]:
                found[name].append(_round(processes, everybody, contacts, round_s, cookies, sizes[name]))
            say(f"round {number + 1} of {rounds}: " + ", ".join(_line(name, found[name][-1]) for name in found))
    return _figures(found)


def _round(
    processes: Processes, everybody: Iterator[int], contacts: int, seconds: float, cookies: list[str], streams: int
) -> _Round:
    web, port = processes.start_web("app:app")
    path = "/webhooks/facebook"
    post(port, requests(path, everybody, contacts), connections=CONNECTIONS)  # opens the conversations, and warms up
    ready = requests(path, everybody, int(MOST_PER_SECOND * seconds))
    with _pages(port, cookies, streams) as pages:
        before = used_by(web)
        served = post(port, ready, connections=CONNECTIONS, seconds=seconds)
        used_us = (used_by(web) - before).total_ms * 1000
        told = sum(_events(page) for page in pages) / len(pages) / seconds if pages else 0.0
    processes.stop(web)
    return _Round(served, used_us / served.count, told)


def _log_in(store_url: str, users: int) -> list[str]:
    """Return the cookies of so many users."""
    app = Flask("cookies")
    app.secret_key = SECRET_KEY
    sign = SecureCookieSessionInterface().get_signing_serializer(app)
    store = Store(store_url, partitions=Settings().partitions, max_connections=2, timeout_s=5)
    cookies = []
    for number in range(users):
        _, link = store.add_user(f"user{number}@example.com", Role.AGENT)
        user = store.use_link(store.find_link(link), name=f"User {number}", password_hash="none")
        token = store.begin_session(user, "none", "benchmark")
        assert sign
        cookies.append(f"{NAME}={sign.dumps({USER: user.id, TOKEN: token})}")
    return cookies


@contextmanager
def _pages(port: int, cookies: list[str], count: int) -> Iterator[list[socket.socket]]:
    """Open so many streams; a process that has no place says so, and another one is tried."""
    pages: list[socket.socket] = []
    give_up_at = time.monotonic() + OPEN_WAIT_S
    tried = itertools.cycle(cookies)
    try:
        while len(pages) < count:
            if time.monotonic() > give_up_at:
                raise BenchError(f"only {len(pages)} of {count} pages got a stream")
            contact = contact_id(Identity("facebook", PAGE, f"71{len(pages):014d}"))
            page = _open(port, next(tried), contact)
            if page:
                pages.append(page)
        yield pages
    finally:
        for page in pages:
            page.close()


def _open(port: int, cookie: str, contact: str) -> socket.socket | None:
    page = socket.create_connection((HOST, port), OPEN_WAIT_S)
    head = (
        f"GET /live?contact={contact} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/event-stream\r\nCookie: {cookie}\r\n\r\n"
    )
    page.sendall(head.encode())
    said = page.recv(4096)
    if said.startswith(b"HTTP/1.1 200 "):
        return page
    page.close()
    if said.startswith(b"HTTP/1.1 503 "):
        return None
    raise BenchError(f"the stream was answered with {said.splitlines()[:1]}")


def _events(page: socket.socket) -> int:
    """Count what a page was told; it was not read before, so that reading takes nothing from the server."""
    page.setblocking(False)
    said = b""
    while True:
        try:
            piece = page.recv(65536)
        except BlockingIOError:
            return said.count(b"event: ")
        if not piece:
            raise BenchError("a stream ended before its time")
        said += piece


def _line(name: str, one: _Round) -> str:
    return f"{name} {one.served.per_second:,.0f}/s (p50 {one.served.p50_ms:.1f}, p99 {one.served.p99_ms:.1f} ms)"


def _figures(found: dict[str, list[_Round]]) -> list[Figure]:
    none, full = found.values()
    reads: tuple[tuple[str, str, Callable[[_Round], float]], ...] = (
        ("POSTs", "/s", lambda one: one.served.per_second),
        ("p50", "ms", lambda one: one.served.p50_ms),
        ("p99", "ms", lambda one: one.served.p99_ms),
        ("cpu of web per POST", "µs", lambda one: one.web_us),
    )
    ratio = statistics.median(
        one.served.per_second / other.served.per_second for one, other in zip(full, none, strict=True)
    )
    return [
        Figure("live: POSTs a second with all pages, to those without", ratio, "", at_least=AT_LEAST),
        Figure("live: events told to each page", statistics.median(one.told for one in full), "/s"),
        *(
            Figure(f"live: {name}, {what}", statistics.median(map(read, rounds)), unit)
            for name, rounds in found.items()
            for what, unit, read in reads
        ),
    ]
