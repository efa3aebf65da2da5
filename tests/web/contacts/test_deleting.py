"""Deleting a contact by its page: for managers, confirmed, once."""

import pytest

from domain.errors import NotFound
from store import Store
from tests.people import PETAR, PETAR_ID, SUSAN_ID, take
from tests.web.contacts.doings import finish_merges, hear
from tests.web.signed_in import Visitor
from web.contacts import deleting

PATH = f"/contacts/{SUSAN_ID}/delete"


def is_there(store: Store) -> bool:
    try:
        return bool(store.snapshot(SUSAN_ID))
    except NotFound:
        return False


def test_a_manager_who_confirms_deletes_and_the_audit_says_who(store: Store, manager: Visitor) -> None:
    hear(store)
    page = manager.get(PATH).text
    assert "Conversation #1 is closed" in page and "The numbers in reports stay" in page
    answer = manager.post(PATH, {"confirmed": "yes"})
    assert (answer.status_code, answer.location) == (303, "/contacts") and not is_there(store)
    assert "The contact is deleted." in manager.get("/contacts").text
    line = store.audit(1)[0]
    assert (line["what"], line["by"]["name"], line["contact"]) == ("contact.deleted", "Maria", SUSAN_ID)
    assert "Susan" not in str(line)


def test_without_the_tick_nothing_is_deleted(store: Store, manager: Visitor) -> None:
    hear(store)
    answer = manager.post(PATH, {})
    assert answer.status_code == 400 and "Tick the box" in answer.text and is_there(store)


def test_an_agent_may_not(store: Store, agent: Visitor) -> None:
    hear(store)
    assert agent.get(PATH).status_code == 403
    assert agent.post(PATH, {"confirmed": "yes"}).status_code == 403
    assert is_there(store) and "Delete" not in agent.get(f"/contacts/{SUSAN_ID}").text


def test_the_second_press_says_that_it_is_done(store: Store, manager: Visitor) -> None:
    hear(store)
    answers = [manager.post(PATH, {"confirmed": "yes"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len([line for line in store.audit(100) if line["what"] == "contact.deleted"]) == 1
    assert manager.get(PATH).status_code == 404


def test_while_a_worker_answers_the_contact_one_is_asked_to_try_again(
    store: Store, manager: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "PATIENCE_S", 0.3)
    hear(store)
    turn, _ = take(store)
    answer = manager.post(PATH, {"confirmed": "yes"})
    assert answer.status_code == 409 and "try again in a few seconds" in answer.text and is_there(store)
    store.release_turn(turn)
    assert manager.post(PATH, {"confirmed": "yes"}).status_code == 303 and not is_there(store)


def test_while_a_worker_answers_the_contact_nothing_of_its_parts_is_lost(
    store: Store, manager: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "PATIENCE_S", 0.0)
    hear(store)
    hear(store, "Petar", who=PETAR)
    store.request_merge(SUSAN_ID, PETAR_ID, by=None)
    finish_merges(store)
    before = store.history(SUSAN_ID)
    take(store)
    answer = manager.post(PATH, {"confirmed": "yes"})
    assert answer.status_code == 409 and "Nothing was lost" in answer.text
    assert store.history(SUSAN_ID) == before and PETAR_ID in [one.contact for one in before.entries]


def test_a_merged_contact_is_not_deleted_by_itself(store: Store, manager: Visitor) -> None:
    susan, petar = hear(store), hear(store, "Petar", who=PETAR)
    store.connection.command(lambda client: client.hset(store.keys.contact(susan), "merged_into", petar))
    assert manager.get(PATH).status_code == 302
    answer = manager.post(PATH, {"confirmed": "yes"})
    assert answer.location == f"/contacts/{susan}" and is_there(store)
