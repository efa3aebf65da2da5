"""The list of the inbox: its views, orders and filters, the pages of it, and what is unread."""

import re

from domain.identities import contact_id
from store import Store
from tests.conftest import PAGE, StoppedClock
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, welcome
from tests.web.inbox.plays import FRAGMENT, arrive, close, contacts_in, give, name, somebody, tag
from tests.web.signed_in import Visitor


def test_the_first_view_is_of_those_who_need_a_person_and_longest_waiting_first(
    alice: Visitor, store: Store, clock: StoppedClock
) -> None:
    arrive(store, SUSAN)
    clock.pass_s(60)
    arrive(store, PETAR)
    arrive(store, somebody(1), needs=False)
    page = alice.get("/")
    assert contacts_in(page) == [SUSAN_ID, PETAR_ID]
    assert contacts_in(alice.get("/?sort=shortest")) == [PETAR_ID, SUSAN_ID]


def test_each_view_shows_its_own_and_says_how_many(alice: Visitor, bob: Visitor, store: Store) -> None:
    mine, his, nobodys = arrive(store, somebody(1)), arrive(store, somebody(2)), arrive(store, somebody(3))
    with_bot = arrive(store, somebody(4), needs=False)
    give(store, mine, alice.user)
    give(store, his, bob.user)
    expected = {
        "needs_person": {mine, his, nobodys},
        "mine": {mine},
        "unassigned": {nobodys, with_bot},
        "with_bot": {with_bot},
        "all": {mine, his, nobodys, with_bot},
    }
    for view, contacts in expected.items():
        page = alice.get(f"/?view={view}")
        assert set(contacts_in(page)) == contacts
        assert f'data-count="{view}">{len(contacts)}</span>' in page.text


def test_a_conversation_that_only_a_welcome_opened_is_with_the_bot(alice: Visitor, store: Store) -> None:
    store.receive([welcome()])
    assert contacts_in(alice.get("/?view=with_bot")) == [SUSAN_ID]
    assert contacts_in(alice.get("/")) == []


def test_closed_conversations_are_listed_one_by_one(alice: Visitor, store: Store) -> None:
    for _ in range(2):
        arrive(store, SUSAN)
        close(store, SUSAN_ID)
    arrive(store, PETAR, "hello from Petar")
    close(store, PETAR_ID, summary="Sold him shoes")
    arrive(store, PETAR, "not in the closed list")
    page = alice.get("/?closed=1")
    assert contacts_in(page) == [PETAR_ID, SUSAN_ID, SUSAN_ID]
    assert "Sold him shoes" in page.text and "not in the closed list" not in page.text
    assert contacts_in(alice.get("/?view=all")) == [PETAR_ID]


def test_a_list_is_filtered_by_channel_and_by_tag(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    arrive(store, PETAR)
    tag(store, PETAR_ID, "vip", "a & b")
    assert contacts_in(alice.get(f"/?channel=facebook:{PAGE}")) == [SUSAN_ID]
    assert contacts_in(alice.get("/?tag=vip")) == [PETAR_ID]
    assert contacts_in(alice.get("/?tag=a+%26+b&channel=viber:shop")) == [PETAR_ID]
    assert contacts_in(alice.get("/?tag=unknown")) == []


def test_the_state_of_the_list_stands_in_the_address_of_each_of_its_rows(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    page = alice.get(f"/?view=all&channel=facebook:{PAGE}&sort=oldest")
    link = f"/conversations/{SUSAN_ID}?view=all&amp;channel=facebook%3A{PAGE}&amp;sort=oldest"
    assert f'href="{link}"' in page.text


def test_scrolling_shows_every_row_once(alice: Visitor, store: Store, clock: StoppedClock) -> None:
    waiting = []
    for i in range(95):
        waiting.append(arrive(store, somebody(i)))
        clock.pass_s(i % 2)  # some of them at the same moment
    page = alice.get("/")
    seen = contacts_in(page)
    while found := re.search(r'data-more="([^"]+)" data-after="([^"]+)"', page.text):
        page = alice.get(found[1], query_string={"after": found[2]}, headers=FRAGMENT)
        seen += contacts_in(page)
    assert sorted(seen) == sorted(waiting) and len(seen) == 95


def test_a_list_that_is_fetched_again_is_as_long_as_it_was_and_brings_the_counts(alice: Visitor, store: Store) -> None:
    for i in range(60):
        arrive(store, somebody(i))
    page = alice.get("/inbox/list?length=55", headers=FRAGMENT)
    assert len(contacts_in(page)) == 55
    assert 'data-count-of="needs_person" value="60"' in page.text


def test_search_finds_by_name_tag_and_id(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    arrive(store, PETAR)
    name(store, SUSAN_ID, "Susan Müller")
    tag(store, PETAR_ID, "wholesale")
    for wanted in ("susan", "MULLER", f"{SUSAN_ID}-1", str(SUSAN), SUSAN.contact_ref):
        assert contacts_in(alice.get("/", query_string={"q": wanted})) == [SUSAN_ID], wanted
    assert contacts_in(alice.get("/?q=wholesale")) == [PETAR_ID]
    assert "Nobody found" in alice.get("/?q=nobody").text


def test_what_a_user_has_looked_at_is_not_unread_for_them_any_more(alice: Visitor, bob: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    assert '1<span class="hidden"> unread</span>' in alice.get("/").text
    alice.get(f"/conversations/{SUSAN_ID}")
    assert '<span class="hidden"> unread</span>' not in _rows(alice)
    assert '<span class="hidden"> unread</span>' in _rows(bob)
    arrive(store, SUSAN, needs=False)
    assert '1<span class="hidden"> unread</span>' in _rows(alice)


def test_a_page_that_nobody_looks_at_leaves_the_conversation_unread(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    alice.get(f"/conversations/{SUSAN_ID}/news?looks=0", headers=FRAGMENT)
    assert " unread</span>" in _rows(alice)
    alice.get(f"/conversations/{SUSAN_ID}/news?looks=1", headers=FRAGMENT)
    assert " unread</span>" not in _rows(alice)


def test_a_restricted_agent_finds_only_their_own_and_nobodys(alice: Visitor, charlie: Visitor, store: Store) -> None:
    theirs, alices, nobodys = arrive(store, somebody(1)), arrive(store, somebody(2)), arrive(store, somebody(3))
    give(store, theirs, charlie.user)
    give(store, alices, alice.user)
    for contact in (theirs, alices, nobodys):
        name(store, contact, "Same Name")
    for path in ("/", "/?view=all", "/?q=same"):
        assert set(contacts_in(charlie.get(path))) == {theirs, nobodys}, path


def test_an_address_that_says_nonsense_is_no_error(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    assert contacts_in(alice.get("/?view=bogus&sort=%00&closed=&tag=")) == [SUSAN_ID]
    assert alice.get("/inbox/list?after=x", headers=FRAGMENT).status_code == 400
    assert alice.get("/inbox/list?after=12.", headers=FRAGMENT).status_code == 400
    assert alice.get(f"/conversations/{contact_id(SUSAN)}?at=-1").status_code == 400


def _rows(visitor: Visitor) -> str:
    return visitor.get("/inbox/list", headers=FRAGMENT).text
