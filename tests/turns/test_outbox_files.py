"""Sending files, and sending to one of several identities."""

from typing import Any

import pytest

from domain.actions import Pause, Send
from domain.identities import Identity
from domain.models import Contact, Entry, Letter, Sender
from store import Store
from tests.conftest import StoppedClock
from tests.people import PETAR, SUSAN, SUSAN_ID, write
from tests.turns.outbox_plays import AMBIGUOUS, PAGE_RESTS, PERMANENT, RETRY, fail, say, statuses
from tests.turns.stage import Stage
from turns.outbox import goes_to

CAKE = {"url": "https://markdone.example.com/files/a/b/cake.png", "name": "cake.png", "kind": "image", "size": 1234}
OTHER = Identity("facebook", SUSAN.account, "7000000000000999")


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


def send(stage: Stage, *, text: str = "", file: dict[str, Any] | None = None, to: Identity | None = None) -> None:
    if not stage.store.contacts(1).items:
        write(stage.store)
    snapshot = stage.store.snapshot(SUSAN_ID)
    assert snapshot.open
    number = snapshot.open.number
    action = Send(number=number, text=text, file=file, to=to, sender=Sender.USER)
    assert stage.store.commit(snapshot, [Pause(number=number, reason="user_replied"), action]).is_done


def test_a_file_and_the_texts_around_it_go_out_in_order(stage: Stage) -> None:
    say(stage, "here it is")
    send(stage, file=CAKE)
    say(stage, "do you like it?")
    stage.turn()
    assert stage.facebook.texts == ["here it is", "cake.png", "do you like it?"]
    assert stage.facebook.files == [(CAKE["url"], "cake.png", "image", 1234)]
    assert [status for _, status, _ in statuses(stage)] == ["sent"] * 3
    assert stage.store.next_due_ms() is None


def test_a_file_that_fails_for_good_lets_the_next_message_go(stage: Stage) -> None:
    stage.facebook.on_send = fail(PERMANENT)
    send(stage, file=CAKE)
    say(stage, "did it arrive?")
    stage.turn()
    assert statuses(stage) == [("", "failed", "window_closed"), ("did it arrive?", "sent", "")]


def test_a_file_is_tried_again_as_a_file(stage: Stage, clock: StoppedClock) -> None:
    stage.facebook.on_send = fail(RETRY)
    send(stage, file=CAKE)
    stage.turn()
    assert stage.facebook.files == []
    clock.pass_s(2)
    stage.turn()
    assert len(stage.facebook.files) == 1


def test_a_file_of_which_nobody_knows_waits_for_its_echo_and_goes_out_twice_at_most(
    stage: Stage, clock: StoppedClock
) -> None:
    calls: list[str] = []

    def lose(text: str, tag: str) -> None:
        calls.append(tag)
        raise AMBIGUOUS

    stage.facebook.on_send = lose
    send(stage, file=CAKE)
    for _ in range(4):
        stage.turn()
        clock.pass_s(61)
    assert len(calls) == len(set(calls)) == 2
    assert statuses(stage) == [("", "unconfirmed", "no_answer")]


def test_a_broken_file_on_the_timeline_holds_nobody_up(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    send(stage, file={"url": "https://s3cret.example.com"})
    stage.turn()
    assert [status for _, status, _ in statuses(stage)] == ["sending"]
    assert "send.broke" in caplog.text and "s3cret" not in caplog.text


def test_a_message_goes_to_the_identity_that_it_names(stage: Stage) -> None:
    send(stage, text="to the other", to=OTHER)
    send(stage, text="to the contact's own")
    stage.turn()
    assert stage.facebook.sent_to == [OTHER, SUSAN]


def test_a_message_to_another_channel_rests_with_that_one(stage: Stage) -> None:
    stage.viber.on_send = fail(PAGE_RESTS)
    send(stage, text="on viber", to=PETAR)
    stage.turn()
    assert stage.store.rest_left_ms(PETAR.channel) > 0
    assert stage.store.rest_left_ms(SUSAN.channel) == 0
    assert stage.viber.sent == [] and stage.facebook.sent == []


def test_without_a_name_it_goes_to_the_contacts_own_identity_whatever_was_used_since() -> None:
    merged = Contact(id=SUSAN_ID, identity=SUSAN, other_identities=(PETAR,), reply_identity=PETAR)
    assert goes_to(merged, Entry(1, Letter.PENDING, {"text": "hi"})) == SUSAN
    assert goes_to(merged, Entry(1, Letter.PENDING, {"text": "hi", "identity": str(PETAR)})) == PETAR
