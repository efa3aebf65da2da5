"""What is loaded to be measured is what the platform itself would have written."""

from bench import crowd, people
from domain.inbox import InboxQuery, View
from domain.models import Letter
from domain.users import Role
from store import Store
from tests.servers import Valkey
from tests.store.inbox_world import OWNER, naive, shown

CONTACTS = 120


def ignore(_line: str) -> None:
    """Nobody reads here how far it is."""


def test_every_contact_reads_back_as_if_it_had_written_and_been_answered(store: Store, valkey: Valkey) -> None:
    filled = crowd.fill(store, CONTACTS, ignore)
    whole = 0
    for contact in filled.ids:
        snapshot, page = store.snapshot(contact), store.timeline(contact, 0, 1000)
        opened = snapshot.open
        assert opened and (snapshot.undecided, snapshot.head, snapshot.end) == (None, None, page.end)
        letters = [entry.letter for entry, number in page.entries if number == opened.number]
        assert (letters.count(Letter.MESSAGE), letters.count(Letter.SENT)) == (opened.incoming, opened.outgoing)
        assert opened.last_at_ms == max(int(entry.data["at"]) for entry, _ in page.entries)
        assert (opened.waiting_since_ms is None) == (page.entries[-1][0].letter is Letter.SENT)
        whole += sum(entry.data["kind"] == "message" for entry, _ in page.entries)
    assert 5 * CONTACTS < whole < 20 * CONTACTS
    assert store.next_due_ms() is None


def test_the_lists_the_counts_and_the_search_know_it(store: Store) -> None:
    filled = crowd.fill(store, CONTACTS, ignore)
    for view in View:
        asked = InboxQuery(user=filled.users[0], view=view)
        found = shown(store, asked, 50)
        assert (
            sorted(found) == sorted(naive(store, asked)) and len(found) == store.inbox_counts(filled.users[0])[view] > 0
        )
    for channel in people.CHANNELS:
        for tag in ("", people.FREQUENT_TAG, people.RARE_TAG):
            asked = InboxQuery(user=OWNER, view=View.ALL, channel=channel, tag=tag)
            assert shown(store, asked, 50) == naive(store, asked)
    wanted = (people.RARE_NAME, people.phone_of(7), people.email_of(7), people.FREQUENT_TAG)
    assert all(store.search(text, 5) for text in wanted)


def test_there_are_users_of_every_role_and_somebody_typical(store: Store) -> None:
    filled = crowd.fill(store, CONTACTS, ignore)
    assert {user.role for user in filled.users} == set(Role) and not filled.users[-1].sees_all
    assert filled.typical in filled.ids
