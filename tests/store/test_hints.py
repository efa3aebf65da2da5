"""What live pages hear: every change, or that they may have missed one."""

from collections.abc import Callable, Iterator

import pytest

from store import Heard, Store, hear
from store.keys import NOTIFY_CHANNEL, WAKE_CHANNEL
from tests.people import BOB, PETAR, PETAR_ID, SUSAN_ID, write
from tests.servers import Valkey


def listening(url: str) -> Iterator[Heard]:
    """Begin to hear: the first look says that anything may have happened before."""
    looks = hear(url)
    assert next(looks).has_gap
    return looks


def until(looks: Iterator[Heard], is_enough: Callable[[Heard], bool]) -> Heard:
    """Put looks together until that is enough."""
    together = Heard()
    for heard, _ in zip(looks, range(100), strict=False):
        together = Heard(
            together.contacts | heard.contacts,
            together.typed_to | heard.typed_to,
            together.users | heard.users,
            heard.has_gap,
        )
        if is_enough(together):
            return together
    raise AssertionError(f"only heard {together}")


def test_what_happens_to_contacts_is_heard(valkey: Valkey, store: Store) -> None:
    looks = listening(valkey.url)
    write(store)
    write(store, who=PETAR)
    heard = until(looks, lambda heard: len(heard.contacts) == 2)
    assert heard == Heard(contacts=frozenset((SUSAN_ID, PETAR_ID)))


def test_who_is_told_something_is_heard(valkey: Valkey, store: Store) -> None:
    looks = listening(valkey.url)
    valkey.client().publish(NOTIFY_CHANNEL, "u1")
    assert until(looks, lambda heard: bool(heard.users)) == Heard(users=frozenset(("u1",)))


def test_to_whom_somebody_writes_is_heard(valkey: Valkey, store: Store) -> None:
    looks = listening(valkey.url)
    store.say_typing(SUSAN_ID, BOB)
    assert until(looks, lambda heard: bool(heard.typed_to)) == Heard(typed_to=frozenset((SUSAN_ID,)))


def test_where_nothing_happens_nothing_is_heard_but_the_caller_comes_to_his_turn(valkey: Valkey, store: Store) -> None:
    looks = listening(valkey.url)
    assert [next(looks).is_nothing for _ in range(3)] == [True] * 3


def test_a_burst_is_heard_in_few_looks(valkey: Valkey, store: Store) -> None:
    looks = listening(valkey.url)
    pipeline = valkey.client().pipeline(transaction=False)
    for number in range(2000):
        pipeline.publish(WAKE_CHANNEL, f"contact{number}")
    pipeline.execute()
    found: set[str] = set()
    count = 0
    while len(found) < 2000:
        found |= next(looks).contacts
        count += 1
    assert count < 200


def test_more_than_one_look_takes_in_counts_as_a_gap(
    valkey: Valkey, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.hints.MOST_AT_ONCE", 10)
    looks = listening(valkey.url)
    pipeline = valkey.client().pipeline(transaction=False)
    for number in range(30):
        pipeline.publish(WAKE_CHANNEL, f"contact{number}")
    pipeline.execute()
    assert until(looks, lambda heard: heard.has_gap).contacts


@pytest.mark.timeout(60)
def test_after_a_lost_connection_anything_may_have_happened() -> None:
    server = Valkey()
    server.start()
    try:
        looks = listening(server.url)
        server.kill()
        assert next(looks).is_nothing
        server.start()
        until(looks, lambda heard: heard.has_gap)
        server.client().publish(WAKE_CHANNEL, SUSAN_ID)
        assert until(looks, lambda heard: bool(heard.contacts)).contacts == {SUSAN_ID}
    finally:
        server.kill()


@pytest.mark.timeout(60)
def test_a_server_that_says_nothing_any_more_is_asked_and_stays_connected(
    valkey: Valkey, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.hints.SILENT_S", 0.1)
    looks = listening(valkey.url)
    assert not any(next(looks).has_gap for _ in range(12))
