"""A long history of several parts, read on from its beginning or from behind any of its entries."""

import random

import pytest

from domain.errors import NotFound
from store import HistoryEntry, Store
from tests.conftest import StoppedClock
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, write
from tests.turns.merge_plays import merge
from tests.turns.stage import Stage


@pytest.fixture
def long_talk(store: Store, clock: StoppedClock) -> Store:
    """Some 900 messages, of whom many came in the same millisecond, and now and then only one of two wrote for long."""
    chance = random.Random(7)
    for stretch in range(30):
        people = ((SUSAN, PETAR), (SUSAN,), (PETAR,))[stretch % 3]
        for _ in range(3):
            store.receive([message(who=chance.choice(people)) for _ in range(10)])
            clock.pass_s(chance.choice((0.001, 0.002, 60)))
    merge(Stage(store))
    write(store, "later", who=PETAR)
    return store


def walk(store: Store, limit: int) -> list[HistoryEntry]:
    page = store.history_from(SUSAN_ID, limit=limit)
    found = page.entries
    while page.has_more:
        page = store.history_from(SUSAN_ID, page.after, limit)
        found += page.entries
    return found


def test_a_long_history_is_one_whichever_way_it_is_read(long_talk: Store) -> None:
    whole = walk(long_talk, 10_000)
    assert len(whole) > 900 and len({(one.contact, one.entry.number) for one in whole}) == len(whole)
    assert walk(long_talk, 37) == walk(long_talk, 200) == whole == long_talk.history(SUSAN_ID, limit=10_000).entries
    for place in range(0, len(whole) - 5, 13):
        one = whole[place]
        assert long_talk.history_behind(SUSAN_ID, one.contact, one.entry.number, 5).entries == whole[place + 1 :][:5]
        own = [one.entry.number for one in whole[place + 1 :] if one.contact == SUSAN_ID]
        assert long_talk.own_entry_behind(SUSAN_ID, one.contact, one.entry.number) == own[0]


def test_a_part_that_was_merged_in_since_is_read_from_the_same_moment_on(store: Store, clock: StoppedClock) -> None:
    for number in range(10):
        write(store, f"{number}", who=(SUSAN, PETAR)[number % 2])
        Stage(store).turn((SUSAN_ID, PETAR_ID)[number % 2])
        clock.pass_s(1)
    page = store.history_from(SUSAN_ID, limit=6)
    assert [one.entry.text for one in page.entries if one.entry.letter == "m"] == ["0", "2", "4"]
    merge(Stage(store))
    rest = store.history_from(SUSAN_ID, page.after, 100).entries
    assert [one.entry.text for one in rest if one.entry.letter == "m"] == ["5", "6", "7", "8", "9"]


def test_one_entry_is_read_with_its_own_marks(long_talk: Store) -> None:
    whole = [one for one in walk(long_talk, 200) if one.contact == SUSAN_ID]
    assert [long_talk.history_entry(SUSAN_ID, one.entry.number) for one in whole[-3:]] == whole[-3:]
    for number in (-1, 10_000):
        with pytest.raises(NotFound):
            long_talk.history_entry(SUSAN_ID, number)


def test_what_stands_on_nobody_of_them_is_not_found(store: Store) -> None:
    write(store)
    write(store, who=PETAR)
    for contact, part in ((SUSAN_ID, PETAR_ID), ("a" * 24, "a" * 24)):
        with pytest.raises(NotFound):
            store.history_behind(contact, part, 0)
    assert store.history_from("a" * 24).entries == []


def test_what_was_committed_once_is_known_for_it(store: Store) -> None:
    for who in (SUSAN, PETAR):
        write(store, who=who)
    store.commit(store.snapshot(SUSAN_ID), [], operation="for Susan")
    assert store.carried_out({SUSAN_ID: "for Susan", PETAR_ID: "for Petar"}) == [SUSAN_ID]
    assert store.carried_out({SUSAN_ID: "another"}) == []
