"""Contacts with whom nothing has happened for longer than the platform keeps them are deleted, and nobody else."""

import json
import threading

import pytest

import turns.retention as retention
from domain.actions import Block, Close, Open
from domain.errors import NotFound
from domain.identities import Identity, contact_id
from domain.models import Source
from store import Store
from tests.conftest import StoppedClock, make_store
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, take, welcome, write
from tests.servers import Valkey, wait_for
from tests.store.test_merging import merge
from tests.turns.merge_plays import said
from turns.retention import delete_old

DAY_S = 86_400


@pytest.fixture(autouse=True)
def keeps_thirty_days(store: Store) -> None:
    store.change_setting("retention_days", "30")


@pytest.fixture
def look(store: Store, valkey: Valkey) -> "Look":
    return Look(store, valkey)


class Look:
    """Lets an hour's look happen now."""

    def __init__(self, store: Store, valkey: Valkey) -> None:
        self.store, self._valkey = store, valkey

    def __call__(self) -> int:
        self._valkey.client().delete(self.store.keys.retention)
        return delete_old(self.store)


def is_there(store: Store, contact: str) -> bool:
    try:
        store.snapshot(contact)
    except NotFound:
        return False
    return True


def close(store: Store, contact: str = SUSAN_ID) -> None:
    snapshot = store.snapshot(contact)
    assert snapshot.open
    assert store.commit(snapshot, [Close(number=snapshot.open.number, source=Source.USER, by=ALICE)]).is_done


def test_who_was_closed_long_ago_goes_with_everything(store: Store, clock: StoppedClock, look: Look) -> None:
    write(store)
    store.keep_file(SUSAN_ID, "photo.png", b"\x89PNG\r\n\x1a\n")
    close(store)
    clock.pass_s(30 * DAY_S - 1)
    assert look() == 0 and is_there(store, SUSAN_ID)
    clock.pass_s(2)
    assert look() == 1 and not is_there(store, SUSAN_ID)
    assert store.connection.command(lambda client: client.exists(*store.file_keys(SUSAN_ID))) == 0


def test_an_open_conversation_keeps_a_contact_however_old(store: Store, clock: StoppedClock, look: Look) -> None:
    write(store)
    clock.pass_s(400 * DAY_S)
    assert look() == 0 and is_there(store, SUSAN_ID)


def test_the_last_conversation_counts_not_the_first(store: Store, clock: StoppedClock, look: Look) -> None:
    write(store)
    close(store)
    clock.pass_s(29 * DAY_S)
    write(store)
    close(store)
    clock.pass_s(29 * DAY_S)
    assert look() == 0
    clock.pass_s(2 * DAY_S)
    assert look() == 1


def test_who_never_had_a_conversation_goes_by_when_we_first_heard_of_them(
    store: Store, clock: StoppedClock, look: Look
) -> None:
    store.receive([welcome(opens=False)])
    clock.pass_s(29 * DAY_S)
    assert look() == 0
    clock.pass_s(2 * DAY_S)
    assert look() == 1


def test_nothing_goes_while_the_setting_is_off(store: Store, clock: StoppedClock, look: Look) -> None:
    store.change_setting("retention_days", "0")
    write(store)
    close(store)
    clock.pass_s(4000 * DAY_S)
    assert look() == 0 and is_there(store, SUSAN_ID)


def test_counters_stay_and_the_audit_says_how_many(
    store: Store, clock: StoppedClock, valkey: Valkey, look: Look
) -> None:
    write(store)
    close(store)
    partition = store.keys.partition(SUSAN_ID)
    pattern = store.keys.due(partition).replace("due", "stats:*").replace("{", "[{]").replace("}", "[}]")

    def counters() -> list[object]:
        client = valkey.client()
        return [client.hgetall(key) for key in sorted(map(str, client.keys(pattern)))]

    before = counters()
    clock.pass_s(31 * DAY_S)
    assert look() == 1 and counters() == before != []
    line = store.audit(1)[0]
    assert (line["what"], line["count"], line["by"]) == ("contacts.expired", 1, {"name": "The platform"})
    assert SUSAN_ID not in json.dumps(store.audit(100))


def test_whoever_a_worker_has_is_left_for_the_next_look(store: Store, clock: StoppedClock, look: Look) -> None:
    write(store)
    close(store)
    clock.pass_s(31 * DAY_S)
    turn, _ = take(store)
    assert look() == 0 and is_there(store, SUSAN_ID)
    store.release_turn(turn)
    assert look() == 1


def test_who_writes_between_the_look_and_the_delete_stays(store: Store, clock: StoppedClock, look: Look) -> None:
    write(store)
    close(store)
    clock.pass_s(31 * DAY_S)
    judge = store.over_since

    def judge_then_hear(contact: str) -> tuple[int, int] | None:
        found = judge(contact)
        write(store, "wait, I am back")
        return found

    store.over_since = judge_then_hear  # type: ignore[method-assign]
    assert look() == 0
    assert store.snapshot(SUSAN_ID).open


def test_one_worker_looks_in_an_hour(store: Store, clock: StoppedClock, valkey: Valkey, look: Look) -> None:
    write(store)
    close(store)
    clock.pass_s(31 * DAY_S)
    assert make_store(valkey).claim_retention()
    assert delete_old(store) == 0
    assert look() == 1


def test_a_pass_is_bounded_and_the_next_goes_on_where_it_stopped(
    store: Store, clock: StoppedClock, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = [Identity("facebook", "104200000000042", f"{n}") for n in range(40)]
    for i, who in enumerate(crowd):
        write(store, who=who)
        if i % 4:
            close(store, contact_id(who))
    clock.pass_s(31 * DAY_S)
    monkeypatch.setattr(retention, "LOOKED_AT", 7)
    monkeypatch.setattr(retention, "CHUNK", 3)
    counts = [look() for _ in range(6)]
    assert max(counts) <= 7 and sum(counts) == 30
    assert {contact_id(who) for who in crowd[::4]} == {pair[0].id for pair in store.contacts(100).items}
    monkeypatch.setattr(retention, "MOST_DELETED", 2)
    for who in crowd[::4]:
        close(store, contact_id(who))
    clock.pass_s(31 * DAY_S)
    assert [look() for _ in range(3)] == [2, 2, 2]


def test_what_was_merged_counts_with_its_primary_and_goes_with_it(
    store: Store, clock: StoppedClock, look: Look, valkey: Valkey
) -> None:
    for who in (SUSAN, PETAR):
        write(store, who=who)
    close(store)
    clock.pass_s(20 * DAY_S)
    close(store, PETAR_ID)
    valkey.client().hset(store.keys.contact(PETAR_ID), "merged_into", SUSAN_ID)
    valkey.client().hset(store.keys.contact(SUSAN_ID), "parts", json.dumps([PETAR_ID]))
    clock.pass_s(20 * DAY_S)
    assert look() == 0, "the last close is the part's"
    clock.pass_s(11 * DAY_S)
    assert look() == 1
    assert not is_there(store, SUSAN_ID) and not is_there(store, PETAR_ID)


def test_who_is_back_keeps_what_was_said_with_their_parts(store: Store, clock: StoppedClock, look: Look) -> None:
    for who in (SUSAN, PETAR):
        write(store, f"from {who.kind}", who=who)
        clock.pass_s(1)
    merge(store)
    close(store)
    clock.pass_s(31 * DAY_S)
    judge, before = store.over_since, said(store)

    def judge_then_hear(contact: str) -> tuple[int, int] | None:
        found = judge(contact)
        write(store, "I am back")
        return found

    store.over_since = judge_then_hear  # type: ignore[method-assign]
    assert look() == 0
    assert said(store) == [*before, ("m", "I am back")]


def test_who_was_a_part_and_is_somebody_elses_by_now_keeps_nobody(
    store: Store, clock: StoppedClock, look: Look, valkey: Valkey
) -> None:
    for who in (SUSAN, PETAR):
        write(store, who=who)
    close(store)
    valkey.client().hset(store.keys.contact(SUSAN_ID), "parts", json.dumps([PETAR_ID]))
    clock.pass_s(31 * DAY_S)
    assert look() == 1
    assert not is_there(store, SUSAN_ID) and is_there(store, PETAR_ID)


def test_who_is_blocked_stays_so(store: Store, clock: StoppedClock, look: Look) -> None:
    write(store)
    close(store)
    assert store.commit(store.snapshot(SUSAN_ID), [Block(is_blocked=True)]).is_done
    clock.pass_s(400 * DAY_S)
    assert look() == 0 and store.snapshot(SUSAN_ID).contact.is_blocked
    assert store.commit(store.snapshot(SUSAN_ID), [Block(is_blocked=False)]).is_done
    assert look() == 1


def test_a_delete_that_stopped_is_finished_by_a_worker_even_if_nobody_is_too_old(
    store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.change_setting("retention_days", "0")
    for who in (SUSAN, PETAR):
        write(store, who=who)
    merge(store)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "finish_deletes", lambda store, by: set())
        store.delete_contact(SUSAN_ID, ALICE)
    assert is_there(store, PETAR_ID)
    monkeypatch.setattr(retention, "LOOK_EVERY_S", 0.01)
    stopping = threading.Event()
    worker = threading.Thread(target=retention.keep_deleting, args=(store, stopping))
    worker.start()
    try:
        wait_for(lambda: not is_there(store, PETAR_ID), "the part is deleted")
    finally:
        stopping.set()
        worker.join()


def test_a_worker_that_stops_leaves_the_rest_for_another(store: Store, clock: StoppedClock) -> None:
    write(store)
    close(store)
    clock.pass_s(31 * DAY_S)
    stopping = threading.Event()
    stopping.set()
    assert delete_old(store, stopping) == 0 and is_there(store, SUSAN_ID)


@pytest.mark.parametrize("text", ["99:0", "x:y", "-1:5", "3"])
def test_a_place_that_cannot_be_read_is_the_beginning(store: Store, valkey: Valkey, text: str) -> None:
    valkey.client().set(store.keys.retention_place, text)
    assert store.retention_place() == (0, 0)


def test_an_opening_by_a_user_keeps_a_contact(store: Store, clock: StoppedClock, look: Look) -> None:
    write(store)
    close(store)
    clock.pass_s(31 * DAY_S)
    store.commit(store.snapshot(SUSAN_ID), [Open(source=Source.USER, channel="facebook", by=ALICE)])
    assert look() == 0
