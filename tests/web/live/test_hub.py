"""The live pages of one process: what each is told, how many there may be, and how they end."""

import socket
from collections.abc import Iterator
from functools import partial

import pytest

from store import Store, hear
from store.keys import NOTIFY_CHANNEL
from tests.people import BOB, PETAR, PETAR_ID, SUSAN_ID, write
from tests.servers import Valkey, wait_for
from web.live.hub import MOST_PER_USER, WORDS, Hub, Stream


@pytest.fixture
def new_hub(valkey: Valkey, store: Store) -> Iterator[Hub]:
    made = Hub(partial(hear, valkey.url), store.now_ms, places=10)
    yield made
    made.serve_while(lambda: False)


@pytest.fixture
def hub(new_hub: Hub) -> Hub:
    """One that hears already: the first page was told to look at everything, and went."""
    first = joined(new_hub)
    assert first.wait(10) == WORDS
    new_hub.leave(first)
    return new_hub


def joined(hub: Hub, user: str = "u1", contact: str = "", sock: socket.socket | None = None) -> Stream:
    stream = hub.join(user, [contact] if contact else [], sock)
    assert stream is not None
    return stream


def test_a_page_is_told_that_something_changed_and_whether_it_was_what_it_shows(hub: Hub, store: Store) -> None:
    of_susan, of_nobody = joined(hub, contact=SUSAN_ID), joined(hub)
    write(store)
    assert of_susan.wait(10) == ("list", "contact")
    assert of_nobody.wait(10) == ("list",)
    write(store, who=PETAR)
    assert of_susan.wait(10) == ("list",)


def test_only_the_user_who_is_told_something_hears_of_it(hub: Hub, valkey: Valkey) -> None:
    of_alice, of_bob = joined(hub, "u1"), joined(hub, "u2")
    valkey.client().publish(NOTIFY_CHANNEL, "u2")
    assert of_bob.wait(10) == ("notified",)
    assert of_alice.wait(0) == ()


def test_whoever_shows_a_contact_is_told_that_a_colleague_writes_to_them(hub: Hub, store: Store) -> None:
    of_susan, of_petar = joined(hub, contact=SUSAN_ID), joined(hub, contact=PETAR_ID)
    store.say_typing(SUSAN_ID, BOB)
    assert of_susan.wait(10) == ("contact",)
    assert of_petar.wait(0) == ()


def test_a_slow_page_is_told_once_what_happened_often(hub: Hub, store: Store) -> None:
    slow, quick = joined(hub, contact=SUSAN_ID), joined(hub)
    for _ in range(3):
        write(store)
        assert quick.wait(10) == ("list",)
    assert slow.wait(10) == ("list", "contact")
    assert slow.wait(0) == ()


def test_there_are_only_so_many_places(hub: Hub) -> None:
    streams = [joined(hub, f"u{number}") for number in range(10)]
    assert hub.join("another", "", None) is None
    hub.leave(streams[0])
    hub.leave(streams[0])
    joined(hub, "another")
    assert hub.join("yet another", "", None) is None


def test_a_user_has_only_so_many_of_them(hub: Hub) -> None:
    streams = [joined(hub) for _ in range(MOST_PER_USER)]
    assert hub.join("u1", "", None) is None
    joined(hub, "u2")
    hub.leave(streams[0])
    joined(hub)


def test_a_page_that_went_away_gives_its_place_back(hub: Hub, valkey: Valkey) -> None:
    here, there = socket.socketpair()
    left, stays = joined(hub, sock=here), joined(hub)
    there.sendall(b"what nobody asked for")
    valkey.client().publish(NOTIFY_CHANNEL, "u1")  # so that it is looked at once more
    assert left.wait(10) == ("notified",)
    assert not left.is_over
    here.recv(100)
    there.close()
    wait_for(lambda: left.is_over, "the stream of the closed connection is over")
    assert not stays.is_over
    here.close()


def test_all_streams_end_when_the_process_is_to_end(hub: Hub) -> None:
    streams = [joined(hub), joined(hub)]
    is_serving = True
    hub.serve_while(lambda: is_serving)
    is_serving = False
    wait_for(lambda: all(stream.is_over for stream in streams), "the streams are over")
    assert streams[0].wait(60) == streams[1].wait(60)  # at once, at the end
    assert hub.join("u1", "", None) is None


def test_who_asks_before_anything_was_heard_is_told_everything(new_hub: Hub, store: Store) -> None:
    assert new_hub.changes_since(store.now_ms(), "u1", [SUSAN_ID]) == WORDS
    wait_for(lambda: new_hub.changes_since(store.now_ms() + 1, "u1", [SUSAN_ID]) == (), "the hub hears")


def test_who_asks_instead_is_told_what_changed_since(hub: Hub, store: Store) -> None:
    began_ms = store.now_ms()
    write(store)
    wait_for(lambda: hub.changes_since(began_ms, "u1", [SUSAN_ID]) == ("list", "contact"), "Susan's message is told")
    assert hub.changes_since(began_ms, "u1", [PETAR_ID]) == ("list",)
    assert hub.changes_since(began_ms - 60_000, "u1", [PETAR_ID]) == WORDS
    assert hub.changes_since(store.now_ms() + 1, "u1", [SUSAN_ID]) == ()


def test_what_it_forgot_counts_as_a_change_of_everything(
    hub: Hub, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.live.hub.REMEMBERED", 2)
    began_ms = store.now_ms()
    write(store)
    wait_for(lambda: "contact" in hub.changes_since(began_ms, "u1", [SUSAN_ID]), "Susan's message is told")
    write(store, who=PETAR)
    wait_for(lambda: "contact" in hub.changes_since(began_ms, "u1", [PETAR_ID]), "Petar's message is told")
    assert hub.changes_since(began_ms, "u1", [SUSAN_ID]) == WORDS
