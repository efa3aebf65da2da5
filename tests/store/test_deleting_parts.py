"""Deleting somebody who is several contacts: all of them go or none, whoever dies in between, and nobody else does."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from domain.errors import NotFound, StoreError
from domain.identities import MERGES_ID, Identity, contact_id
from store import BotRecord, Deleted, HistoryPage, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, take, write
from tests.servers import Valkey
from tests.store.test_deleting import fill_every_place, mentioning
from tests.store.test_merging import OLGA, OLGA_ID, do_merges, merge

IVAN = Identity("facebook", "104200000000042", "7000000000000703")
IVAN_ID = contact_id(IVAN)
EVERYBODY = (SUSAN_ID, PETAR_ID, OLGA_ID, SUSAN.contact_ref, PETAR.contact_ref, OLGA.contact_ref)


@pytest.fixture
def family(store: Store, clock: StoppedClock) -> Store:
    """Olga is a part of Petar, who is a part of Susan; each has been heard of at another time."""
    for who in (SUSAN, PETAR, OLGA):
        write(store, f"from {who.contact_ref}", who=who)
        clock.pass_s(1)
    merge(store, PETAR_ID, OLGA_ID)
    merge(store, SUSAN_ID, PETAR_ID)
    return store


@pytest.fixture
def stopped(family: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The process that deleted Susan died right afterwards."""
    with monkeypatch.context() as patch:
        patch.setattr(Store, "finish_deletes", die)
        assert family.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
    assert is_there(family, PETAR_ID) and is_there(family, OLGA_ID)
    return family


def die(*_: object) -> None:
    raise StoreError("killed")


def is_there(store: Store, contact: str) -> bool:
    try:
        return bool(store.snapshot(contact))
    except NotFound:
        return False


def texts(page: HistoryPage) -> list[str]:
    return [one.entry.text for one in page.entries if one.entry.text]


def left(store: Store, valkey: Valkey) -> list[str]:
    client = valkey.client()
    return [
        str(one) for partition in store.keys.each() for one in client.zrange(store.keys.leftovers(partition), 0, -1)
    ]


def test_all_of_them_go_at_once(family: Store, valkey: Valkey) -> None:
    assert family.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
    assert set(mentioning(valkey, EVERYBODY)) == {family.keys.timeline(MERGES_ID)}
    assert left(family, valkey) == []


def test_nothing_of_a_contact_that_has_changed_is_deleted(family: Store) -> None:
    before = family.history(SUSAN_ID)
    version = family.snapshot(SUSAN_ID).contact.version
    assert family.delete_contact(SUSAN_ID, ALICE, version=version - 1) is Deleted.CHANGED
    assert family.history(SUSAN_ID) == before and {SUSAN_ID, PETAR_ID, OLGA_ID} == {
        one.contact for one in before.entries
    }


def test_nothing_of_a_contact_that_a_worker_has_is_deleted(family: Store) -> None:
    before = family.history(SUSAN_ID)
    take(family)
    assert family.delete_contact(SUSAN_ID, ALICE) is Deleted.BUSY
    assert family.history(SUSAN_ID) == before


def test_a_part_that_a_worker_has_is_deleted_when_that_is_done(
    family: Store, valkey: Valkey, clock: StoppedClock
) -> None:
    valkey.client().zadd(family.keys.due(family.keys.partition(PETAR_ID)), {PETAR_ID: clock.ms})
    turn, _ = take(family, PETAR_ID)
    assert family.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
    assert not is_there(family, SUSAN_ID) and family.finish_deletes() == {PETAR_ID}
    family.release_turn(turn)
    assert family.finish_deletes() == set() and left(family, valkey) == []
    assert not is_there(family, PETAR_ID) and not is_there(family, OLGA_ID)


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("killed_at", range(1, 25))
def test_wherever_a_delete_is_killed_all_of_them_are_there_or_none_in_the_end(
    family: Store, valkey: Valkey, monkeypatch: pytest.MonkeyPatch, killed_at: int, is_after: bool
) -> None:
    steps = 0

    def kill(do: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def run(what: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps > killed_at or (steps == killed_at and not is_after):
                die()
            answer = do(what)
            return answer if steps < killed_at else die()

        return run

    with monkeypatch.context() as patch:
        patch.setattr(family.connection, "run", kill(family.connection.run))
        patch.setattr(family.connection, "command", kill(family.connection.command))
        with suppress(StoreError):
            family.delete_contact(SUSAN_ID, ALICE)
    if is_there(family, SUSAN_ID):
        assert set(texts(family.history(SUSAN_ID))) == {f"from {one.contact_ref}" for one in (SUSAN, PETAR, OLGA)}
        assert family.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
    family.finish_deletes()
    assert set(mentioning(valkey, EVERYBODY)) == {family.keys.timeline(MERGES_ID)}


def test_the_next_delete_finishes_one_that_stopped(stopped: Store, valkey: Valkey) -> None:
    write(stopped, who=IVAN)
    assert stopped.delete_contact(IVAN_ID, ALICE) is Deleted.DONE
    assert set(mentioning(valkey, EVERYBODY)) == {stopped.keys.timeline(MERGES_ID)}


def test_a_message_for_a_part_that_was_left_deletes_all_of_it_and_is_from_somebody_new(
    store: Store, valkey: Valkey, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store)
    fill_every_place(store, valkey, PETAR)
    clock.pass_s(1)
    merge(store)
    store.log_bot(BotRecord(kind="answer", contact=PETAR_ID, conversation=2, intent="order"))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "finish_deletes", die)
        assert store.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
    clock.pass_s(1)
    assert write(store, "anew", who=PETAR).contact == PETAR_ID
    assert (
        mentioning(valkey, ("secret", "Susan", "susan", "15550001", "s@example.com", "Varna", "PNG", "mentioned")) == {}
    )
    assert store.finish_deletes() == set() and left(store, valkey) == []
    assert texts(store.history(PETAR_ID)) == ["anew"], "what was left before is not who wrote anew"


def test_who_wrote_anew_and_was_merged_anew_is_nobodys_leftover(
    stopped: Store, valkey: Valkey, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.pass_s(1)
    for who in (PETAR, SUSAN):
        write(stopped, "anew", who=who)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "finish_deletes", lambda store, by=None: set())
        merge(stopped)
    assert stopped.resolve(PETAR_ID) == SUSAN_ID and f"{PETAR_ID}|{SUSAN_ID}" in str(left(stopped, valkey))
    assert stopped.finish_deletes() == set() and left(stopped, valkey) == []
    assert texts(stopped.history(SUSAN_ID)) == ["anew", "anew"]


def test_what_was_left_does_not_come_back_by_a_merge_with_who_wrote_anew(stopped: Store, clock: StoppedClock) -> None:
    clock.pass_s(1)
    write(stopped, "anew")
    number = stopped.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    do_merges(stopped)
    assert stopped.merge_state(number).outcome == "unknown"
    assert texts(stopped.history(SUSAN_ID)) == ["anew"] and not is_there(stopped, PETAR_ID)


def test_a_merge_waits_for_a_part_that_was_left_and_that_a_worker_has(
    stopped: Store, valkey: Valkey, clock: StoppedClock
) -> None:
    write(stopped, "anew")
    valkey.client().zadd(stopped.keys.due(stopped.keys.partition(PETAR_ID)), {PETAR_ID: clock.ms})
    take(stopped, PETAR_ID)
    number = stopped.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    with pytest.raises(StoreError):
        do_merges(stopped)
    clock.pass_s(16)
    do_merges(stopped)
    assert stopped.merge_state(number).outcome == "unknown" and texts(stopped.history(SUSAN_ID)) == ["anew"]


# -- A contact among whose parts is one that is not a part any more


@pytest.fixture
def stale(store: Store, clock: StoppedClock) -> Store:
    """Petar was a part of Susan, was deleted, and has written anew."""
    for who in (SUSAN, PETAR, IVAN):
        write(store, who=who)
    merge(store)
    store.connection.client.delete(*(key(PETAR_ID) for key in (store.keys.contact, store.keys.timeline)))
    store.connection.client.delete(*(key(PETAR_ID) for key in (store.keys.open, store.keys.closed)))
    clock.pass_s(1)
    write(store, "private", who=PETAR)
    assert store.snapshot(SUSAN_ID).contact.parts == (PETAR_ID,)
    return store


def test_what_they_say_elsewhere_is_shown_only_there(stale: Store) -> None:
    merge(stale, IVAN_ID, PETAR_ID)
    assert "private" not in texts(stale.history(SUSAN_ID)) and "private" in texts(stale.history(IVAN_ID))
    assert {contact for contact, _ in stale.all_conversations(SUSAN_ID)} == {SUSAN_ID}
    with pytest.raises(NotFound):
        stale.history_position(SUSAN_ID, PETAR_ID, 0)


def test_they_are_merged_again_with_what_they_wrote(stale: Store) -> None:
    number = stale.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    do_merges(stale)
    assert stale.merge_state(number).outcome == "merged"
    assert texts(stale.history(SUSAN_ID)).count("private") == 1
    assert "private" in [entry.text for entry, _ in stale.timeline(SUSAN_ID, 0, 100).entries]
    merge(stale)
    assert texts(stale.history(SUSAN_ID)).count("private") == 1


def test_they_stay_when_that_contact_is_deleted(stale: Store) -> None:
    assert stale.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
    assert texts(stale.history(PETAR_ID)) == ["private"]
    assert stale.finish_deletes() == set()
