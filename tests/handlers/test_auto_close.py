"""Which conversations are forgotten."""

from dataclasses import replace

import pytest

from domain.actions import Close
from domain.models import Contact, Entry, Letter, OpenConversation, Snapshot, Source
from handlers.auto_close import close_forgotten
from tests.people import SUSAN, SUSAN_ID

IDLE_SINCE_MS = 1_000_000
CONVERSATION = OpenConversation(
    number=3, first_entry=7, opened_at_ms=1, source=Source.CONTACT, channel="facebook", last_at_ms=IDLE_SINCE_MS
)
ENTRY = Entry(8, Letter.MESSAGE, {"kind": "message", "text": "hello"})
SNAPSHOT = Snapshot(contact=Contact(id=SUSAN_ID, identity=SUSAN), open=CONVERSATION, undecided=None, head=None, end=9)
CLOSES = [Close(number=3, source=Source.AUTO_CLOSE)]


@pytest.mark.parametrize(
    ("changes", "closes"),
    [
        ({}, True),
        ({"last_at_ms": IDLE_SINCE_MS + 1}, False),
        ({"waiting_since_ms": 5}, True),  # the bot had nothing to say
        ({"needs": "notify", "waiting_since_ms": 5}, False),
        ({"needs": "notify"}, True),  # a user has answered
        ({"needs": "opened_by_user", "paused": "user_replied"}, True),
    ],
)
def test_a_conversation_is_forgotten_when_nothing_happens_and_nobody_is_owed_an_answer(
    changes: dict[str, object], closes: bool
) -> None:
    snapshot = replace(SNAPSHOT, open=replace(CONVERSATION, **changes))  # type: ignore[arg-type]
    assert close_forgotten(snapshot, idle_since_ms=IDLE_SINCE_MS) == (CLOSES if closes else [])


@pytest.mark.parametrize("changes", [{"open": None}, {"undecided": ENTRY}, {"head": ENTRY}])
def test_nothing_is_closed_that_is_not_open_or_that_a_worker_is_busy_with(changes: dict[str, object]) -> None:
    assert close_forgotten(replace(SNAPSHOT, **changes), idle_since_ms=IDLE_SINCE_MS) == []  # type: ignore[arg-type]
