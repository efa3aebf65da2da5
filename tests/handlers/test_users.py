"""What users and the API do: open, close, write, assign; and what they are told when somebody was faster."""

from typing import Any

import pytest

from domain.actions import Assign, Close, Open, Pause, Send
from domain.errors import Conflict
from domain.models import Sender, Snapshot, Source
from handlers import users
from tests.handlers.known import conversation, snapshot
from tests.people import ALICE, BOB


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
    assert [type(action) for action in write(snapshot(conversation()))] == [Send, Pause]
    assert [type(action) for action in write(snapshot(conversation(paused="assigned")))] == [Send]


def test_the_apis_message_does_not_silence_the_bot() -> None:
    assert [type(action) for action in write(snapshot(conversation()), sender=Sender.API)] == [Send]


def test_writing_opens_only_where_it_is_told_to_and_then_writes_into_the_new_one() -> None:
    with pytest.raises(Conflict, match="open one first"):
        write(snapshot(conversations=3))
    opening, send, pause = write(snapshot(conversations=3), opens=Source.USER)
    assert isinstance(opening, Open) and (send.number, pause.number) == (4, 4)
    assert [type(action) for action in write(snapshot(conversation()), opens=Source.USER)] == [Send, Pause]


def test_a_long_text_becomes_several_messages() -> None:
    actions = write(snapshot(conversation()), "aaaa bbbb cccc dddd", sender=Sender.API)
    assert [action.text for action in actions] == ["aaaa bbbb", "cccc dddd"]


def test_assigning_silences_the_bot_and_taking_it_back_does_not() -> None:
    assign, pause = users.assign(snapshot(conversation()), BOB, number=1, by=ALICE)
    assert assign == Assign(number=1, user=BOB, by=ALICE) and isinstance(pause, Pause)
    assert users.assign(snapshot(conversation()), None, number=1) == [Assign(number=1, user=None)]
    assert len(users.assign(snapshot(conversation(paused="user_replied")), BOB, number=1)) == 1


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
