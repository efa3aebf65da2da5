"""Lists over all partitions: every item once, newest first, whatever the size of a page."""

import pytest

from domain.actions import Assign, Close
from domain.identities import Identity, contact_id
from domain.models import Source
from store import Page, Position, Store
from tests.conftest import StoppedClock
from tests.people import BOB, message


def crowd(store: Store, count: int, clock: StoppedClock, *, at_once: int = 1) -> list[str]:
    """Let `count` people write, `at_once` in the same millisecond; return their ids, newest first, ties by id."""
    found = []
    for i in range(count):
        who = Identity("facebook", "1", f"7{i:04}")
        store.receive([message(str(i), who=who)])
        found.append((clock.ms, contact_id(who)))
        if i % at_once == at_once - 1:
            clock.pass_s(0.001)
    return [contact for _, contact in sorted(found, reverse=True)]


def pages(read: "object", limit: int) -> list[list[str]]:
    """Follow the pages to their end."""
    found: list[list[str]] = []
    after: Position | None = None
    while True:
        page: Page[object] = read(limit, after)  # type: ignore[operator]
        found.append([named(item) for item in page.items])
        after = page.next
        if after is None:
            return found
        assert len(found) < 200, "the pages do not end"


def named(item: object) -> str:
    first = item[0]  # type: ignore[index]
    return first if isinstance(first, str) else str(first.id)


def flat(found: list[list[str]]) -> list[str]:
    return [one for page in found for one in page]


@pytest.mark.parametrize("limit", [1, 2, 7, 40, 41, 1000])
@pytest.mark.parametrize("at_once", [1, 40])
def test_contacts_come_newest_first_each_once(store: Store, clock: StoppedClock, limit: int, at_once: int) -> None:
    expected = crowd(store, 40, clock, at_once=at_once)
    assert flat(pages(store.contacts, limit)) == expected
    assert flat(pages(store.open_conversations, limit)) == expected


def test_the_last_page_says_that_it_is_the_last(store: Store, clock: StoppedClock) -> None:
    crowd(store, 4, clock)
    assert [len(page) for page in pages(store.contacts, 2)] == [2, 2]
    assert [len(page) for page in pages(store.contacts, 3)] == [3, 1]


def test_an_empty_store_has_one_empty_page(store: Store) -> None:
    for read in (store.contacts, store.open_conversations, store.closed_conversations):
        page = read(10)
        assert page.items == [] and page.next is None


def test_open_conversations_come_by_their_latest_activity(store: Store, clock: StoppedClock) -> None:
    contacts = crowd(store, 5, clock)
    store.receive([message("again", who=Identity("facebook", "1", "70002"))])
    again = contact_id(Identity("facebook", "1", "70002"))
    contacts.remove(again)
    assert flat(pages(store.open_conversations, 2)) == [again, *contacts]
    assert {named(item): item[1].incoming for item in store.open_conversations(10).items}[again] == 2


def test_a_closed_conversation_leaves_the_open_ones_and_is_listed_as_closed(store: Store, clock: StoppedClock) -> None:
    contacts = crowd(store, 6, clock)
    for contact in contacts[::2]:
        close = Close(number=1, source=Source.USER, by=BOB)
        assert store.commit(store.snapshot(contact), [close]).is_done
        clock.pass_s(1)
    assert flat(pages(store.open_conversations, 2)) == contacts[1::2]
    assert flat(pages(store.closed_conversations, 2)) == contacts[::2][::-1]
    [(contact, conversation)] = store.closed_conversations(1).items
    assert (contact, conversation.closed_by) == (contacts[4], BOB)


def test_every_close_of_a_contact_is_listed(store: Store, clock: StoppedClock) -> None:
    who = Identity("facebook", "1", "7")
    for number in (1, 2, 3):
        store.receive([message(who=who)])
        store.commit(store.snapshot(contact_id(who)), [Close(number=number, source=Source.USER)])
        clock.pass_s(1)
    assert [item[1].number for item in store.closed_conversations(10).items] == [3, 2, 1]


def test_what_comes_between_two_pages_is_neither_shown_twice_nor_hides_anything(
    store: Store, clock: StoppedClock
) -> None:
    expected = crowd(store, 10, clock)
    first = store.contacts(4)
    store.receive([message(who=Identity("facebook", "1", "newcomer"))])
    rest = pages(lambda limit, after: store.contacts(limit, after or first.next), 4)
    assert [named(item) for item in first.items] + flat(rest) == expected


def test_an_assignment_changes_no_order(store: Store, clock: StoppedClock) -> None:
    contacts = crowd(store, 3, clock)
    store.commit(store.snapshot(contacts[2]), [Assign(number=1, user=BOB)])
    assert flat(pages(store.open_conversations, 10)) == contacts
