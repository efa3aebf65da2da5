"""Live pages on the platform as it runs: they get what happens, cost the webhooks nothing, and hold nothing up."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from domain.identities import Identity, contact_id
from domain.users import Role
from tests.conftest import PAGE
from tests.scenarios.platform import Platform, facebook_message, running
from tests.servers import Valkey, wait_for
from tests.signing_in import LoggedIn, log_in

SUSAN = Identity("facebook", PAGE, "7000000000000711")
STREAMS = 3


class Page:
    """A page's stream, read in a thread of its own."""

    def __init__(self, platform: Platform, who: LoggedIn, readers: ThreadPoolExecutor) -> None:
        url = f"{platform.url}/live?contact={contact_id(SUSAN)}"
        headers = {**who.headers, "Accept": "text/event-stream"}
        self.answer = requests.get(url, headers=headers, stream=True, timeout=30)
        self.told: list[str] = []
        self.was_cut_off = False
        self.reads = readers.submit(self._read) if self.answer.status_code == 200 else None

    @property
    def is_over(self) -> bool:
        return self.reads is None or self.reads.done()

    def _read(self) -> None:
        try:
            for line in self.answer.iter_lines(chunk_size=1):
                if line.startswith(b"event: "):
                    self.told.append(line.removeprefix(b"event: ").decode())
        except requests.RequestException:
            self.was_cut_off = True


@contextmanager
def pages() -> Iterator[ThreadPoolExecutor]:
    readers = ThreadPoolExecutor(16)
    yield readers
    readers.shutdown(wait=False)


def write(platform: Platform, text: str) -> None:
    """Let Susan write, by a webhook."""
    now_ms = time.time_ns() // 1_000_000
    answer = platform.post_facebook(facebook_message(f"m_{time.time_ns()}", text, SUSAN.contact_ref, now_ms))
    assert answer.status_code == 200


def fill(platform: Platform, readers: ThreadPoolExecutor) -> list[Page]:
    """Open streams until the one web process has no place for another."""
    store = platform.store()
    opened = [Page(platform, log_in(store, f"user{number}", Role.AGENT), readers) for number in range(STREAMS)]
    assert [page.answer.status_code for page in opened] == [200] * STREAMS
    return opened


@pytest.mark.timeout(120)
def test_pages_at_their_bound_are_told_and_do_not_keep_webhooks_waiting(valkey: Valkey) -> None:
    sizes = {"WEB_CONCURRENCY": "1", "WEB_THREADS": "1", "LIVE_STREAMS": str(STREAMS)}
    with running(valkey, workers=0, **sizes) as platform, pages() as readers:
        opened = fill(platform, readers)
        refused = Page(platform, log_in(platform.store(), "late"), readers)
        assert refused.answer.status_code == 503 and "Retry-After" in refused.answer.headers
        for number in range(5):
            write(platform, f"message {number}")
        wait_for(lambda: all("contact" in page.told for page in opened), "each page was told of Susan's messages")
        for page in opened:
            page.told.clear()
        write(platform, "one more")
        wait_for(lambda: all("contact" in page.told for page in opened), "each page was told of one more")
        opened[0].answer.raw.shutdown()  # as a browser that goes elsewhere

        def has_place() -> bool:
            again = Page(platform, log_in(platform.store(), f"again{time.time_ns()}"), readers)
            return again.answer.status_code == 200

        wait_for(has_place, "whoever left gave the place back")


@pytest.mark.timeout(120)
def test_pages_go_on_when_the_store_was_away() -> None:
    valkey = Valkey()
    valkey.start()
    try:
        with running(valkey, workers=0, WEB_CONCURRENCY="1") as platform, pages() as readers:
            page = Page(platform, log_in(platform.store()), readers)
            wait_for(lambda: "list" in page.told, "the page is told to look at everything")
            valkey.kill()
            page.told.clear()
            valkey.start()
            wait_for(lambda: "list" in page.told, "the page is told to look at everything again")
            wait_for(platform.is_up, "the web finds the store again")
            page.told.clear()
            write(platform, "hello")
            wait_for(lambda: "contact" in page.told, "the page is told of Susan's message")
            assert not page.is_over
    finally:
        valkey.kill()


@pytest.mark.timeout(120)
def test_open_pages_do_not_hold_up_the_end_of_a_process(valkey: Valkey) -> None:
    with running(valkey, workers=0, WEB_CONCURRENCY="1", LIVE_STREAMS=str(STREAMS)) as platform, pages() as readers:
        opened = fill(platform, readers)
        platform.web.stop()
        wait_for(lambda: all(page.is_over for page in opened), "the streams are over")
        # gunicorn would have waited for them as long as it may, and then cut them off.
        assert not any(page.was_cut_off for page in opened)


@pytest.mark.timeout(120)
def test_a_session_that_is_ended_ends_its_pages(valkey: Valkey) -> None:
    with running(valkey, workers=0, WEB_CONCURRENCY="1") as platform, pages() as readers:
        store = platform.store()
        alice, bob = log_in(store), log_in(store, "bob")
        of_alice, of_bob = Page(platform, alice, readers), Page(platform, bob, readers)
        assert of_alice.answer.status_code == of_bob.answer.status_code == 200
        store.end_sessions(alice.user.id)
        assert Page(platform, alice, readers).answer.status_code == 401
        wait_for(lambda: of_alice.is_over, "Alice's page is over")
        assert not of_bob.is_over
