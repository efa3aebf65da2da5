"""Blocking: what waits to be sent is not, whatever was under way and wherever it stands."""

import pytest

from domain.errors import ChannelError, Outcome
from domain.models import Entry, Letter, Sender
from handlers import users
from store import Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN_ID, write
from tests.turns.merge_plays import meet, merge, work
from tests.turns.stage import Stage


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


def block(store: Store, contact: str = SUSAN_ID) -> None:
    snapshot = store.snapshot(contact)
    assert store.commit(snapshot, users.block(snapshot, is_blocked=True, by=BOB)).is_done


def reply(store: Store, *texts: str, contact: str = SUSAN_ID) -> None:
    for text in texts:
        snapshot = store.snapshot(contact)
        actions = users.write(snapshot, text, sender=Sender.USER, opens=None, max_text_chars=1900, by=BOB)
        assert store.commit(snapshot, actions).is_done


def replies(store: Store, contact: str = SUSAN_ID) -> list[Entry]:
    page = store.timeline(contact, 0, 1000)
    return [entry for entry, _ in page.entries if entry.data.get("sender") == "user"]


def letters(store: Store, contact: str = SUSAN_ID) -> list[tuple[str, str]]:
    return [(entry.letter, entry.reason) for entry in replies(store, contact)]


def test_what_waits_fails_and_nothing_is_sent(stage: Stage) -> None:
    write(stage.store)
    stage.turn()
    reply(stage.store, "one", "two")
    before = list(stage.facebook.texts)
    block(stage.store)
    stage.turn()
    assert letters(stage.store) == [(Letter.FAILED, "blocked")] * 2 and stage.facebook.texts == before


def test_what_was_under_way_and_failed_is_not_tried_again(stage: Stage, clock: StoppedClock) -> None:
    write(stage.store)
    stage.turn()
    reply(stage.store, "one")

    def blocked_meanwhile(text: str, tag: str) -> None:
        block(stage.store)
        raise ChannelError(Outcome.RETRY, "platform_error")

    stage.facebook.on_send = blocked_meanwhile
    stage.turn()
    work(stage, clock)
    assert letters(stage.store) == [(Letter.FAILED, "blocked")] and "one" not in stage.facebook.texts


def test_a_block_does_not_start_the_count_of_a_message_under_way_anew(stage: Stage) -> None:
    store = stage.store
    write(store)
    stage.turn()
    reply(store, "one", "two", "three")
    taken = store.take_turn(SUSAN_ID)
    assert taken and taken[1].head
    store.start_send(taken[0], taken[1].head.number, "nonce-one", echo_wait_ms=60_000)
    waits = store.snapshot(SUSAN_ID).contact
    block(store)
    now = store.snapshot(SUSAN_ID).contact
    assert (
        (now.wait, now.try_at_ms, now.attempts)
        == (waits.wait, waits.try_at_ms, waits.attempts)
        == ("echo", now.try_at_ms, 1)
    )


def test_an_attempt_that_nobody_knows_of_is_not_made_again(stage: Stage, clock: StoppedClock) -> None:
    store = stage.store
    write(store)
    stage.turn()
    reply(store, "one")
    taken = store.take_turn(SUSAN_ID)
    assert taken and taken[1].head
    store.start_send(taken[0], taken[1].head.number, "nonce-one", echo_wait_ms=60_000)
    block(store)
    work(stage, clock)
    assert letters(store) == [(Letter.UNCONFIRMED, "blocked")] and "one" not in stage.facebook.texts


def test_it_reaches_what_waits_on_a_contact_that_was_merged(stage: Stage, clock: StoppedClock) -> None:
    meet(stage, clock)
    reply(stage.store, "over Viber", contact=PETAR_ID)
    assert merge(stage).outcome == "merged"
    block(stage.store)
    work(stage, clock)
    assert letters(stage.store, PETAR_ID) == [(Letter.FAILED, "blocked")] and "over Viber" not in stage.viber.texts


def test_a_failed_message_of_a_part_is_sent_again_to_where_it_was_going(stage: Stage, clock: StoppedClock) -> None:
    meet(stage, clock)
    reply(stage.store, "over Viber", contact=PETAR_ID)
    stage.viber.on_send = fail
    work(stage, clock)
    stage.viber.on_send = lambda text, tag: None
    assert merge(stage).outcome == "merged"
    [failed] = replies(stage.store, PETAR_ID)
    origin = stage.store.snapshot(PETAR_ID).contact
    for _ in range(2):
        now = stage.store.snapshot(SUSAN_ID)
        stage.store.commit(now, users.retry(now, failed, by=ALICE, origin=origin))
    work(stage, clock)
    assert stage.viber.texts.count("over Viber") == 1 and "over Viber" not in stage.facebook.texts
    assert replies(stage.store)[-1].data["identity"] == str(PETAR)


def fail(text: str, tag: str) -> None:
    raise ChannelError(Outcome.PERMANENT, "refused")
