"""The list of automations: in which order they run, which are on, and what one does to them."""

import re
from dataclasses import replace

import pytest

from domain.automations import MOST_AUTOMATIONS
from store import Store
from tests.web.automations.doings import items, keep
from tests.web.automations.forms import Editor, focus_in, read_form
from tests.web.signed_in import Visitor
from web.automations.examples import EXAMPLES
from web.automations.lists import SEARCHED_ABOVE

LIST = "/automations"


@pytest.fixture
def three(store: Store) -> list[str]:
    return [
        keep(store, "after-hours", "aaaa1111"),
        keep(store, "say-sorry", "bbbb2222"),
        keep(store, "close-when-quiet", "cccc3333"),
    ]


def order(store: Store) -> str:
    return "".join(item.id[0] for item in items(store))


def test_an_empty_list_says_what_automations_are_and_offers_examples(maria: Visitor) -> None:
    page = maria.get(LIST).text
    assert "No automations yet" in page
    for key, example in EXAMPLES.items():
        assert f'href="/automations/new?example={key}">{example.name}<' in page


def test_each_line_says_what_it_waits_for_and_how_it_went(maria: Visitor, three: list[str]) -> None:
    page = maria.get(LIST).text
    for words in (
        "they run from top to bottom, and then the bot answers",
        '<a href="/automations/aaaa1111">After hours</a>',
        "A conversation is opened (opened by: The contact wrote)",
        "The contact does not answer (for how long: 1 day)",
        "Tells who writes outside business hours",
        "Triggered 0 times",
        "Never run",
        "No errors",
    ):
        assert words in page
    names = re.findall(r'<h2><a href="/automations/\w+">([^<]+)</a>', page)
    assert names == ["After hours", "Say sorry when we are late", "Close when the contact does not answer"]
    assert 'type="search"' not in page


def test_the_switch_says_how_it_stands_and_switches(maria: Visitor, store: Store, three: list[str]) -> None:
    for word, is_active in (("1", True), ("1", True), ("0", False)):
        answer = maria.post(f"{LIST}/bbbb2222/active", {"active": word})
        assert (answer.status_code, answer.location) == (303, f"{LIST}#automation-bbbb2222")
        one = items(store)[1]
        assert one.is_active == is_active == (one.active_since_ms > 0)
        page = maria.get(LIST).text
        switch = re.search(r'id="automation-bbbb2222">.*?</form>', page, re.DOTALL)
        assert switch and f'role="switch" aria-checked="{str(is_active).lower()}"' in switch[0]
        assert "Active: Say sorry when we are late" in switch[0]
        assert read_form(page, f"{LIST}/bbbb2222/active")["active"] == ["0" if is_active else "1"]
    assert [line["automation"].split(" “")[0] for line in store.audit(2)] == ["switched off", "switched on"]


def test_they_move_and_the_button_that_was_pressed_keeps_the_focus(
    maria: Visitor, store: Store, three: list[str]
) -> None:
    for automation_id, to, after, focused in (
        ("cccc3333", "up", "acb", "Up: Close"),
        ("cccc3333", "up", "cab", "Down: Close"),
        ("cccc3333", "down", "acb", "Down: Close"),
        ("cccc3333", "down", "abc", "Up: Close"),
    ):
        answer = maria.post(f"{LIST}/{automation_id}/move", {"to": to})
        assert (answer.status_code, order(store)) == (303, after)
        page = maria.get(answer.location).text
        button = re.findall(r"<button[^>]* autofocus>.*?</button>", page, re.DOTALL)
        assert len(button) == 1 and focused in button[0]
        assert focus_in(page)
    assert store.audit(1)[0]["automation"].startswith("moved down: “Close")


def test_a_copy_is_made_once_and_shown_to_be_edited(maria: Visitor, store: Store, three: list[str]) -> None:
    form = read_form(maria.get(LIST).text, f"{LIST}/aaaa1111/clone")
    for _ in range(2):
        answer = maria.post(f"{LIST}/aaaa1111/clone", {"new_id": form["new_id"][0]})
        assert (answer.status_code, answer.location) == (303, f"{LIST}/{form['new_id'][0]}/edit")
    assert [item.name for item in items(store)][:2] == ["After hours", "After hours (copy)"]
    assert len(items(store)) == 4 and not items(store)[1].is_active
    assert "This is the copy." in maria.get(answer.location).text


def test_one_is_deleted_after_a_question(maria: Visitor, store: Store, three: list[str]) -> None:
    path = f"{LIST}/aaaa1111/delete"
    page = maria.get(path).text
    assert "There is no way back." in page and order(store) == "abc"
    for _ in range(2):
        assert maria.post(path, {"seen": read_form(page, path)["seen"][0]}).status_code == 303
    assert order(store) == "bc"
    assert store.audit(1)[0]["automation"] == "deleted “After hours”"
    assert maria.get(path).status_code == 404


def test_what_somebody_changed_meanwhile_is_not_deleted(maria: Visitor, store: Store, three: list[str]) -> None:
    path = f"{LIST}/aaaa1111/delete"
    form = read_form(maria.get(path).text, path)
    Editor(maria, f"{LIST}/aaaa1111/edit").type(name="Changed").press("save", 303)
    answer = maria.post(path, {"seen": form["seen"][0]})
    assert answer.status_code == 409 and "Delete it again if you still want to." in answer.text
    assert maria.post(path, {"seen": read_form(answer.text, path)["seen"][0]}).status_code == 303
    assert order(store) == "bc"


def test_a_long_list_can_be_searched_and_then_has_no_order_to_change(maria: Visitor, store: Store) -> None:
    for at in range(SEARCHED_ABOVE + 1):
        keep(store, automation_id=f"{at:08x}", name=f"Automation {at}")
    assert 'type="search"' in maria.get(LIST).text
    page = maria.get(f"{LIST}?q=MATION+1").text
    assert re.findall(r'<h2><a href="/automations/\w+">([^<]+)</a>', page) == ["Automation 1", "Automation 10"]
    assert "/move" not in page
    assert "None is called so" in maria.get(f"{LIST}?q=<b>").text


def test_a_full_list_offers_no_more(maria: Visitor, store: Store) -> None:
    keep(store)
    many = tuple(replace(items(store)[0], id=f"{at:08x}", position=at) for at in range(MOST_AUTOMATIONS))
    store.change_automations(lambda now: many)
    page = maria.get(LIST).text
    assert "as many as there can be" in page
    assert "/automations/new" not in page and "/clone" not in page
    assert maria.post(f"{LIST}/00000000/clone", {"new_id": "ffffffff"}).status_code == 400
    assert len(items(store)) == MOST_AUTOMATIONS


@pytest.mark.parametrize("path", ["active", "move", "clone"])
def test_what_is_gone_cannot_be_changed(maria: Visitor, path: str) -> None:
    assert maria.post(f"{LIST}/nothing/{path}", {"active": "1"}).status_code == 404


@pytest.mark.parametrize("path", ["edit", "json", "export", "delete"])
def test_what_is_gone_cannot_be_looked_at(maria: Visitor, path: str) -> None:
    answer = maria.get(f"{LIST}/nothing/{path}")
    assert answer.status_code == 404 and "Somebody has deleted this automation." in answer.text
