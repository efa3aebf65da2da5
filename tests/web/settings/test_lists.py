"""The lists that people keep: closing categories, canned replies, custom fields; and two who edit one list at once."""

import re
import threading
from typing import Any

import pytest
from flask import Flask

from domain.setting_lists import CannedReply, ClosingCategory, CustomField, FieldKind
from domain.users import Role
from store import Store
from tests.web.settings.forms import form_of
from tests.web.signed_in import Visitor, sign_in

CATEGORIES, REPLIES, FIELDS = "/settings/closing-notes", "/settings/canned-replies", "/settings/custom-fields"


@pytest.fixture
def alice(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, Role.OWNER)


@pytest.fixture
def bob(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, Role.MANAGER, name="Bob")


def add(visitor: Visitor, path: str, **values: str) -> None:
    answer = visitor.post(f"{path}/new", form_of(visitor, f"{path}/new", f"{path}/new") | values)
    assert (answer.status_code, answer.location) == (303, path), answer.text


def edit_form(visitor: Visitor, path: str, item_id: str) -> dict[str, str]:
    return form_of(visitor, f"{path}/{item_id}", f"{path}/{item_id}")


def lists(store: Store) -> Any:
    return store.platform_settings(is_fresh=True)


def test_a_category_is_added_renamed_moved_turned_off_and_deleted(alice: Visitor, store: Store) -> None:
    for name in ("Order", "Complaint", "Question"):
        add(alice, CATEGORIES, name=name)
    order, complaint, question = lists(store).closing_categories
    assert order == ClosingCategory(id=order.id, name="Order")
    changed = edit_form(alice, CATEGORIES, order.id) | {"name": "Orders", "description": "Sizes, delivery"}
    del changed["is_active"]
    assert alice.post(f"{CATEGORIES}/{order.id}", changed).status_code == 303
    alice.post(f"{CATEGORIES}/{question.id}/move", {"to": "up"})
    alice.post(f"{CATEGORIES}/{question.id}/move", {"to": "up"})
    alice.post(f"{CATEGORIES}/{question.id}/move", {"to": "up"})
    delete = form_of(alice, f"{CATEGORIES}/{complaint.id}", f"{CATEGORIES}/{complaint.id}/delete")
    alice.post(f"{CATEGORIES}/{complaint.id}/delete", delete)
    orders = ClosingCategory(id=order.id, name="Orders", description="Sizes, delivery", is_active=False)
    assert lists(store).closing_categories == (question, orders)
    assert lists(store).active_categories == (question,)
    assert [line["category"] for line in store.audit(2)] == ["deleted “Complaint”", "changed “Orders”"]


def test_what_is_asked_at_a_close_is_chosen_on_the_page_of_the_categories(alice: Visitor, store: Store) -> None:
    form = form_of(alice, CATEGORIES)
    assert form["closing_note_mode"] == "optional"
    assert alice.post(CATEGORIES, form | {"closing_note_mode": "both"}).status_code == 303
    assert lists(store).closing_note_mode == "both"
    assert alice.post(CATEGORIES, form | {"closing_note_mode": "never"}).status_code == 400


def test_a_form_that_is_sent_twice_adds_once(alice: Visitor, store: Store) -> None:
    form = form_of(alice, f"{REPLIES}/new", f"{REPLIES}/new") | {"name": "Hours", "text": "9 to 5"}
    for _ in range(2):
        assert alice.post(f"{REPLIES}/new", form).status_code == 303
    assert [reply.name for reply in lists(store).canned_replies] == ["Hours"]


@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        (REPLIES, {"name": "", "text": "x"}, "Write a name"),
        (REPLIES, {"name": "Hours", "text": " "}, "Write what shall be sent"),
        (REPLIES, {"name": "x" * 61, "text": "x"}, "at most 60 characters"),
        (REPLIES, {"name": "x", "text": "x" * 2001}, "at most 2000 characters"),
        (REPLIES, {"name": "x", "text": "x", "id": "../x"}, "cannot be an id"),
        (FIELDS, {"name": "Size", "kind": "list", "options": ""}, "a list needs at least one"),
        (FIELDS, {"name": "Size", "kind": "colour"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    alice: Visitor, store: Store, path: str, values: dict[str, str], words: str
) -> None:
    answer = alice.post(f"{path}/new", form_of(alice, f"{path}/new", f"{path}/new") | values)
    assert answer.status_code == 400 and words in answer.text
    assert not lists(store).canned_replies and not lists(store).custom_fields


def test_two_items_of_a_list_have_different_names(alice: Visitor) -> None:
    add(alice, REPLIES, name="Hours", text="9 to 5")
    form = form_of(alice, f"{REPLIES}/new", f"{REPLIES}/new") | {"name": "HOURS", "text": "10 to 6"}
    answer = alice.post(f"{REPLIES}/new", form)
    assert answer.status_code == 400 and "there is one with this name" in answer.text and "10 to 6" in answer.text


def test_of_two_who_edit_different_items_neither_loses_theirs(alice: Visitor, bob: Visitor, store: Store) -> None:
    add(alice, REPLIES, name="Hours", text="9 to 5")
    add(alice, REPLIES, name="Bye", text="Bye!")
    hours, bye = lists(store).canned_replies
    hers, his = edit_form(alice, REPLIES, hours.id), edit_form(bob, REPLIES, bye.id)
    assert alice.post(f"{REPLIES}/{hours.id}", hers | {"text": "10 to 6"}).status_code == 303
    assert bob.post(f"{REPLIES}/{bye.id}", his | {"text": "Goodbye!"}).status_code == 303
    assert [reply.text for reply in lists(store).canned_replies] == ["10 to 6", "Goodbye!"]


def test_of_two_who_edit_the_same_item_the_second_sees_both_and_decides(
    alice: Visitor, bob: Visitor, store: Store
) -> None:
    add(alice, REPLIES, name="Hours", text="9 to 5")
    [reply] = lists(store).canned_replies
    hers, his = edit_form(alice, REPLIES, reply.id), edit_form(bob, REPLIES, reply.id)
    assert alice.post(f"{REPLIES}/{reply.id}", hers | {"text": "10 to 6"}).status_code == 303
    answer = bob.post(f"{REPLIES}/{reply.id}", his | {"text": "11 to 7"})
    assert answer.status_code == 409 and "10 to 6" in answer.text and "11 to 7" in answer.text
    assert lists(store).canned_replies[0].text == "10 to 6"
    seen = re.search(r'name="seen" value="(\w+)"', answer.text)
    assert seen and bob.post(f"{REPLIES}/{reply.id}", his | {"text": "11 to 7", "seen": seen[1]}).status_code == 303
    assert lists(store).canned_replies[0].text == "11 to 7"


def test_what_somebody_changed_is_not_deleted_unseen(alice: Visitor, bob: Visitor, store: Store) -> None:
    add(alice, REPLIES, name="Hours", text="9 to 5")
    [reply] = lists(store).canned_replies
    address = f"{REPLIES}/{reply.id}"
    his = form_of(bob, address, f"{address}/delete")
    alice.post(address, edit_form(alice, REPLIES, reply.id) | {"text": "10 to 6"})
    answer = bob.post(f"{address}/delete", his)
    assert answer.status_code == 409 and "10 to 6" in answer.text and lists(store).canned_replies
    assert bob.post(f"{address}/delete", form_of(bob, address, f"{address}/delete")).status_code == 303
    assert bob.post(f"{address}/delete", his).status_code == 303, "what is gone need not be deleted again"
    assert alice.post(address, {"name": "Hours", "text": "x", "seen": ""}).status_code == 404
    assert not lists(store).canned_replies


def test_many_who_add_at_once_lose_nothing(app: Flask, store: Store) -> None:
    visitors = [sign_in(app, store, Role.MANAGER, name=f"User {i}") for i in range(6)]
    forms = [form_of(visitor, f"{REPLIES}/new", f"{REPLIES}/new") for visitor in visitors]
    together = threading.Barrier(len(visitors))
    answers = [0] * len(visitors)

    def send(i: int) -> None:
        together.wait(10)
        answers[i] = visitors[i].post(f"{REPLIES}/new", forms[i] | {"name": f"Reply {i}", "text": "x"}).status_code

    threads = [threading.Thread(target=send, args=(i,)) for i in range(len(visitors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [303] * len(visitors)
    assert {reply.name for reply in lists(store).canned_replies} == {f"Reply {i}" for i in range(len(visitors))}


def test_a_custom_field_keeps_its_id_and_kind_whatever_it_is_called_later(alice: Visitor, store: Store) -> None:
    add(alice, FIELDS, name="Blood type", kind="list", options="A\r\nB\r\n\r\nA\r\n 0 ")
    [field] = lists(store).custom_fields
    assert field == CustomField(id="BLOOD_TYPE", name="Blood type", kind=FieldKind.LIST, options=("A", "B", "0"))
    form = edit_form(alice, FIELDS, field.id) | {"name": "Group", "kind": "text", "options": "A\nB"}
    assert alice.post(f"{FIELDS}/{field.id}", form).status_code == 303
    renamed = CustomField(id="BLOOD_TYPE", name="Group", kind=FieldKind.LIST, options=("A", "B"))
    assert lists(store).custom_fields == (renamed,)
    add(alice, FIELDS, name="Blood type", kind="text")
    add(alice, FIELDS, name="Email", kind="email")
    assert [field.id for field in lists(store).custom_fields] == ["BLOOD_TYPE", "BLOOD_TYPE_2", "EMAIL_2"]


def test_a_custom_field_that_somebody_deleted_does_not_come_back_by_being_saved(alice: Visitor, store: Store) -> None:
    add(alice, FIELDS, name="Size", kind="text")
    form = edit_form(alice, FIELDS, "SIZE")
    alice.post(f"{FIELDS}/SIZE/delete", form_of(alice, f"{FIELDS}/SIZE", f"{FIELDS}/SIZE/delete"))
    assert alice.post(f"{FIELDS}/SIZE", form).status_code == 404
    assert not lists(store).custom_fields


def test_deleting_a_custom_field_is_warned_about(alice: Visitor) -> None:
    add(alice, FIELDS, name="Size", kind="text")
    page = alice.get(f"{FIELDS}/SIZE").text
    assert "What contacts have under it is not shown any more" in page and "{{contact.fields.SIZE}}" in page


def test_a_preview_fills_in_what_it_can_and_names_what_nobody_knows(alice: Visitor, store: Store) -> None:
    add(alice, FIELDS, name="Size", kind="text")
    text = "Hi {{contact.first_name}}, {{ contact.fields.SIZE }}? {{contact.age}} <b>{{user.name}}</b>"
    page = alice.post(f"{REPLIES}/preview", {"text": text}).text
    assert "Hi Susan, Size? {{contact.age}} &lt;b&gt;Alice&lt;/b&gt;" in page
    assert "Not known: {{contact.age}}" in page


def test_what_users_name_things_is_shown_as_text(alice: Visitor, store: Store) -> None:
    hostile = "<script>alert(1)</script>"
    add(alice, REPLIES, name=hostile, text=hostile)
    add(alice, CATEGORIES, name=hostile, description=hostile)
    add(alice, FIELDS, name=hostile, kind="text")
    [reply] = lists(store).canned_replies
    assert reply == CannedReply(id=reply.id, name=hostile, text=hostile)
    for path in (REPLIES, CATEGORIES, FIELDS, f"{REPLIES}/{reply.id}", "/settings/audit"):
        page = alice.get(path).text
        assert hostile not in page and "&lt;script&gt;alert(1)" in page, path


def test_a_reply_with_a_variable_that_means_nothing_is_refused_and_told_which_ones_there_are(
    alice: Visitor, store: Store
) -> None:
    add(alice, FIELDS, name="Size", kind="text")
    (size,) = lists(store).custom_fields
    new = form_of(alice, f"{REPLIES}/new", f"{REPLIES}/new")
    for text, unknown in (("Hi {{contact.nam}}", "{{contact.nam}}"), ("{{user}} {{ x.y }}", "{{user}}, {{ x.y }}")):
        answer = alice.post(f"{REPLIES}/new", new | {"name": "Hi", "text": text})
        assert answer.status_code == 400 and f"Nothing can be filled in for {unknown}." in answer.text
        assert "{{contact.name}}, {{contact.first_name}}, {{user.name}}, " in answer.text
        assert f"{{{{contact.fields.{size.id}}}}}" in answer.text and text in answer.text
    assert lists(store).canned_replies == ()
    add(alice, REPLIES, name="Hi", text=f"Hi {{{{contact.name}}}}, {{{{contact.fields.{size.id}}}}}?")
    (kept,) = lists(store).canned_replies
    answer = alice.post(f"{REPLIES}/{kept.id}", edit_form(alice, REPLIES, kept.id) | {"text": "{{nobody}}"})
    assert answer.status_code == 400 and lists(store).canned_replies == (kept,)
