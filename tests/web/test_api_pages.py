"""Lists come in pages that lose nothing and show nothing twice."""

import itertools

import pytest
from flask.testing import FlaskClient

from domain.actions import Close, Open
from domain.identities import Identity, contact_id
from domain.models import Source
from store import Store
from tests.conftest import StoppedClock
from tests.people import PETAR, SUSAN_ID, write
from tests.web.api_caller import Caller, of

LISTS = ("/contacts", "/conversations", "/conversations?status=closed", of(suffix="/conversations"))


@pytest.fixture
def api(client: FlaskClient) -> Caller:
    return Caller(client)


def crowd(store: Store, clock: StoppedClock) -> list[str]:
    """Eleven contacts of two partitions, of whom many wrote in the very same millisecond; oldest first."""
    anybody = (Identity("facebook", "1", str(number)) for number in itertools.count())
    people = list(itertools.islice((who for who in anybody if store.keys.partition(contact_id(who)) < 2), 11))
    for number, who in enumerate(people):
        write(store, who=who)
        if number in (1, 8):
            clock.pass_s(1)
    return [contact_id(who) for who in people]


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 11, 100])
def test_pages_of_contacts_and_conversations_hold_each_once(
    api: Caller, store: Store, clock: StoppedClock, limit: int
) -> None:
    everybody = crowd(store, clock)
    pages = api.pages("/contacts", limit=limit)
    assert sorted(one["id"] for page in pages for one in page) == sorted(everybody)
    assert max(map(len, pages)) <= limit
    assert {one["id"] for one in api.get("/contacts", limit=2)["items"]} == set(everybody[-2:])
    opened = api.all("/conversations", limit=limit)
    assert sorted(one["contact"] for one in opened) == sorted(everybody)
    for contact in everybody:
        store.commit(store.snapshot(contact), [Close(number=1, source=Source.API)])
    closed = api.all("/conversations", status="closed", limit=limit)
    assert sorted(one["contact"] for one in closed) == sorted(everybody)
    assert api.get("/conversations")["items"] == []


def test_a_contacts_conversations_come_newest_first(api: Caller, store: Store) -> None:
    write(store)
    for number in range(1, 6):
        store.commit(store.snapshot(SUSAN_ID), [Close(number=number, source=Source.API)])
        store.commit(store.snapshot(SUSAN_ID), [Open(source=Source.API, channel="facebook")])
    for limit in (1, 2, 5, 6, 7):
        assert [one["number"] for one in api.all(of(suffix="/conversations"), limit=limit)] == [6, 5, 4, 3, 2, 1]


def test_a_timeline_comes_oldest_first_in_pages(api: Caller, store: Store) -> None:
    for number in range(6):
        write(store, f"text {number}")
    whole = api.get(of(suffix="/timeline"))
    assert [one["id"] for one in whole["items"]] == ["0", "1", "2", "3", "4", "5", "6"]
    for limit in (1, 3, 7):
        assert api.all(of(suffix="/timeline"), limit=limit) == whole["items"]


def test_a_live_reader_asks_for_what_came_after_its_last_entry(api: Caller, store: Store) -> None:
    write(store, "one")
    seen = api.get(of(suffix="/timeline"))["items"]
    assert api.get(of(suffix="/timeline"), after=seen[-1]["id"])["items"] == []
    write(store, "two")
    write(store, "three")
    assert [one["text"] for one in api.all(of(suffix="/timeline"), after=seen[-1]["id"], limit=1)] == ["two", "three"]


def test_the_newest_entries_can_be_asked_for(api: Caller, store: Store) -> None:
    for text in ("one", "two", "three"):
        write(store, text)
    newest = api.get(of(suffix="/timeline"), last=2)
    assert [one["text"] for one in newest["items"]] == ["two", "three"]
    assert newest["pagination"] == {"next": None}
    assert len(api.get(of(suffix="/timeline"), last=100)["items"]) == 4
    api.get(of(suffix="/timeline"), 400, last=2, after="0")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "", "1.5", "٣", "9" * 30])
def test_a_limit_that_is_none_is_refused(api: Caller, store: Store, path: str, limit: str) -> None:
    write(store)
    assert "limit" in api.get(path, 400, limit=limit)["error"]["message"]


@pytest.mark.parametrize("path", ["/contacts", "/conversations", of(suffix="/timeline")])
def test_a_cursor_that_was_changed_is_refused(api: Caller, store: Store, path: str) -> None:
    write(store)
    write(store, who=PETAR)
    cursor = api.get(path, limit=1)["pagination"]["next"].partition("cursor=")[2]
    for changed in (cursor + "A", cursor[:-4], cursor[1:], "", "A", "ж", cursor.swapcase()):
        assert "cursor" in api.get(path, 400, cursor=changed)["error"]["message"]


def test_a_cursor_of_another_list_is_refused(api: Caller, store: Store) -> None:
    write(store)
    write(store, who=PETAR)
    cursor = api.get("/contacts", limit=1)["pagination"]["next"].partition("cursor=")[2]
    api.get("/contacts", cursor=cursor)
    for path in LISTS[1:]:
        api.get(path, 400, cursor=cursor)


def test_a_status_that_is_none_is_refused(api: Caller) -> None:
    assert api.get("/conversations", 400, status="pending")["error"]["message"] == "status is open or closed."


@pytest.mark.parametrize("after", ["-1", "x", "1 ", "00", "9" * 30])
def test_an_entry_id_that_is_none_is_refused(api: Caller, store: Store, after: str) -> None:
    write(store)
    api.get(of(suffix="/timeline"), 400, after=after)
