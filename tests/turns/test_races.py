"""What two processes can do to each other, each interleaving forced."""

import pytest

from domain.actions import Action
from domain.answers import Answer, BotFailure, Commands, Question
from domain.arrivals import SettleByEcho
from domain.models import Letter, OpenConversation, Sender, Source, Status
from domain.sends import SendTag
from handlers import users
from store import Store
from tests.conftest import StoppedClock
from tests.people import BOB, PETAR, PETAR_ID, SUSAN_ID, lines, message, write
from tests.turns.stage import Stage, done


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


def entries(stage: Stage, contact: str = SUSAN_ID) -> list[tuple[str, str]]:
    """Letter and text of every message on the timeline."""
    page = stage.store.timeline(contact, 0, 1000)
    return [(entry.letter, entry.text) for entry, _ in page.entries if entry.data["kind"] == "message"]


def open_number(stage: Stage) -> int | None:
    opened = stage.store.snapshot(SUSAN_ID).open
    return opened.number if opened else None


def act(stage: Stage, actions: list[Action], **options: int) -> str:
    return stage.store.commit(stage.store.snapshot(SUSAN_ID), actions, **options).status  # type: ignore[arg-type]


def test_a_message_is_asked_answered_and_sent_once(stage: Stage) -> None:
    write(stage.store, "hello")
    stage.turn()
    stage.turn()
    assert entries(stage) == [("m", "hello"), ("s", "you said hello")]
    assert stage.facebook.texts == ["you said hello"] and len(stage.bot.asked) == 1
    assert stage.bot.asked[0].session == f"{SUSAN_ID}-1"


def test_rb_markdone_closes_after_the_goodbye_and_the_next_message_opens_the_next(stage: Stage) -> None:
    stage.bot.answers["thanks"] = done("You are welcome.", "Bye!")
    write(stage.store, "thanks")
    stage.turn()
    assert stage.facebook.texts == ["You are welcome.", "Bye!"] and open_number(stage) is None
    closed = stage.store.conversation(SUSAN_ID, 1)
    assert not isinstance(closed, OpenConversation) and closed.closed_source is Source.DIALOGFLOW
    assert write(stage.store, "one more thing").opened == 2
    stage.turn()
    assert stage.bot.asked[-1].session == f"{SUSAN_ID}-2"


def test_a_late_rb_markdone_does_nothing_to_a_newer_conversation(stage: Stage) -> None:
    stage.bot.answers["bye"] = done("Bye!")

    def meanwhile(_: Question) -> None:
        snapshot = stage.store.snapshot(SUSAN_ID)
        act(stage, users.close_conversation(snapshot, source=Source.USER))
        write(stage.store, "something new")
        stage.bot.on_ask = lambda question: None

    stage.bot.on_ask = meanwhile
    write(stage.store, "bye")
    stage.turn()
    assert open_number(stage) == 2
    # The goodbye is for a conversation that somebody else closed: it is kept, not sent.
    assert ("x", "Bye!") in entries(stage) and "Bye!" not in stage.facebook.texts
    assert "you said something new" in stage.facebook.texts


def test_bye_and_wait_together_leave_the_second_in_a_conversation_of_its_own(stage: Stage) -> None:
    stage.bot.answers["bye"] = done("Bye!")
    write(stage.store, "bye")
    write(stage.store, "wait!")
    stage.turn()
    assert open_number(stage) == 2
    assert stage.facebook.texts == ["Bye!", "you said wait!"]
    assert [question.session[-1] for question in stage.bot.asked] == ["1", "2"]


def test_wait_that_comes_while_the_bot_says_bye_is_not_closed_away(stage: Stage) -> None:
    stage.bot.answers["bye"] = done("Bye!")

    def interrupt(question: Question) -> None:
        if question.text == "bye":
            write(stage.store, "wait!")

    stage.bot.on_ask = interrupt
    write(stage.store, "bye")
    stage.turn()
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened and (opened.number, opened.source, opened.incoming) == (2, Source.CONTACT, 1)
    assert stage.facebook.texts == ["Bye!", "you said wait!"]


def test_a_user_who_closes_while_the_bot_thinks_wins_and_the_answer_is_kept_unsent(stage: Stage) -> None:
    def close(_: Question) -> None:
        act(stage, users.close_conversation(stage.store.snapshot(SUSAN_ID), source=Source.USER, by=BOB))

    stage.bot.on_ask = close
    write(stage.store, "hello")
    stage.turn()
    assert entries(stage)[-1] == (Letter.NOT_SENT, "you said hello") and stage.facebook.sent == []


def test_a_user_who_replies_while_the_bot_thinks_silences_it(stage: Stage) -> None:
    def reply(_: Question) -> None:
        snapshot = stage.store.snapshot(SUSAN_ID)
        act(stage, users.write(snapshot, "I am here", sender=Sender.USER, opens=None, max_text_chars=1900, by=BOB))

    stage.bot.on_ask = reply
    write(stage.store, "hello")
    stage.turn()
    assert stage.facebook.texts == ["I am here"]
    assert ("x", "you said hello") in entries(stage)
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened and opened.paused == "user_replied" and opened.needs == "paused"
    write(stage.store, "thanks Bob")
    stage.turn()
    assert len(stage.bot.asked) == 1


def test_an_assignment_while_the_bot_thinks_silences_it(stage: Stage) -> None:
    def assign(_: Question) -> None:
        act(stage, users.assign(stage.store.snapshot(SUSAN_ID), BOB, number=1))

    stage.bot.on_ask = assign
    write(stage.store, "hello")
    stage.turn()
    assert stage.facebook.sent == [] and ("x", "you said hello") in entries(stage)


def test_a_person_who_writes_from_the_page_inbox_silences_the_answer_under_way(stage: Stage) -> None:
    def echo(_: Question) -> None:
        data = {"kind": "message", "text": "Bob here", "sender": "user", "via": "page_inbox"}
        stage.store.receive([message(letter=Letter.SENT, data=data, opens=None, external_id="m_inbox")])

    stage.bot.on_ask = echo
    write(stage.store, "hello")
    stage.turn()
    assert stage.facebook.sent == [] and entries(stage) == [("m", "hello"), ("s", "Bob here"), ("x", "you said hello")]


@pytest.mark.parametrize("fulfillment_first", [True, False])
def test_fulfillment_and_answer_of_one_turn_close_once_in_either_order(stage: Stage, fulfillment_first: bool) -> None:
    stage.bot.answers["bye"] = done("Bye!")
    if fulfillment_first:
        stage.bot.on_ask = lambda _: stage.fulfill(1, 1, Commands(mark_done=True))
    write(stage.store, "bye")
    stage.turn()
    if not fulfillment_first:
        stage.fulfill(1, 1, Commands(mark_done=True))
    assert stage.facebook.texts == ["Bye!"] and open_number(stage) is None
    assert [kind for kind, _ in lines(stage.store)].count("closed") == 1
    write(stage.store, "again")
    stage.fulfill(1, 1, Commands(mark_done=True))
    assert open_number(stage) == 2


def test_the_goodbye_of_a_turn_that_closed_itself_is_sent_also_after_a_crash(stage: Stage, clock: StoppedClock) -> None:
    stage.bot.answers["bye"] = done("Bye!")

    def call_and_die(_: Question) -> None:
        stage.fulfill(1, 1, Commands(mark_done=True))
        raise KeyboardInterrupt

    stage.bot.on_ask = call_and_die
    write(stage.store, "bye")
    with pytest.raises(KeyboardInterrupt):
        stage.turn()
    assert open_number(stage) is None
    stage.bot.on_ask = lambda _: None
    clock.pass_s(16)
    stage.turn()
    assert stage.facebook.texts == ["Bye!"] and [q.session for q in stage.bot.asked] == [f"{SUSAN_ID}-1"] * 2
    assert [kind for kind, _ in lines(stage.store)].count("closed") == 1


def test_a_turn_that_turns_the_bot_off_still_says_what_it_has_to_say(stage: Stage) -> None:
    commands = Commands(bot_status=False, notify="Susan wants a person")
    stage.bot.answers["human"] = Answer(intent="human", replies=("One moment.",), commands=commands)
    stage.bot.on_ask = lambda _: stage.fulfill(1, 1, commands)
    write(stage.store, "human")
    stage.turn()
    assert stage.facebook.texts == ["One moment."]
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened and opened.needs == "notify" and opened.waiting_since_ms is not None
    kinds = [kind for kind, _ in lines(stage.store)]
    assert kinds.count("bot_off") == 1 and kinds.count("needs_person") == 1
    stage.bot.on_ask = lambda _: None
    write(stage.store, "hello?")
    stage.turn()
    assert len(stage.bot.asked) == 1


def test_a_worker_that_loses_its_lease_while_it_asks_decides_nothing(stage: Stage, clock: StoppedClock) -> None:
    def stall(_: Question) -> None:
        stage.bot.on_ask = lambda question: None
        clock.pass_s(16)
        stage.runner().run(SUSAN_ID)

    stage.bot.on_ask = stall
    write(stage.store, "hello")
    stage.turn()
    assert entries(stage) == [("m", "hello"), ("s", "you said hello")]
    assert stage.facebook.texts == ["you said hello"]


def test_a_worker_that_loses_its_lease_while_it_sends_to_messenger_is_confirmed_by_the_echo(
    stage: Stage, clock: StoppedClock
) -> None:
    def stall(text: str, tag: str) -> None:
        stage.facebook.on_send = lambda text, tag: None
        clock.pass_s(16)
        stage.runner().run(SUSAN_ID)  # takes the turn, sees `sending`, and waits for the echo
        parsed = SendTag.parse(tag)
        assert parsed
        stage.store.receive([SettleByEcho(tag=parsed, external_id="m_echo")])

    stage.facebook.on_send = stall
    write(stage.store, "hello")
    stage.turn()
    assert stage.facebook.texts == ["you said hello"]
    assert entries(stage)[-1] == ("s", "you said hello")


def test_a_send_whose_worker_died_goes_out_once_more_when_no_echo_comes_and_no_third_time(
    stage: Stage, clock: StoppedClock
) -> None:
    def die(text: str, tag: str) -> None:
        raise KeyboardInterrupt

    stage.facebook.on_send = die
    write(stage.store, "hello")
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            stage.turn()
        clock.pass_s(16)
        stage.turn()
        assert entries(stage)[-1] == ("g", "you said hello"), "still waiting for an echo"
        clock.pass_s(61)
    stage.turn()
    page = stage.store.timeline(SUSAN_ID, -1, 1)
    assert page.entries[0][0].status is Status.UNCONFIRMED


def test_a_viber_send_whose_worker_died_is_unconfirmed_and_holds_nothing_back(
    stage: Stage, clock: StoppedClock
) -> None:
    def die(text: str, tag: str) -> None:
        stage.viber.on_send = lambda text, tag: None
        raise KeyboardInterrupt

    stage.viber.on_send = die
    write(stage.store, "hello", who=PETAR)
    with pytest.raises(KeyboardInterrupt):
        stage.turn(PETAR_ID)
    clock.pass_s(16)
    write(stage.store, "are you there?", who=PETAR)
    stage.turn(PETAR_ID)
    assert [letter for letter, _ in entries(stage, PETAR_ID)] == ["m", "u", "m", "s"]
    assert stage.viber.texts == ["you said are you there?"]


def test_when_dialogflow_fails_the_conversation_stays_open_needs_a_person_and_says_why(stage: Stage) -> None:
    stage.bot.answers["hello"] = Answer(failure=BotFailure.TIMED_OUT, failure_detail="no answer within 5.5 s")
    write(stage.store, "hello")
    stage.turn()
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened and opened.needs == "bot_failed"
    entry, _ = stage.store.timeline(SUSAN_ID, -1, 1).entries[0]
    assert (entry.data["kind"], entry.data["failure"]) == ("needs_person", "timed_out")
    write(stage.store, "still there?")
    stage.turn()
    assert stage.facebook.texts == ["you said still there?"]
