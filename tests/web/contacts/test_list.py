"""The list of contacts: who stands on it, in which order, and what filters and the search leave."""

import re

import pytest

from domain.identities import Identity
from store import Store
from tests.conftest import PAGE, StoppedClock
from tests.people import BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID
from tests.web.contacts.doings import close, describe, give_tags, give_to, hear
from tests.web.signed_in import Visitor
from web.contacts import lists


def names(text: str) -> list[str]:
    """The contacts of a page, in order."""
    return re.findall(r'<a class="break" href="/contacts/[a-z2-7]{24}"><strong>([^<]*)</strong>', text)


def test_contacts_are_listed_newest_first_with_what_is_known_of_them(
    store: Store, clock: StoppedClock, agent: Visitor
) -> None:
    hear(store)
    describe(store, phone="+15550001", email="susan@example.com")
    give_tags(store, "vip", "a", "b", "c")
    clock.pass_s(1)
    hear(store, "Petar", who=PETAR)
    page = agent.get("/contacts").text
    assert names(page) == ["Petar", "Susan Quiet"]
    assert "+15550001 · susan@example.com" in page and "Messenger" in page and "Viber · shop" in page
    assert '<span class="tag">vip</span>' in page and "+1<" in page and "#1 with the bot" in page


def test_a_page_of_nobody_says_so(store: Store, agent: Visitor) -> None:
    assert "No contacts" in agent.get("/contacts").text
    hear(store)
    assert "Nobody fits" in agent.get("/contacts?q=zzz").text
    assert "Nobody fits" in agent.get("/contacts?tag=nothing").text


def test_pages_follow_each_other_without_gap_or_repeat(
    store: Store, clock: StoppedClock, agent: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_ROWS", 4)
    for n in range(11):
        hear(store, f"Nr {n}", who=Identity("facebook", PAGE, f"{n}"))
        clock.pass_s(n % 3)  # some came at the very same moment
    found, path = [], "/contacts"
    for _ in range(5):
        page = agent.get(path).text
        found += names(page)
        older = re.search(r'href="(/contacts\?[^"]*after=[^"]*)" rel="next"', page)
        if not older:
            break
        path = older[1].replace("&amp;", "&")
    assert len(found) == len(set(found)) == 11


def test_filters_leave_who_has_the_channel_and_the_tag(store: Store, agent: Visitor) -> None:
    hear(store)
    hear(store, "Petar", who=PETAR)
    describe(store, PETAR_ID, name="Petar P")
    give_tags(store, "vip")
    assert names(agent.get("/contacts?channel=viber:shop").text) == ["Petar P"]
    assert names(agent.get("/contacts?tag=vip").text) == ["Susan Quiet"]
    assert names(agent.get("/contacts?tag=vip&channel=viber:shop").text) == []
    assert names(agent.get("/contacts?q=petar&channel=viber:shop").text) == ["Petar P"]
    assert names(agent.get("/contacts?q=petar&tag=vip").text) == []


@pytest.mark.parametrize("text", ["susan", "quiet", "+1 555 0001", "SUSAN@", "vip", SUSAN.contact_ref, SUSAN_ID])
def test_the_search_finds_by_whatever_is_known(store: Store, agent: Visitor, text: str) -> None:
    hear(store)
    hear(store, "Petar", who=PETAR)
    describe(store, name="Susan Quiet-Smith", phone="+15550001", email="susan@example.com")
    describe(store, name="Susan Quiet")
    give_tags(store, "vip")
    assert names(agent.get("/contacts", query_string={"q": text}).text) == ["Susan Quiet"]


def test_a_restricted_agent_is_shown_no_contact_of_somebody_else(store: Store, restricted: Visitor) -> None:
    for who, name in ((SUSAN, "Susan"), (PETAR, "Petar")):
        hear(store, name, who=who)
    describe(store, name="Susan Two")
    give_to(store, BOB)
    for path in ("/contacts", "/contacts?q=susan", f"/contacts?q={SUSAN_ID}", f"/contacts?channel=facebook:{PAGE}"):
        assert "Susan" not in names(restricted.get(path).text)
    assert names(restricted.get("/contacts").text) == ["Petar"]
    close(store)
    assert names(restricted.get("/contacts").text) == ["Petar"], "who had the last one keeps it to themselves"
    give = restricted.user.card
    hear(store, "Susan")
    give_to(store, give)
    assert "Susan Two" in names(restricted.get("/contacts").text)


def test_an_address_that_is_not_ours_is_refused_not_broken(store: Store, agent: Visitor) -> None:
    hear(store)
    assert agent.get("/contacts?after=nonsense").status_code == 400
    assert agent.get("/contacts", query_string={"q": "\x00\u202ex" * 100, "tag": "%s{{7*7}}"}).status_code == 200


def test_a_merged_contact_is_not_listed(store: Store, agent: Visitor) -> None:
    susan, petar = hear(store), hear(store, "Petar", who=PETAR)
    store.connection.command(lambda client: client.hset(store.keys.contact(petar), "merged_into", susan))
    assert names(agent.get("/contacts").text) == ["Susan Quiet"]
