"""What the bot did not understand: found with its text, which is nowhere but on the timelines."""

import pytest

from domain.actions import NoteAnswer
from domain.identities import Identity
from store import Store
from store.unmatched import OF_EACH
from tests.conftest import StoppedClock
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, write


def misunderstand(store: Store, text: str, *, who: Identity = SUSAN, contact: str = SUSAN_ID) -> int:
    """Let somebody write, and the bot have no intent for it; return the entry."""
    number = write(store, text, who=who).entry
    assert number is not None
    noted = NoteAnswer(entry=number, channel=who.kind, intent="Default Fallback Intent", is_fallback=True)
    assert store.commit(store.snapshot(contact), [noted]).is_done
    return number


def texts(store: Store, **wanted: str) -> list[tuple[str, int]]:
    return [(one.text, one.count) for one in store.unmatched_messages(**wanted)]  # type: ignore[arg-type]


def test_different_texts_come_with_how_often_they_were_written_the_latest_first(
    store: Store, clock: StoppedClock
) -> None:
    for text in ("Do you ship to Malta?", "parking", "do you  ship\nto malta?"):
        number = misunderstand(store, text)
        clock.pass_s(1)
    assert texts(store) == [("do you ship to malta?", 2), ("parking", 1)]
    latest = store.unmatched_messages()[0]
    assert (latest.contact, latest.entry) == (SUSAN_ID, number)


def test_what_the_bot_understood_or_never_answered_is_not_among_them(store: Store) -> None:
    number = write(store, "hours?").entry or 0
    understood = NoteAnswer(entry=number, channel="facebook", intent="hours")
    failed = NoteAnswer(entry=number, channel="facebook", failure="timed_out")
    store.commit(store.snapshot(SUSAN_ID), [understood, failed])
    assert texts(store) == []


def test_they_can_be_those_of_one_kind_of_channel(store: Store, clock: StoppedClock) -> None:
    misunderstand(store, "from Messenger")
    clock.pass_s(1)
    misunderstand(store, "from Viber", who=PETAR, contact=PETAR_ID)
    assert texts(store) == [("from Viber", 1), ("from Messenger", 1)]
    assert texts(store, channel="viber") == [("from Viber", 1)]


def test_they_go_with_their_contact_also_when_that_writes_anew(store: Store, clock: StoppedClock) -> None:
    misunderstand(store, "a secret")
    store.delete_contact(SUSAN_ID, by=None)
    assert texts(store) == []
    clock.pass_s(1)
    write(store, "another text at the same place")
    assert texts(store) == []


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_what_has_no_words_trains_nothing(store: Store, text: str) -> None:
    misunderstand(store, text)
    assert texts(store) == []


def test_only_the_latest_are_kept_and_of_these_the_latest_are_read(store: Store, clock: StoppedClock) -> None:
    for number in range(510):
        misunderstand(store, f"text {number}")
        clock.pass_s(0.01)
    key = store.keys.unmatched(store.keys.partition(SUSAN_ID))
    assert store.connection.command(lambda client: client.zcard(key)) == 500
    found = store.unmatched_messages(limit=1000)
    assert [one.text for one in found] == [f"text {number}" for number in range(509, 509 - OF_EACH, -1)]
    assert store.unmatched_messages(limit=3) == found[:3]
