"""Merging by the pages: for managers; chosen, previewed, asked for once, and seen to be done."""

import re

import pytest

from domain.identities import MERGES_ID
from store import Store
from tests.people import PETAR, PETAR_ID, SUSAN_ID
from tests.web.contacts.doings import describe, finish_merges, give_tags, hear
from tests.web.signed_in import Visitor
from web.contacts import merging

PREVIEW = f"/contacts/{SUSAN_ID}/merge/{PETAR_ID}"


@pytest.fixture(autouse=True)
def two_contacts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "WAIT_S", 0.0)
    hear(store)
    hear(store, "Petar", who=PETAR)
    describe(store, PETAR_ID, phone="+15550001", name="Petar P")
    give_tags(store, "vip", contact=PETAR_ID)


def operation(visitor: Visitor) -> str:
    found = re.search(r'name="operation" value="([^"]+)"', visitor.get(PREVIEW).text)
    assert found
    return found[1]


def test_the_other_one_is_found_by_search_or_suggested(store: Store, manager: Visitor) -> None:
    assert f'href="{PREVIEW}"' not in manager.get(f"/contacts/{SUSAN_ID}/merge").text
    assert f'href="{PREVIEW}"' in manager.get(f"/contacts/{SUSAN_ID}/merge?q=petar").text
    assert f"/merge/{SUSAN_ID}" not in manager.get(f"/contacts/{SUSAN_ID}/merge?q=susan").text
    describe(store, phone="+15550001")
    assert f'href="{PREVIEW}"' in manager.get(f"/contacts/{SUSAN_ID}/merge").text


def test_the_preview_says_what_will_happen_and_changes_nothing(store: Store, manager: Visitor) -> None:
    before = store.snapshot(SUSAN_ID), store.snapshot(PETAR_ID)
    page = manager.get(PREVIEW).text
    for said in ("vip", "added", "taken over", "+15550001", "Petar P is left behind", "Conversation #1 of Petar P"):
        assert said in page
    assert "cannot be taken back" in page and f"/contacts/{PETAR_ID}/merge/{SUSAN_ID}" in page
    assert (store.snapshot(SUSAN_ID), store.snapshot(PETAR_ID)) == before


def test_a_form_that_is_sent_twice_asks_for_one_merge(store: Store, manager: Visitor) -> None:
    form = {"operation": operation(manager)}
    answers = [manager.post(PREVIEW, form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    requests = [entry for entry, _ in store.timeline(MERGES_ID, 0, 100).entries]
    assert len(requests) == 1 and requests[0].data["primary"] == SUSAN_ID
    [line] = [line for line in store.audit(10) if line["what"] == "contact.merged"]
    assert (line["contact"], line["into"], line["by"]["name"]) == (PETAR_ID, SUSAN_ID, "Maria")


def test_the_page_asks_again_while_a_merge_is_under_way_and_stops_when_it_is_done(
    store: Store, manager: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(manager.post(PREVIEW, {"operation": operation(manager)}).location)
    page = manager.get(path)
    assert f'hx-get="{path}"' in page.text and "under way" in page.text
    fragment = manager.get(path, headers={"HX-Request": "true"}).text
    assert fragment.startswith("<section") and "<html" not in fragment and "hx-get" in fragment
    finish_merges(store)
    for answer in (manager.get(path), manager.get(path, headers={"HX-Request": "true"})):
        assert "hx-get" not in answer.text and f'href="/contacts/{SUSAN_ID}"' in answer.text
    assert manager.get(f"/contacts/{PETAR_ID}").location == f"/contacts/{SUSAN_ID}"
    page = manager.get(f"/contacts/{SUSAN_ID}")
    assert "Viber" in page.text and "+15550001" in page.text and page.text.count('href="/conversations/') >= 3


def test_agents_may_not_merge(store: Store, agent: Visitor) -> None:
    for path in (f"/contacts/{SUSAN_ID}/merge", PREVIEW, "/contacts/merges/1"):
        assert agent.get(path).status_code == 403
    assert agent.post(PREVIEW, {"operation": "x"}).status_code == 403
    assert store.timeline(MERGES_ID, 0, 10).entries == []


def test_a_merge_with_nobody_or_oneself_is_refused(store: Store, manager: Visitor) -> None:
    assert manager.get(f"/contacts/{SUSAN_ID}/merge/{'a' * 24}").status_code == 404
    assert manager.post(f"/contacts/{SUSAN_ID}/merge/{'a' * 24}", {"operation": "x"}).status_code == 404
    assert manager.post(f"/contacts/{SUSAN_ID}/merge/{SUSAN_ID}", {"operation": "x"}).status_code == 409
    same = manager.get(f"/contacts/{SUSAN_ID}/merge/{SUSAN_ID}").text
    assert "Merge them" not in same
    for wrong in ("", "x" * 65):
        assert manager.post(PREVIEW, {"operation": wrong}).status_code == 400
    for path in ("x", "-1", "9" * 30, "0", "7"):
        assert manager.get(f"/contacts/merges/{path}").status_code == 404


def test_only_the_number_of_a_merge_leads_to_one(store: Store, manager: Visitor) -> None:
    number = int(str(manager.post(PREVIEW, {"operation": operation(manager)}).location).rpartition("/")[2])
    finish_merges(store)
    paths = [f"/contacts/merges/{one}" for one in (number, number + 1, number + 2)]
    assert [manager.get(path).status_code for path in paths] == [200, 404, 404], "the next is what came of it"


def test_a_merged_contact_is_not_offered_again(store: Store, manager: Visitor) -> None:
    manager.post(PREVIEW, {"operation": operation(manager)})
    finish_merges(store)
    assert manager.get(PREVIEW).status_code == 302
    assert manager.get(f"/contacts/{PETAR_ID}/merge").location == f"/contacts/{PETAR_ID}"
