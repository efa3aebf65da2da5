"""The worker's look for merge suggestions goes on where it ended, and one worker looks at a time."""

import threading

import pytest

import turns.suggestions as suggestions
from store import Store
from tests.conftest import make_store
from tests.servers import Valkey, wait_for
from tests.store.test_suggestions import PHONE, add, shown
from turns.suggestions import keep_suggesting, suggest_merges


def look(store: Store) -> bool:
    """Let the next minute's look happen now."""
    store.connection.command(lambda client: client.delete(store.keys.suggestions_claim))
    return suggest_merges(store)


def test_a_look_finds_who_shares_a_phone(store: Store) -> None:
    pair = {add(store, number, phone=PHONE) for number in (1, 2)}
    assert suggest_merges(store) and shown(store) == [pair]
    assert store.suggestions_place() == "", "the next look begins anew"


def test_of_two_workers_one_looks(store: Store) -> None:
    assert suggest_merges(store) and not suggest_merges(store)


def test_a_look_is_bounded_and_the_next_one_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.suggestions.STEP", 1)
    monkeypatch.setattr(suggestions, "MOST_STRETCHES", 2)
    for number in range(60):
        add(store, number, name=f"Maria {number}")
    last = {add(store, number, email="zoe@example.com") for number in (70, 71)}
    looks = 1
    assert look(store) and store.suggestions_place() and shown(store) == []
    while store.suggestions_place():
        looks += look(store)
        assert looks < 1000
    assert looks > 2 and shown(store) == [last]


def test_a_worker_keeps_looking_until_it_is_stopped(
    store: Store, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "LOOK_EVERY_S", 0.01)
    broken = make_store(valkey)
    tries = iter([OSError("something unforeseen")])

    def claim() -> bool:
        if error := next(tries, None):
            raise error
        return True

    broken.claim_suggestions = claim  # type: ignore[method-assign]
    stopping = threading.Event()
    thread = threading.Thread(target=keep_suggesting, args=(broken, stopping))
    thread.start()
    pair = {add(store, number, phone=PHONE) for number in (1, 2)}
    wait_for(lambda: shown(store) == [pair], "the pair is suggested")
    stopping.set()
    thread.join(10)
    assert not thread.is_alive()
