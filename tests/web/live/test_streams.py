"""What a page is told by its stream, and when it asks instead."""

import itertools
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.actions import Assign
from domain.users import Role
from store import Store
from tests.people import BOB, PETAR_ID, SUSAN_ID, write
from tests.servers import wait_for
from tests.signing_in import LoggedIn, log_in
from web.live.hub import MOST_PER_USER, WORDS, Hub, Stream
from web.live.streams import KEY, events

ALL = b"event: list\ndata: 1\n\nevent: contact\ndata: 1\n\nevent: notified\ndata: 1\n\n"


@pytest.fixture
def alice(store: Store) -> LoggedIn:
    return log_in(store)


@pytest.fixture
def client(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    monkeypatch.setattr("web.live.streams.APART_MS", 50)  # there is one process only
    yield app.test_client(use_cookies=False)
    hub: Hub = app.extensions[KEY]
    hub.serve_while(lambda: False)


def hears(client: FlaskClient, alice: LoggedIn, contact: str = "") -> str:
    """Wait until the process hears of changes; return the tag of the answer that nothing changed."""
    tag = ""

    def is_quiet() -> bool:
        nonlocal tag
        answer = client.get(f"/live/state?contact={contact}", headers={**alice.headers, "If-None-Match": tag})
        tag = answer.headers["ETag"]
        return answer.status_code == 304

    wait_for(is_quiet, "nothing changes any more")
    return tag


def test_a_stream_is_told_what_happens_without_whom_it_happened_to(
    client: FlaskClient, store: Store, alice: LoggedIn
) -> None:
    write(store)
    answer = client.get(f"/live?contact={SUSAN_ID}", headers=alice.headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Accel-Buffering"] == "no"
    told = iter(answer.response)
    assert next(told) == b"retry: 2000\n\n"
    assert next(told) == ALL  # the process has just begun to hear
    write(store)
    assert next(told) == b"event: list\ndata: 1\n\nevent: contact\ndata: 1\n\n"
    answer.close()


def test_without_a_session_nothing_is_told(client: FlaskClient, store: Store) -> None:
    assert client.get("/live", headers={"Accept": "text/event-stream"}).status_code == 401
    assert client.get("/live/state", headers={"HX-Request": "true"}).status_code == 401
    assert client.get("/live/state").status_code == 302


def test_one_page_too_many_is_sent_to_ask_instead(client: FlaskClient, alice: LoggedIn, store: Store) -> None:
    streams = [client.get("/live", headers=alice.headers) for _ in range(MOST_PER_USER)]
    refused = client.get("/live", headers=alice.headers)
    assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0
    # Also a page that went before it was told anything gives its place back.
    streams[0].close()
    again = client.get("/live", headers=alice.headers)
    assert again.status_code == 200
    assert client.head("/live", headers=alice.headers).status_code == 200
    for stream in (again, *streams):
        stream.close()


def test_a_page_that_asks_is_told_everything_first_and_then_what_changed(
    client: FlaskClient, store: Store, alice: LoggedIn
) -> None:
    first = client.get(f"/live/state?contact={SUSAN_ID}", headers=alice.headers)
    assert first.get_json() == {"changed": list(WORDS)}
    tag = hears(client, alice)
    write(store)

    def changed(contact: str) -> list[str]:
        headers = {**alice.headers, "If-None-Match": tag}
        answer = client.get(f"/live/state?contact={contact}", headers=headers)
        return [] if answer.status_code == 304 else list(answer.get_json()["changed"])

    wait_for(lambda: changed(SUSAN_ID) == ["list", "contact"], "Susan's message is told")
    assert changed(PETAR_ID) == ["list"]
    assert changed("no contact") == ["list"]
    hears(client, alice)


@pytest.mark.parametrize("tag", ["", '"-1"', '"abc"', '"٣"', f'"{"9" * 40}"', "*"])
def test_a_tag_that_nobody_gave_counts_as_none(client: FlaskClient, alice: LoggedIn, tag: str) -> None:
    hears(client, alice)
    answer = client.get("/live/state", headers={**alice.headers, "If-None-Match": tag.encode().decode("latin-1")})
    assert answer.get_json() == {"changed": list(WORDS)}


def test_an_agent_is_not_told_when_something_happens_to_a_contact_that_they_may_not_see(
    client: FlaskClient, store: Store
) -> None:
    carol = log_in(store, "carol", Role.AGENT, is_restricted=True)
    write(store)
    tag = hears(client, carol, SUSAN_ID)

    def changed() -> list[str]:
        answer = client.get(f"/live/state?contact={SUSAN_ID}", headers={**carol.headers, "If-None-Match": tag})
        return [] if answer.status_code == 304 else list(answer.get_json()["changed"])

    write(store)
    wait_for(lambda: changed() == ["list", "contact"], "it is nobody's, so that she may see it")
    assert store.commit(store.snapshot(SUSAN_ID), [Assign(number=1, user=BOB)]).is_done
    write(store)
    wait_for(lambda: changed() == ["list"], "it is Bob's by now")


def test_a_stream_says_that_it_is_there_when_nothing_happens() -> None:
    said = events(Stream("u1", "", None), lambda: True, ping_s=0.01)
    assert list(itertools.islice(said, 3)) == [b"retry: 2000\n\n", b": here\n\n", b": here\n\n"]


def test_a_stream_ends_with_its_session() -> None:
    answers = iter([True, True, False])
    said = events(Stream("u1", "", None), lambda: next(answers), ping_s=0.01, check_s=0)
    assert len(list(said)) == 3


def test_a_stream_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.live.streams.LONGEST_S", 0.05)
    assert set(events(Stream("u1", "", None), lambda: True, ping_s=0.01)) == {b"retry: 2000\n\n", b": here\n\n"}


def test_a_stream_that_is_over_tells_nothing_more() -> None:
    over = Stream("u1", "", None)
    over.tell(WORDS)
    over.end()
    assert list(events(over, lambda: True)) == [b"retry: 2000\n\n"]
