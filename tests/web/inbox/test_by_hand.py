"""Running an automation by hand, beside the conversation."""

import re
from dataclasses import replace

import pytest

from domain.definitions import read_definition
from domain.errors import Conflict
from handlers.automations import by_hand
from store import Store
from tests.people import BOB, SUSAN, SUSAN_ID
from tests.web.inbox.plays import arrive, do, kinds
from tests.web.signed_in import Visitor

CALLBACK = {"name": "Call <back>", "trigger": {"kind": "by_hand"}, "steps": [{"kind": "comment", "text": "Call"}]}
GREETING = {**CALLBACK, "name": "Greeting", "trigger": {"kind": "welcome"}}


@pytest.fixture(autouse=True)
def kept(store: Store) -> None:
    made = [
        replace(read_definition(definition), id=one, position=at, is_active=one != "off")
        for at, (one, definition) in enumerate({"back": CALLBACK, "off": CALLBACK, "greet": GREETING}.items())
    ]
    store.change_automations(lambda _: tuple(made))
    arrive(store, SUSAN)


def test_those_that_wait_to_be_run_by_hand_are_offered_beside_the_conversation(alice: Visitor) -> None:
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    assert re.findall(r'name="automation" value="(\w+)"', page) == ["back"]
    assert "Call &lt;back&gt;" in page


def test_without_any_nothing_is_offered(alice: Visitor, store: Store) -> None:
    store.change_automations(lambda _: ())
    assert 'id="by-hand-title"' not in alice.get(f"/conversations/{SUSAN_ID}").text


def test_pressing_one_asks_for_a_run_and_the_timeline_says_by_whom(alice: Visitor, store: Store) -> None:
    do(alice, "run", automation="back")
    entry, number = store.timeline(SUSAN_ID, -1, 1).entries[0]
    assert (entry.data["kind"], entry.data["automation"]) == ("run_by_hand", {"id": "back", "name": "Call <back>"})
    assert (number, entry.data["by"]["id"]) == (1, alice.user.id)
    assert store.next_due_ms() is not None
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    assert "Runs automation “Call &lt;back&gt;”" in page and f"started by {alice.user.name}" in page


@pytest.mark.parametrize("automation", ["off", "greet", "gone", ""])
def test_what_cannot_be_run_by_hand_is_refused(alice: Visitor, store: Store, automation: str) -> None:
    before = kinds(store)
    do(alice, "run", automation=automation)
    assert kinds(store) == before


def test_a_part_of_another_contact_is_refused_and_the_whole_is_named(store: Store) -> None:
    snapshot = store.snapshot(SUSAN_ID)
    merged = replace(snapshot, contact=replace(snapshot.contact, merged_into="whole"))
    with pytest.raises(Conflict, match="id:whole"):
        by_hand.run(merged, store.automations(is_fresh=True).find("back"), by=BOB)
