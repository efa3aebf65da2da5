"""Automations that give conversations to users."""

from dataclasses import replace
from typing import Any

import pytest

from domain.identities import Identity, contact_id
from domain.users import Role, User
from handlers.profiles import change_tags
from handlers.users import assign
from tests.people import ALICE, PETAR, SUSAN, SUSAN_ID, write
from tests.store.counting import counted
from tests.turns.automations.automation_stage import (
    ANY_MESSAGE,
    CLOSE,
    AutomationStage,
    named,
    on_text,
    opened_by,
    wait,
)
from tests.web.signed_in import add_user

IN_TURN = {"kind": "assign", "to": "round_robin"}
LEAST = {"kind": "assign", "to": "least_open"}


def to(user: User) -> dict[str, Any]:
    return {"kind": "assign", "to": "user", "user": user.id}


def team(stage: AutomationStage, *names: str) -> list[User]:
    return sorted((add_user(stage.store, name=name) for name in names), key=lambda user: user.id)


def set_user(stage: AutomationStage, user: User, **changes: Any) -> None:
    stage.store.change_user(user.id, lambda found: replace(found, **changes))


def assignee(stage: AutomationStage, contact: str = SUSAN_ID) -> str:
    opened = stage.store.snapshot(contact).open
    assert opened
    return str(opened.assignee["id"]) if opened.assignee else ""


def writers(number: int) -> list[Identity]:
    return [Identity("facebook", SUSAN.account, f"70000000000008{i:02}") for i in range(number)]


def test_one_user_gets_it_is_told_and_the_bot_rests(stage: AutomationStage) -> None:
    (alice,) = team(stage, "Alice")
    a = stage.automate(ANY_MESSAGE, to(alice), to(alice))
    stage.hears()
    assert stage.results(a) == [("done", "Alice"), ("nothing", "It is so already.")]
    assert assignee(stage) == alice.id and stage.bot.asked == []
    (line,) = stage.entries("assigned")
    assert named(line.data["by"]) == {"id": "a1", "name": "Automation 1"} and line.data["conversation"] == 1
    assert [notice.kind for notice in stage.store.notices(alice.id)][-1] == "assigned"
    assert counted(stage.store, "assigned") == {f"assigned|facebook|automation|{alice.id}|": 1}


def test_the_bot_goes_on_where_the_setting_says_so(stage: AutomationStage) -> None:
    stage.store.change_setting("bot_pauses_on_assign", "no")
    (alice,) = team(stage, "Alice")
    stage.automate(ANY_MESSAGE, to(alice))
    stage.hears()
    assert assignee(stage) == alice.id and [question.text for question in stage.bot.asked] == ["hello"]


def test_a_user_who_cannot_log_in_any_more_gets_nothing(stage: AutomationStage) -> None:
    alice, _ = team(stage, "Alice", "Bob")
    set_user(stage, alice, is_active=False)
    a = stage.automate(ANY_MESSAGE, to(alice))
    stage.hears()
    assert stage.results(a) == [("failed", "They cannot log in any more.")] and assignee(stage) == ""


def test_in_turn_everybody_who_is_available_gets_as_many(stage: AutomationStage) -> None:
    users = team(stage, "Alice", "Bob", "Carol", "Dan")
    set_user(stage, users[1], is_available=False)
    stage.automate(opened_by("contact"), IN_TURN)
    got = []
    for who in writers(6):
        stage.hears(who=who)
        got.append(assignee(stage, contact_id(who)))
    there = [users[0].id, users[2].id, users[3].id]
    assert sorted(got[:3]) == there and got[3:] == got[:3]


def test_who_has_the_fewest_open_ones_gets_it(stage: AutomationStage) -> None:
    alice, bob = team(stage, "Alice", "Bob")
    first, second, third, fourth = writers(4)
    for who in (first, second):
        stage.hears(who=who)
        stage.acts(lambda snapshot: assign(snapshot, alice.card, number=1, by=ALICE), contact_id(who))
    stage.automate(on_text("please"), LEAST)
    got = []
    for who in (third, fourth):
        stage.hears("please", who=who)
        got.append(assignee(stage, contact_id(who)))
    assert got == [bob.id, bob.id]
    stage.hears("please", who=SUSAN)
    stage.hears("please", who=PETAR)
    assert {assignee(stage), assignee(stage, contact_id(PETAR))} == {alice.id, bob.id}


@pytest.mark.parametrize("step", [IN_TURN, LEAST])
def test_where_nobody_is_available_it_fails(stage: AutomationStage, step: dict[str, Any]) -> None:
    alice, bob = team(stage, "Alice", "Bob")
    set_user(stage, alice, is_available=False)
    set_user(stage, bob, is_active=False)
    a = stage.automate(ANY_MESSAGE, step)
    stage.hears()
    assert stage.results(a) == [("failed", "Nobody is available.")] and assignee(stage) == ""
    assert stage.store.automation_numbers()[a].errors == 1


def test_somebody_who_was_invited_and_never_came_gets_nothing(stage: AutomationStage) -> None:
    stage.store.add_user("new@example.com", Role.AGENT)
    a = stage.automate(ANY_MESSAGE, IN_TURN)
    stage.hears()
    assert stage.results(a) == [("failed", "Nobody is available.")]


def test_it_is_taken_from_them_again(stage: AutomationStage) -> None:
    (alice,) = team(stage, "Alice")
    unassign = {"kind": "unassign"}
    a = stage.automate(ANY_MESSAGE, to(alice), unassign, unassign)
    stage.hears()
    assert stage.results(a) == [("done", "Alice"), ("done", ""), ("nothing", "It is so already.")]
    assert assignee(stage) == ""


def test_a_conversation_that_is_over_is_given_to_nobody(stage: AutomationStage) -> None:
    (alice,) = team(stage, "Alice")
    a = stage.automate(on_text("bye"), CLOSE, to(alice), {"kind": "unassign"})
    stage.hears("bye")
    closed = ("nothing", "Conversation #1 is not open.")
    assert stage.results(a)[1:] == [closed, closed] and stage.entries("assigned") == []


def test_the_next_conversation_is_not_given_in_the_place_of_the_one_that_is_over(stage: AutomationStage) -> None:
    (alice,) = team(stage, "Alice")
    a = stage.automate(on_text("hello"), wait(10), to(alice))
    stage.automate(on_text("bye"), CLOSE)
    stage.hears()
    stage.hears("bye")
    stage.hears("again")
    stage.pass_min(10)
    assert stage.results(a)[-1] == ("nothing", "Conversation #1 is not open.") and assignee(stage) == ""


def test_a_conflict_passes_nobody_over(stage: AutomationStage) -> None:
    """Somebody tags the contact between the draw and the commit: the one who was drawn gets it."""
    users = team(stage, "Alice", "Bob", "Carol")
    stage.automate(opened_by("contact"), IN_TURN)
    drawn = stage.store.next_assignment_turn

    def draw_and_interfere() -> int:
        turn = drawn()
        if turn == 1:
            write(stage.store, "more")
            stage.acts(lambda snapshot: _tagged(snapshot))
        return turn

    stage.store.next_assignment_turn = draw_and_interfere  # type: ignore[method-assign]
    got = []
    for who in (SUSAN, *writers(2)):
        stage.hears(who=who)
        got.append(assignee(stage, contact_id(who)))
    assert sorted(got) == [user.id for user in users]


def _tagged(snapshot: Any) -> Any:
    return change_tags(snapshot, add=("vip",), by=ALICE)
