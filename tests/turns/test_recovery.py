"""What a worker makes of a store that loses answers, runs full or has its clock set back, and of a stop."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from domain.actions import Action, Assign, Close, SetBot
from domain.answers import Commands, Question
from domain.errors import StoreError
from domain.models import OpenConversation, Source
from domain.users import Role
from handlers import users
from store import Store
from store.connection import Call
from tests.conftest import StoppedClock
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, take, welcome, write
from tests.servers import Valkey
from tests.turns.stage import Stage, done, payload
from turns.accounts import Accounts
from turns.turn import TurnRunner


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


def lose_answers(store: Store, script: str, count: int) -> None:
    """Let the next `count` runs of a script be carried out and their answers get lost."""
    run = store.connection.run
    left = [count]

    def lossy(call: Call) -> list[Any]:
        answer = run(call)
        if call.script.name == script and left[0]:
            left[0] -= 1
            raise StoreError("the answer was lost")
        return answer

    store.connection.run = lossy  # type: ignore[method-assign]


@pytest.mark.parametrize("script", ["start_send", "settle_send", "commit"])
def test_a_lost_answer_of_the_store_neither_loses_nor_doubles_a_reply(stage: Stage, script: str) -> None:
    write(stage.store, "hello", who=PETAR)
    lose_answers(stage.store, script, 2)
    stage.turn(PETAR_ID)
    stage.turn(PETAR_ID)
    assert stage.viber.texts == ["you said hello"]
    letters = [entry.letter for entry, _ in stage.store.timeline(PETAR_ID, 0, 100).entries]
    assert letters[-1] == "s"


@pytest.fixture
def full_valkey(valkey: Valkey) -> Iterator[Valkey]:
    yield valkey
    valkey.client().config_set("maxmemory", 0)


def test_what_was_sent_is_recorded_also_when_memory_is_full(stage: Stage, full_valkey: Valkey) -> None:
    def fill(text: str, tag: str) -> None:
        full_valkey.client().config_set("maxmemory", 1)

    stage.viber.on_send = fill
    write(stage.store, "hello", who=PETAR)
    stage.turn(PETAR_ID)
    snapshot = stage.store.snapshot(PETAR_ID)
    assert snapshot.head is None and stage.viber.texts == ["you said hello"]
    with pytest.raises(StoreError):
        write(stage.store, "one more", who=PETAR)


def test_a_lease_that_a_fast_clock_gave_ends_with_the_next_message(stage: Stage, clock: StoppedClock) -> None:
    write(stage.store, "hello")
    clock.pass_s(3600)
    take(stage.store)
    clock.pass_s(-3600)
    write(stage.store, "are you there?")
    stage.turn()
    assert stage.facebook.texts == ["you said hello", "you said are you there?"]


def test_a_worker_that_is_stopped_gives_its_turn_back_before_the_next_entry(stage: Stage) -> None:
    stopping = threading.Event()
    stage.bot.on_ask = lambda _: stopping.set()
    channels = {SUSAN.channel: stage.facebook}
    runner = TurnRunner(stage.store, Accounts(stage.store, channels), stage.bot, payload, stopping)
    for text in ("one", "two", "three"):
        write(stage.store, text)
    runner.run(SUSAN_ID)
    assert len(stage.bot.asked) == 1 and stage.facebook.sent == []
    stage.turn()
    assert stage.facebook.texts == ["you said one", "you said two", "you said three"]


def test_an_answer_asked_in_one_conversation_does_not_close_the_next(stage: Stage) -> None:
    """Somebody else's fulfillment call closes #1 while the bot thinks, and the message moves to #2 with its sender."""
    stage.bot.answers["bye"] = done("Bye!")
    stage.bot.on_ask = lambda _: stage.fulfill(1, None, Commands(mark_done=True), "foreign")
    write(stage.store, "bye")
    stage.turn()
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened and opened.number == 2


def test_a_welcome_that_opens_nothing_is_not_answered_when_a_user_closed_its_conversation(stage: Stage) -> None:
    write(stage.store, "hello")
    stage.turn()
    stage.store.receive([welcome(opens=False)])
    snapshot = stage.store.snapshot(SUSAN_ID)
    stage.store.commit(snapshot, users.close_conversation(snapshot, source=Source.USER))
    stage.turn()
    assert [question.event for question in stage.bot.asked] == [""]
    stage.store.receive([welcome(opens=False)])
    stage.turn()
    assert stage.bot.asked[-1].event == "FACEBOOK_WELCOME"


def test_switching_the_bot_off_and_on_forgets_nobody_who_waits_for_a_person(stage: Stage) -> None:
    write(stage.store, "hello")
    stage.turn()
    stage.fulfill(1, 1, Commands(notify="Susan wants a person"))
    for is_on in (False, True):
        stage.fulfill(1, 1, Commands(bot_status=is_on))
    opened = stage.store.snapshot(SUSAN_ID).open
    assert isinstance(opened, OpenConversation) and opened.needs == "notify"


def test_a_question_is_asked_in_the_session_of_its_conversation(stage: Stage) -> None:
    sessions: list[str] = []

    def note(question: Question) -> None:
        sessions.append(question.session)

    stage.bot.on_ask = note
    stage.store.receive([message("one"), message("two")])
    stage.turn()
    assert sessions == [f"{SUSAN_ID}-1"] * 2


def test_a_foreign_close_does_not_bring_back_messages_that_a_user_closed_away(stage: Stage) -> None:
    for text in ("one", "two"):
        write(stage.store, text)
    for actions in (users.close_conversation, users.open_conversation):
        snapshot = stage.store.snapshot(SUSAN_ID)
        assert stage.store.commit(snapshot, actions(snapshot, source=Source.USER)).is_done
    stage.fulfill(2, None, Commands(mark_done=True), "foreign")
    assert stage.store.snapshot(SUSAN_ID).open is None
    assert [one.incoming for one in stage.store.conversations(SUSAN_ID)] == [0, 2]


def test_what_a_user_had_who_was_deactivated_is_nobodys_from_the_next_message_on(stage: Stage) -> None:
    store = stage.store
    user, _ = store.add_user("ann@example.com", Role.AGENT)
    write(store)
    stage.turn()
    closes: list[Action] = [Assign(number=1, user=user.card), Close(number=1, source=Source.USER)]
    assert store.commit(store.snapshot(SUSAN_ID), closes, keeps_assignee=True).is_done
    store.change_user(user.id, lambda known: replace(known, is_active=False), what="user.deactivated", by=None)
    store.commit(store.snapshot(SUSAN_ID), [SetBot(number=0, is_on=False, source=Source.USER)])
    write(store)
    kept = store.snapshot(SUSAN_ID).open
    assert kept and (kept.number, (kept.assignee or {}).get("id")) == (2, user.id)
    restricted, link = store.add_user("bea@example.com", Role.AGENT, is_restricted=True)
    store.use_link(store.find_link(link), name="Bea", password_hash="none")
    stage.turn()
    taken = store.snapshot(SUSAN_ID).open
    assert taken and taken.assignee is None
    # It waits for a person, whom agents who see only what is theirs or nobody's may be.
    assert [notice.contact.id for notice in store.notices(restricted.id)] == [SUSAN_ID]
