"""What is done about an entry: whether the bot is asked, with what, and what its answer leads to."""

from typing import Any

import pytest

from domain.actions import Action, Close, NeedPerson, NoteAnswer, NoteLine, NoteNotSent, Open, Send, SetBot
from domain.answers import Answer, BotFailure, Commands
from domain.models import Letter, Sender, Source
from handlers.messages import AskBot, decide, decide_answer
from tests.handlers.known import conversation, entry, snapshot
from tests.people import PETAR, SUSAN_ID

WELCOMES = [Letter.WELCOME, Letter.WELCOME_OPENING]


def answered(known: Any, asked: AskBot, answer: Answer, *, limit: int = 1900) -> list[Action]:
    """What an answer leads to, beside that it is counted."""
    actions = decide_answer(known, asked, answer, max_text_chars=limit)
    return [action for action in actions if not isinstance(action, NoteAnswer)]


# -- Asking


def test_a_message_is_asked_with_its_text() -> None:
    message = entry("  opening hours? ")
    assert decide(snapshot(conversation()), message, has_bot=True) == AskBot(message, 1, text="opening hours?")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"kind": "postback", "text": "Menu", "payload": "SHOW_MENU"}, "SHOW_MENU"),
        ({"kind": "postback", "text": "Menu"}, "Menu"),
        ({"text": "Yes", "payload": "YES_PAYLOAD"}, "Yes"),
        ({"text": "", "payload": "YES_PAYLOAD"}, "YES_PAYLOAD"),
        ({"text": "look", "attachments": [{"kind": "image"}]}, "look"),
    ],
)
def test_buttons_and_quick_replies_are_asked_with_what_they_stand_for(data: dict[str, Any], text: str) -> None:
    decision = decide(snapshot(conversation()), entry(**data), has_bot=True)
    assert isinstance(decision, AskBot) and (decision.text, decision.event) == (text, "")


@pytest.mark.parametrize("letter", WELCOMES)
@pytest.mark.parametrize(("changes", "event"), [({}, "FACEBOOK_WELCOME"), ({"identity": PETAR}, "VIBER_WELCOME")])
def test_a_welcome_is_asked_as_its_channels_event(letter: Letter, changes: dict[str, Any], event: str) -> None:
    welcome = entry("Get Started", letter=letter)
    decision = decide(snapshot(conversation(), **changes), welcome, has_bot=True)
    assert decision == AskBot(welcome, 1, event=event)


def test_a_welcome_outside_of_any_conversation_is_asked_outside_of_any() -> None:
    decision = decide(snapshot(conversations=3), entry(letter=Letter.WELCOME), has_bot=True)
    assert isinstance(decision, AskBot) and decision.number == 0


@pytest.mark.parametrize("kinds", [["image"], ["file", "sticker"], ["location"], ["something_new"]])
def test_attachments_without_words_need_a_person(kinds: list[str]) -> None:
    message = entry("", attachments=[{"kind": kind} for kind in kinds])
    assert decide(snapshot(conversation()), message, has_bot=True) == [NeedPerson(number=1, reason="attachment")]


@pytest.mark.parametrize("data", [{"text": "", "attachments": [{"kind": "sticker"}]}, {"text": ""}, {"text": "  \n "}])
def test_what_says_nothing_is_left_at_that(data: dict[str, Any]) -> None:
    assert decide(snapshot(conversation()), entry(**data), has_bot=True) == []


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (snapshot(conversation(), bot_off="-"), "bot_off"),
        (snapshot(conversation(), bot_off="0"), "bot_off"),
        (snapshot(conversation(paused="user_replied")), "paused"),
        (snapshot(conversation(), is_blocked=True), "blocked"),
    ],
)
def test_a_bot_that_is_silent_is_not_asked_and_a_person_is_needed(known: Any, reason: str) -> None:
    assert decide(known, entry(), has_bot=True) == [NeedPerson(number=1, reason=reason)]


def test_a_conversation_that_needs_a_person_already_is_not_told_again() -> None:
    known = snapshot(conversation(needs="paused", paused="assigned"))
    assert decide(known, entry(), has_bot=True) == [] and decide(known, entry(), has_bot=False) == []


def test_an_entry_whose_conversation_somebody_else_closed_is_decided_without_asking() -> None:
    assert decide(snapshot(), entry(), has_bot=True) == []
    assert decide(snapshot(conversation(number=2, first_entry=5)), entry(), has_bot=True) == []


def test_without_an_agent_a_message_needs_a_person_and_a_welcome_does_not() -> None:
    known = snapshot(conversation())
    assert decide(known, entry(), has_bot=False) == [NeedPerson(number=1, reason="no_bot")]
    assert decide(known, entry(letter=Letter.WELCOME_OPENING), has_bot=False) == []


@pytest.mark.parametrize("known", [snapshot(closed_entry=1, closed_number=1), snapshot(conversation(), bot_off="1")])
def test_what_the_entrys_own_turn_did_does_not_keep_it_from_being_asked_again(known: Any) -> None:
    decision = decide(known, entry(), has_bot=True)
    assert isinstance(decision, AskBot) and decision.number == 1


# -- Answering


ASKED = AskBot(entry(), 1, text="hello")


def test_replies_go_out_in_order_and_the_first_shows_what_the_bot_thought() -> None:
    answer = Answer(intent="greet", confidence=0.8765, replies=("one", "two"), latency_ms=120)
    first, second = answered(snapshot(conversation()), ASKED, answer)
    assert isinstance(first, Send) and isinstance(second, Send)
    assert (first.text, first.number, first.sender) == ("one", 1, Sender.BOT)
    assert first.details["bot"] == {"intent": "greet", "confidence": 0.88, "latency_ms": 120}
    assert (second.text, second.details) == ("two", {})


def test_a_long_reply_becomes_several_messages_and_an_empty_one_none() -> None:
    answer = Answer(replies=("", "  ", "aaa bbb ccc", "d"))
    sends = answered(snapshot(conversation()), ASKED, answer, limit=7)
    assert [send.text for send in sends if isinstance(send, Send)] == ["aaa bbb", "ccc", "d"]


def test_an_answer_without_replies_leaves_a_line() -> None:
    [line] = answered(snapshot(conversation()), ASKED, Answer(intent="silent"))
    assert line == NoteLine(number=1, kind="bot", details={"bot": {"intent": "silent"}})


def test_mark_done_closes_after_the_replies_what_belongs_to_the_entry() -> None:
    answer = Answer(replies=("Bye!",), commands=Commands(mark_done=True))
    send, close = answered(snapshot(conversation()), ASKED, answer)
    assert isinstance(send, Send) and isinstance(close, Close)
    assert (close.number, close.source, close.entry, close.later_from) == (1, Source.DIALOGFLOW, 1, 2)
    assert close.effect == f"{SUSAN_ID}-1 0 1 RB_MARKDONE True"


def test_botstatus_and_notify_come_before_the_replies() -> None:
    answer = Answer(replies=("One moment.",), commands=Commands(bot_status=False, notify="help"))
    kinds = [type(action) for action in answered(snapshot(conversation()), ASKED, answer)]
    assert kinds == [SetBot, NeedPerson, Send]


@pytest.mark.parametrize("known", [snapshot(conversation()), snapshot(closed_entry=1, closed_number=1)])
def test_mark_done_false_opens_nothing_for_a_turn_that_has_a_conversation(known: Any) -> None:
    answer = Answer(replies=("Hm?",), commands=Commands(mark_done=False))
    assert [type(action) for action in answered(known, ASKED, answer)] == [Send]


def test_mark_done_false_opens_for_a_turn_outside_of_any() -> None:
    asked = AskBot(entry(letter=Letter.WELCOME), 0, event="FACEBOOK_WELCOME")
    answer = Answer(replies=("Welcome!",), commands=Commands(mark_done=False))
    send, opening = answered(snapshot(), asked, answer)
    assert isinstance(send, Send) and send.number == 0
    assert isinstance(opening, Open) and opening.source is Source.DIALOGFLOW and opening.effect


def test_mark_done_true_outside_of_any_conversation_closes_nothing() -> None:
    asked = AskBot(entry(letter=Letter.WELCOME), 0, event="FACEBOOK_WELCOME")
    answer = Answer(replies=("Welcome!",), commands=Commands(mark_done=True))
    assert [type(action) for action in answered(snapshot(), asked, answer)] == [Send]


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (snapshot(), "closed"),
        (snapshot(conversation(number=2, first_entry=5)), "closed"),
        (snapshot(conversation(paused="user_replied")), "paused"),
        (snapshot(conversation(), bot_off="-"), "bot_off"),
        (snapshot(conversation(), is_blocked=True), "blocked"),
    ],
)
def test_an_answer_that_comes_after_somebody_took_over_is_kept_and_does_nothing(known: Any, reason: str) -> None:
    commands = Commands(mark_done=True, bot_status=False, notify="help")
    [note] = answered(known, ASKED, Answer(intent="bye", replies=("one", "two"), commands=commands))
    assert isinstance(note, NoteNotSent)
    assert (note.number, note.text, note.reason, note.details) == (1, "one\ntwo", reason, {"bot": {"intent": "bye"}})


@pytest.mark.parametrize("known", [snapshot(closed_entry=1, closed_number=1), snapshot(conversation(), bot_off="1")])
def test_what_the_turn_itself_did_never_withholds_its_replies(known: Any) -> None:
    commands = Commands(mark_done=True, bot_status=False)
    actions = answered(known, ASKED, Answer(replies=("Bye!",), commands=commands))
    assert [action.text for action in actions if isinstance(action, Send)] == ["Bye!"]


@pytest.mark.parametrize("failure", list(BotFailure))
def test_a_bot_that_fails_leaves_the_conversation_open_and_asks_for_a_person(failure: BotFailure) -> None:
    [need] = answered(snapshot(conversation()), ASKED, Answer(failure=failure, failure_detail="why " * 100))
    assert isinstance(need, NeedPerson) and (need.number, need.reason) == (1, "bot_failed")
    assert need.details["failure"] == failure and len(need.details["detail"]) == 200


@pytest.mark.parametrize("known", [snapshot(), snapshot(conversation(paused="assigned"))])
def test_a_bot_that_fails_where_nobody_waits_for_it_leaves_a_line(known: Any) -> None:
    [line] = answered(known, ASKED, Answer(failure=BotFailure.TIMED_OUT))
    assert isinstance(line, NoteLine) and line.kind == "bot_failed"


@pytest.mark.parametrize(("is_subscribed", "kind"), [(True, Send), (False, NoteNotSent), (None, NoteNotSent)])
def test_only_the_first_reply_to_a_viber_welcome_fits_the_answer(is_subscribed: bool | None, kind: type) -> None:
    welcome = AskBot(entry(letter=Letter.WELCOME_OPENING, token="4912"), 1, event="VIBER_WELCOME")
    known = snapshot(conversation(), identity=PETAR, is_subscribed=is_subscribed)
    first, second = answered(known, welcome, Answer(replies=("Hi!", "How can I help?")))
    assert isinstance(first, Send) and first.welcome_token == "4912"
    assert isinstance(second, kind) and getattr(second, "welcome_token", "") == ""
