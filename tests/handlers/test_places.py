"""Where an entry stands, now that something may have changed since it came."""

import pytest

from domain.models import Entry, Letter, Snapshot
from handlers.places import Place, Where, place_of
from tests.handlers.known import conversation, entry, snapshot

SECOND = conversation(number=2, first_entry=5)


@pytest.mark.parametrize(
    ("known", "at", "where", "number"),
    [
        (snapshot(conversation()), entry(number=0), Where.OPEN, 1),
        (snapshot(conversation()), entry(number=9), Where.OPEN, 1),
        (snapshot(SECOND, conversations=2), entry(number=5), Where.OPEN, 2),
        (snapshot(SECOND, conversations=2), entry(number=4), Where.CLOSED_BY_OTHERS, 1),
        (
            snapshot(SECOND, conversations=2, closed_entry=4, closed_number=1),
            entry(number=4),
            Where.CLOSED_BY_ITSELF,
            1,
        ),
        (
            snapshot(SECOND, conversations=2, closed_entry=4, closed_number=1),
            entry(number=3),
            Where.CLOSED_BY_OTHERS,
            1,
        ),
        (snapshot(conversations=3), entry(), Where.CLOSED_BY_OTHERS, 3),
        (snapshot(conversations=3, closed_entry=1, closed_number=3), entry(number=1), Where.CLOSED_BY_ITSELF, 3),
        (snapshot(conversations=0), entry(letter=Letter.WELCOME), Where.OUTSIDE, 0),
        (snapshot(SECOND, conversations=2), entry(number=4, letter=Letter.WELCOME), Where.OUTSIDE, 0),
        (snapshot(conversation()), entry(letter=Letter.WELCOME), Where.OPEN, 1),
        (snapshot(), entry(letter=Letter.WELCOME_OPENING), Where.CLOSED_BY_OTHERS, 1),
    ],
)
def test_an_entry_stands_where_its_conversation_is(known: Snapshot, at: Entry, where: Where, number: int) -> None:
    assert place_of(known, at) == Place(where, number)
