"""Conversations that everybody has forgotten close by themselves, where the platform is set to do so."""

import threading
from collections.abc import Callable

import pytest

from domain.actions import Assign, NeedPerson, Send
from domain.answers import Commands
from domain.identities import Identity, contact_id
from domain.models import ClosedConversation, Sender, Source
from store import Store
from tests.conftest import StoppedClock, make_store
from tests.people import BOB, SUSAN, SUSAN_ID, message, write
from tests.servers import Valkey, wait_for
from tests.turns.stage import Stage
from turns import auto_close
from turns.auto_close import close_idle

HOUR_S = 3600
AFTER_H = 24


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    store.change_setting("auto_close_after_h", str(AFTER_H))
    return Stage(store)


def look(store: Store, valkey: Valkey) -> int:
    """The minute after the last look has passed."""
    valkey.client().delete(store.keys.auto_close)
    return close_idle(store)


def answered(stage: Stage, text: str = "hello", who: Identity = SUSAN) -> None:
    """Somebody wrote and the bot answered."""
    write(stage.store, text, who=who)
    stage.turn(contact_id(who))


def last_close(store: Store, contact: str = SUSAN_ID) -> ClosedConversation | None:
    newest = store.conversations(contact)[0]
    return newest if isinstance(newest, ClosedConversation) else None


def test_it_closes_after_the_hours_that_are_set_and_not_before(
    stage: Stage, clock: StoppedClock, valkey: Valkey
) -> None:
    answered(stage)
    clock.pass_s(AFTER_H * HOUR_S)
    assert look(stage.store, valkey) == 0
    clock.pass_s(2)
    assert look(stage.store, valkey) == 1
    closed = last_close(stage.store)
    assert closed and (closed.closed_source, closed.closed_by) == (Source.AUTO_CLOSE, None)
    assert look(stage.store, valkey) == 0, "once"


def test_unless_it_is_set_nothing_closes(store: Store, clock: StoppedClock, valkey: Valkey) -> None:
    answered(Stage(store))
    clock.pass_s(10_000 * HOUR_S)
    assert look(store, valkey) == 0 and last_close(store) is None


def test_whatever_happens_in_it_starts_the_time_anew(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    answered(stage)
    for _ in range(3):
        clock.pass_s((AFTER_H - 1) * HOUR_S)
        assert look(stage.store, valkey) == 0
        answered(stage)
    clock.pass_s(AFTER_H * HOUR_S + 2)
    assert look(stage.store, valkey) == 1


def test_who_waits_for_a_person_is_not_closed_away(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    store = stage.store
    write(store, "talk to a human")
    store.commit(store.snapshot(SUSAN_ID), [NeedPerson(number=1, reason="notify")])
    stage.turn()
    store.receive([message("anybody there?")])
    stage.turn()
    waiting = store.snapshot(SUSAN_ID).open
    assert waiting and waiting.needs and waiting.waiting_since_ms
    clock.pass_s(300 * HOUR_S)
    assert look(store, valkey) == 0 and last_close(store) is None


def test_who_was_answered_by_a_user_is_closed(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    store = stage.store
    answered(stage)
    store.commit(store.snapshot(SUSAN_ID), [NeedPerson(number=1, reason="notify"), Assign(number=1, user=BOB)])
    store.commit(store.snapshot(SUSAN_ID), [Send(number=1, text="Here you are", sender=Sender.USER, by=BOB)])
    stage.turn()
    clock.pass_s(AFTER_H * HOUR_S + 2)
    assert look(store, valkey) == 1


def test_what_is_undecided_or_not_sent_yet_keeps_it_open(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    write(stage.store, "hello")
    clock.pass_s(AFTER_H * HOUR_S + 2)
    assert look(stage.store, valkey) == 0
    stage.store.rest(SUSAN.channel, "bad_token", 10**6)
    stage.turn()
    clock.pass_s(AFTER_H * HOUR_S + 2)
    assert stage.store.snapshot(SUSAN_ID).head and look(stage.store, valkey) == 0


def interfere(store: Store, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen between the look at a conversation and its close."""
    real = store.snapshot

    def snapshot(contact: str) -> object:
        found = real(contact)
        happens()
        return found

    monkeypatch.setattr(store, "snapshot", snapshot)


def test_a_message_that_comes_between_look_and_close_keeps_it_open(
    stage: Stage, clock: StoppedClock, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(stage)
    clock.pass_s(AFTER_H * HOUR_S + 2)
    other = make_store(valkey)
    other.now_ms = clock
    interfere(stage.store, monkeypatch, lambda: write(other, "wait!"))
    assert look(stage.store, valkey) == 0 and last_close(other) is None


def test_so_does_a_users_reply_in_a_conversation_that_is_theirs_already(
    stage: Stage, clock: StoppedClock, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(stage)
    clock.pass_s(AFTER_H * HOUR_S + 2)
    other = make_store(valkey)
    other.now_ms = clock
    known = other.snapshot(SUSAN_ID)

    def reply() -> None:
        # A message alone raises no version: the close must look at the timeline.
        assert other.commit(known, [Send(number=1, text="Still there?", sender=Sender.USER, by=BOB)]).is_done

    interfere(stage.store, monkeypatch, reply)
    assert look(stage.store, valkey) == 0 and last_close(other) is None


def test_of_two_looks_at_once_each_conversation_is_closed_by_one(
    stage: Stage, clock: StoppedClock, valkey: Valkey
) -> None:
    people = [Identity("facebook", SUSAN.account, str(7_100 + i)) for i in range(12)]
    for who in people:
        answered(stage, who=who)
    clock.pass_s(AFTER_H * HOUR_S + 2)
    workers = [make_store(valkey) for _ in range(3)]
    together, counts = threading.Barrier(len(workers)), [0] * len(workers)

    def work(i: int) -> None:
        workers[i].now_ms = clock
        workers[i].claim_auto_close = lambda: True  # type: ignore[method-assign]
        together.wait(10)
        counts[i] = close_idle(workers[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(workers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(counts) == len(people)
    for who in people:
        kinds = [entry.data["kind"] for entry, _ in stage.store.timeline(contact_id(who), 0, 100).entries]
        assert kinds.count("closed") == 1


def test_only_one_worker_looks_in_a_minute(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    other = make_store(valkey)
    other.now_ms = clock
    answered(stage)
    assert look(stage.store, valkey) == 0
    clock.pass_s(AFTER_H * HOUR_S + 2)
    assert close_idle(other) == 0 and close_idle(stage.store) == 0
    assert 0 < valkey.client().ttl(stage.store.keys.auto_close) < 60
    assert look(other, valkey) == 1


def test_a_pass_is_bounded_and_the_next_one_goes_on_where_it_stopped(
    stage: Stage, clock: StoppedClock, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auto_close, "LOOKED_AT", 4)
    people = [Identity("facebook", SUSAN.account, str(7_200 + i)) for i in range(30)]
    kept = people[::3]
    for who in people:
        write(stage.store, who=who)
        if who not in kept:  # the others' messages stay undecided: they may not be closed
            stage.turn(contact_id(who))
    clock.pass_s(AFTER_H * HOUR_S + 2)
    counts = [look(stage.store, valkey) for _ in range(20)]
    assert max(counts) <= 4 and sum(counts) == len(people) - len(kept)
    assert all(last_close(stage.store, contact_id(who)) is None for who in kept)


def test_a_place_that_makes_no_sense_means_the_beginning(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    answered(stage)
    clock.pass_s(AFTER_H * HOUR_S + 2)
    valkey.client().set(stage.store.keys.auto_close_place, "99:-5:x")
    assert look(stage.store, valkey) == 1


@pytest.mark.parametrize(("back_on", "is_on"), [("yes", True), ("no", False)])
def test_the_bot_comes_back_as_after_any_other_close(
    stage: Stage, clock: StoppedClock, valkey: Valkey, back_on: str, is_on: bool
) -> None:
    store = stage.store
    store.change_setting("bot_back_on_at_close", back_on)
    answered(stage)
    stage.fulfill(1, None, Commands(bot_status=False))
    assert store.snapshot(SUSAN_ID).contact.bot_off
    clock.pass_s(AFTER_H * HOUR_S + 2)
    assert look(store, valkey) == 1
    assert (store.snapshot(SUSAN_ID).contact.bot_off == "") is is_on


def test_a_worker_goes_on_looking_when_the_server_was_away_and_stops_when_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(auto_close, "LOOK_EVERY_S", 0.01)
    away = Store("unix:///nowhere/at/all", partitions=16, max_connections=2, timeout_s=1)
    stopping = threading.Event()
    looking = threading.Thread(target=auto_close.keep_closing, args=(away, stopping))
    looking.start()
    wait_for(lambda: caplog.text.count("auto_close.no_store") >= 2, "it has looked twice")
    stopping.set()
    looking.join(10)
    assert not looking.is_alive()
