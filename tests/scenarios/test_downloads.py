"""Files of reports by the real server: large ones, slow readers, and what ends half-way."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from domain.users import Role
from store import Store
from tests.people import SUSAN_ID, write
from tests.scenarios.office import Office, working
from tests.scenarios.platform import Platform, facebook_message, running
from tests.servers import Valkey, wait_for
from tests.signing_in import LoggedIn, log_in
from tests.store.counting import close
from web.reports.files import MOST_AT_ONCE

ROWS = 5_000
LAST_CHUNK = b"\r\n0\r\n\r\n"
LIST = "/reports/list.csv?preset=last_7_days"
PAGE = "/reports/list?what=closed&preset=last_7_days"


@pytest.fixture(scope="module")
def own_valkey() -> Iterator[Valkey]:
    """One that a test may stop."""
    server = Valkey()
    server.start()
    yield server
    server.kill()


def fill(store: Store) -> None:
    """Let Susan have had many conversations with long notes: far more than fits into what lies between two sockets."""
    write(store)
    close(store, summary="x" * 2_000)
    client: Any = store.connection.client
    record = json.loads(client.hget(store.keys.closed(SUSAN_ID), 1))
    partition = store.keys.partition(SUSAN_ID)
    for first in range(2, ROWS + 1, 500):
        numbers = range(first, min(first + 500, ROWS + 1))
        records = {number: json.dumps({**record, "number": number}) for number in numbers}
        client.hset(store.keys.closed(SUSAN_ID), mapping=records)
        members = {f"{SUSAN_ID}-{number}": record["closed_at"] - number for number in numbers}
        client.zadd(store.keys.closed_index(partition), members)


def ask(platform: Platform, user: LoggedIn, version: str = "1.1") -> socket.socket:
    """Ask for the list as a browser does that reads nothing of it yet."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", platform.port))
    sock.sendall(f"GET {LIST} HTTP/{version}\r\nHost: localhost\r\nCookie: {user.cookie}\r\n\r\n".encode())
    sock.settimeout(60)
    return sock


def looks_whole(sock: socket.socket, *, has_chunks: bool = True) -> bool:
    """Read all that comes, and tell whether the other side ended it as one ends a file."""
    end = b""
    try:
        while some := sock.recv(1 << 20):
            end = (end + some)[-7:]
            if end == LAST_CHUNK:
                return True
    except ConnectionError:
        return False
    finally:
        sock.close()
    return not has_chunks  # then the end of the connection is the end of the file


@pytest.mark.timeout(180)
def test_slow_readers_are_cut_off_and_keep_nobody_waiting(own_valkey: Valkey) -> None:
    with running(own_valkey, workers=0, WEB_CONCURRENCY="1") as platform:
        store = platform.store()
        fill(store)
        maria = log_in(store, "maria", Role.MANAGER)
        whole = requests.get(platform.url + LIST, headers=maria.headers, timeout=60)
        assert whole.status_code == 200 and whole.content.count(b"\r\n") == ROWS + 1
        slow = [ask(platform, maria) for _ in range(MOST_AT_ONCE)]
        heads = [sock.recv(100) for sock in slow]
        assert all(head.startswith(b"HTTP/1.1 200") for head in heads)
        refused = requests.get(platform.url + LIST, headers=maria.headers, timeout=10)
        assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0
        for number in range(20):
            hook = facebook_message(f"m{number}", "hello", "7000000000000702", store.now_ms())
            assert platform.post_facebook(hook).status_code == 200

        def has_place() -> bool:
            return requests.get(platform.url + LIST, headers=maria.headers, timeout=60).status_code == 200

        wait_for(has_place, "somebody else may have a file", seconds=60)
        # Who began after them holds that place, so that the next one is had when the other slow reader is cut off, too.
        later = ask(platform, maria)
        assert later.recv(100).startswith(b"HTTP/1.1 200")
        wait_for(has_place, "one more may have a file", seconds=60)
        later.close()
        for sock in slow:
            assert not looks_whole(sock)


@pytest.mark.timeout(180)
def test_a_file_whose_store_goes_away_half_way_never_looks_whole(own_valkey: Valkey) -> None:
    with running(own_valkey, workers=0, WEB_CONCURRENCY="1") as platform:
        store = platform.store()
        fill(store)
        maria = log_in(store, "maria", Role.MANAGER)
        under_way = {version: ask(platform, maria, version) for version in ("1.0", "1.1")}
        for sock in under_way.values():
            assert b" 200 OK" in sock.recv(2_000)
        os.kill(own_valkey.pid, signal.SIGSTOP)
        try:
            for version, sock in under_way.items():
                assert not looks_whole(sock, has_chunks=version == "1.1")
        finally:
            os.kill(own_valkey.pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def office(own_valkey: Valkey) -> Iterator[Office]:
    with working(own_valkey, workers=0) as started:
        fill(started.store)
        yield started


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_a_download_shows_how_far_it_is_and_can_be_cancelled(
    office: Office, own_valkey: Valkey, tmp_path: Path
) -> None:
    desk = office.desk(log_in(office.store, "maria", Role.MANAGER))
    desk.go(PAGE)
    page = desk.page
    said = page.locator("[data-said]")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download CSV").press("Enter")
    file = tmp_path / "list.csv"
    waiting.value.save_as(file)
    assert waiting.value.suggested_filename.startswith("markdone-conversations-closed-")
    assert file.read_bytes().count(b"\r\n") == ROWS + 1
    expect(said).to_have_text("5,000 rows were saved.")
    expect(page.get_by_role("progressbar")).to_be_hidden()
    os.kill(own_valkey.pid, signal.SIGSTOP)
    try:
        desk.expect_status(503)
        page.get_by_role("link", name="Download CSV").click()
        page.get_by_role("button", name="Cancel").click()
        expect(said).to_have_text("Cancelled; nothing was saved.")
    finally:
        os.kill(own_valkey.pid, signal.SIGCONT)
    expect(page.get_by_role("link", name="Download CSV")).to_be_focused()
    assert desk.trouble == []


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_a_download_that_breaks_off_saves_nothing_and_says_so(office: Office, own_valkey: Valkey) -> None:
    desk = office.desk(log_in(office.store, "ivan", Role.MANAGER))
    page = desk.page
    saved: list[object] = []
    page.on("download", lambda download: saved.append(download))
    desk.go(PAGE)
    page.route("**/list.csv*", lambda route: route.abort("connectionreset"))
    page.get_by_role("link", name="Download CSV").click()
    expect(page.locator("[data-said]")).to_have_text("The download broke off; nothing was saved. Try again.")
    assert saved == []
    [complaint] = desk.trouble
    assert "ERR_CONNECTION_RESET" in complaint
    desk.trouble.clear()


@pytest.mark.browser
def test_without_scripts_it_is_a_plain_link(office: Office, tmp_path: Path) -> None:
    desk = office.desk(log_in(office.store, "olga", Role.MANAGER), java_script_enabled=False)
    desk.go(PAGE)
    with desk.page.expect_download() as waiting:
        desk.page.get_by_role("link", name="Download CSV").click()
    assert Path(waiting.value.path()).read_bytes().count(b"\r\n") == ROWS + 1
