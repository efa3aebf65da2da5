"""What users and the API do: open, close, write, assign; and what they are told when somebody was faster."""

from typing import Any

import pytest

from domain.actions import Assign, Block, Close, NoteLine, Notify, Open, Pause, Send, SetBot
from domain.errors import BadPayload, Conflict
from domain.identities import Identity
from domain.models import AssignmentSource, Entry, Letter, Sender, Snapshot, Source
from handlers import users
from tests.handlers.known import conversation, snapshot
from tests.people import ALICE, BOB, PETAR, SUSAN_ID


def kinds(actions: list[Any]) -> list[type]:
    return [type(action) for action in actions]


def write(known: Snapshot, text: str = "hi", **changes: Any) -> list[Any]:
    options: dict[str, Any] = {"sender": Sender.USER, "opens": None, "max_text_chars": 10, "by": BOB, **changes}
    return users.write(known, text, **options)


def test_opening_says_who_and_where() -> None:
    [opening] = users.open_conversation(snapshot(), source=Source.USER, by=ALICE)
    assert opening == Open(source=Source.USER, channel="facebook", by=ALICE)


def test_opening_what_is_open_does_nothing() -> None:
    assert users.open_conversation(snapshot(conversation()), source=Source.API) == []


def test_closing_names_the_conversation_that_is_open() -> None:
    known = snapshot(conversation(number=4))
    [close] = users.close_conversation(known, source=Source.USER, by=BOB, number=4, category="Sold", summary="ok")
    assert close == Close(number=4, source=Source.USER, by=BOB, category="Sold", summary="ok")
    assert isinstance(users.close_conversation(known, source=Source.API)[0], Close)


@pytest.mark.parametrize("number", [None, 1, 7])
def test_closing_what_is_closed_does_nothing(number: int | None) -> None:
    assert users.close_conversation(snapshot(), source=Source.API, number=number) == []


def test_closing_on_a_page_that_shows_an_older_conversation_is_a_conflict() -> None:
    with pytest.raises(Conflict, match="#2 is open now"):
        users.close_conversation(snapshot(conversation(number=2)), source=Source.USER, number=1)


def test_a_users_message_silences_the_bot_once() -> None:
    assert kinds(write(snapshot(conversation(assignee=ALICE)))) == [Send, Pause]
    assert kinds(write(snapshot(conversation(assignee=ALICE, paused="assigned")))) == [Send]
    assert kinds(write(snapshot(conversation(assignee=ALICE)), pauses_bot=False)) == [Send]


def test_the_apis_message_neither_silences_the_bot_nor_assigns() -> None:
    assert kinds(write(snapshot(conversation()), sender=Sender.API, by=None)) == [Send]


def test_whoever_replies_first_gets_what_nobody_has() -> None:
    _, assign, _ = write(snapshot(conversation()))
    assert assign == Assign(number=1, user=BOB, by=BOB)
    assert kinds(write(snapshot(conversation(assignee=BOB)))) == [Send, Pause]


def test_writing_opens_only_where_it_is_told_to_and_then_writes_into_the_new_one() -> None:
    with pytest.raises(Conflict, match="open one first"):
        write(snapshot(conversations=3))
    opening, send, assign, pause = write(snapshot(conversations=3), opens=Source.USER)
    assert isinstance(opening, Open) and (send.number, assign.number, pause.number) == (4, 4, 4)
    assert kinds(write(snapshot(conversation(assignee=BOB)), opens=Source.USER)) == [Send, Pause]


def test_what_is_opened_by_writing_stays_with_whoever_keeps_the_contact() -> None:
    assert kinds(write(snapshot(has_next_assignee=True), opens=Source.USER)) == [Open, Send, Pause]


def test_files_go_out_behind_the_text_each_as_a_message_where_the_contact_wrote_from_last() -> None:
    other = Identity("facebook", "2", "77")
    file = {"url": "https://example.com/f", "name": "f", "kind": "image", "size": 3}
    first, second = write(snapshot(conversation(), reply_identity=other), files=[file], sender=Sender.API, by=None)
    assert (first.text, first.file, second.text, second.file) == ("hi", None, "", file)
    assert first.to == second.to == other
    assert [action.file for action in write(snapshot(conversation()), "", files=[file], sender=Sender.API)] == [file]


def test_a_long_text_becomes_several_messages() -> None:
    actions = write(snapshot(conversation()), "aaaa bbbb cccc dddd", sender=Sender.API)
    assert [action.text for action in actions] == ["aaaa bbbb", "cccc dddd"]


def test_assigning_silences_the_bot_and_taking_it_back_does_not() -> None:
    assign, told, pause = users.assign(snapshot(conversation()), BOB, number=1, by=ALICE)
    assert assign == Assign(number=1, user=BOB, source=AssignmentSource.USER, by=ALICE) and isinstance(pause, Pause)
    assert told == Notify(number=1, users=(BOB["id"],), kind="assigned", by=ALICE)
    assert users.assign(snapshot(conversation(assignee=BOB)), None, number=1) == [
        Assign(number=1, user=None, source=AssignmentSource.API)
    ], "nobody does it: the API"
    assert kinds(users.assign(snapshot(conversation(paused="user_replied")), BOB, number=1)) == [Assign, Notify]
    assert kinds(users.assign(snapshot(conversation()), BOB, number=1, pauses_bot=False)) == [Assign, Notify]


def test_whoever_takes_a_conversation_is_not_told_of_it() -> None:
    assert kinds(users.assign(snapshot(conversation()), BOB, number=1, by=BOB)) == [Assign, Pause]


@pytest.mark.parametrize("user", [None, BOB])
def test_assigning_as_it_is_already_does_nothing(user: Any) -> None:
    assert users.assign(snapshot(conversation(assignee=user)), user, number=1, by=ALICE) == []


@pytest.mark.parametrize("known", [snapshot(), snapshot(conversation(number=2))])
def test_assigning_what_is_not_open_is_a_conflict(known: Snapshot) -> None:
    with pytest.raises(Conflict, match="#1 is not open"):
        users.assign(known, BOB, number=1)


def test_a_blocked_contact_is_neither_opened_nor_written_to() -> None:
    for known in (snapshot(is_blocked=True), snapshot(conversation(), is_blocked=True)):
        with pytest.raises(Conflict, match="blocked"):
            users.open_conversation(known, source=Source.USER)
        with pytest.raises(Conflict, match="blocked"):
            write(known, opens=Source.USER)


# -- Comments


def test_a_comment_is_a_line_that_tells_those_it_mentions_once() -> None:
    line, told = users.comment(snapshot(conversation()), " look \n", by=ALICE, mentioned=["u2", "u3", "u2"])
    assert line == NoteLine(number=1, kind="comment", details={"text": "look", "by": ALICE, "mentioned": ["u2", "u3"]})
    assert told == Notify(number=1, users=("u2", "u3"), kind="mentioned", by=ALICE)


def test_a_comment_that_mentions_nobody_tells_nobody_and_needs_no_open_conversation() -> None:
    [line] = users.comment(snapshot(), "x", by=None)
    assert isinstance(line, NoteLine) and line.number == 0 and line.details["mentioned"] is None


@pytest.mark.parametrize("text", ["", " \n", "x" * 2001])
def test_a_comment_that_is_empty_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(BadPayload, match="1 to 2000"):
        users.comment(snapshot(), text, by=ALICE)


def test_a_comment_tells_only_so_many() -> None:
    _, told = users.comment(snapshot(), "x", by=ALICE, mentioned=[f"u{number}" for number in range(99)])
    assert isinstance(told, Notify) and len(told.users) == users.MOST_MENTIONS


# -- The bot, and blocking


def test_the_bot_is_switched_only_where_that_changes_something() -> None:
    [off] = users.set_bot(snapshot(conversation()), is_on=False, by=ALICE)
    assert off == SetBot(number=1, is_on=False, source=Source.USER, by=ALICE)
    [on] = users.set_bot(snapshot(bot_off="-"), is_on=True, by=None)
    assert on == SetBot(number=0, is_on=True, source=Source.API)
    assert users.set_bot(snapshot(bot_off="12"), is_on=False, by=ALICE) == []
    assert users.set_bot(snapshot(), is_on=True, by=ALICE) == []


def test_blocking_ends_the_open_conversation_first() -> None:
    close, block = users.block(snapshot(conversation(number=3)), is_blocked=True, by=ALICE)
    assert close == Close(number=3, source=Source.USER, by=ALICE) and block == Block(is_blocked=True, by=ALICE)
    assert users.block(snapshot(), is_blocked=True, by=None) == [Block(is_blocked=True)]
    assert users.block(snapshot(is_blocked=True), is_blocked=False, by=None) == [Block(is_blocked=False)]


@pytest.mark.parametrize("is_blocked", [True, False])
def test_blocking_as_it_is_already_does_nothing(is_blocked: bool) -> None:
    assert users.block(snapshot(is_blocked=is_blocked), is_blocked=is_blocked, by=ALICE) == []


# -- Sending once more


def failed(letter: Letter = Letter.FAILED, **data: Any) -> Entry:
    return Entry(7, letter, {"kind": "message", "at": 1, "text": "hi", "sender": "bot", **data})


@pytest.mark.parametrize("letter", [Letter.FAILED, Letter.UNCONFIRMED])
def test_what_failed_or_nobody_knows_of_is_sent_again_once_as_it_was(letter: Letter) -> None:
    file = {"url": "https://example.com/f"}
    entry = failed(letter, file=file, identity=str(PETAR))
    [send] = users.retry(snapshot(conversation(number=2)), entry, by=ALICE)
    assert isinstance(send, Send) and (send.number, send.text, send.sender, send.by) == (2, "hi", Sender.BOT, ALICE)
    assert (send.file, send.to, send.details) == (file, PETAR, {"retry_of": 7})
    assert send.effect == f"retry {SUSAN_ID} 0 7"


@pytest.mark.parametrize("letter", sorted(set(Letter) - {Letter.FAILED, Letter.UNCONFIRMED}))
def test_nothing_else_can_be_sent_again(letter: Letter) -> None:
    with pytest.raises(Conflict, match="can be sent again"):
        users.retry(snapshot(conversation()), failed(letter), by=ALICE)


def test_nothing_is_sent_again_to_whoever_is_blocked_or_was_merged() -> None:
    for known in (snapshot(is_blocked=True), snapshot(merged_into="x")):
        with pytest.raises(Conflict, match=r"blocked|merged"):
            users.retry(known, failed(), by=ALICE)
