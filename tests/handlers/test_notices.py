"""Whom to tell."""

from typing import Any

import pytest

from domain.models import Source
from domain.users import Role, User
from handlers.notices import who_to_tell
from tests.handlers.known import contact, conversation


def user(id: str, role: Role = Role.AGENT, **changes: Any) -> User:
    return User(**{"id": id, "email": f"{id}@example.com", "name": id.title(), "role": role, **changes})


ALICE = user("alice", Role.OWNER, is_available=False)
BOB = user("bob")
CAROL = user("carol", is_restricted=True)
DAVE = user("dave", is_active=False)
EVERYBODY = (ALICE, BOB, CAROL, DAVE)


def needs(**changes: Any) -> tuple[str, ...]:
    """Who is told that a conversation needs a person."""
    return who_to_tell(EVERYBODY, "needs_person", contact(), conversation(**changes))


def test_everybody_who_may_see_it_is_told_that_a_person_is_needed_those_who_are_there_first() -> None:
    assert needs() == ("bob", "carol", "alice")


def test_whoever_has_the_conversation_is_told_alone() -> None:
    assert needs(assignee=CAROL.card) == ("carol",)
    assert needs(assignee=ALICE.card) == ("alice",)


def test_where_its_assignee_is_gone_those_who_see_everything_are_told() -> None:
    assert needs(assignee=DAVE.card) == ("bob", "alice")
    assert needs(assignee=user("gone").card) == ("bob", "alice")


def test_nobody_is_told_what_they_did_themselves() -> None:
    known, opened = contact(), conversation()
    assert who_to_tell(EVERYBODY, "needs_person", known, opened, by=BOB.card) == ("carol", "alice")
    assert who_to_tell(EVERYBODY, "needs_person", known, conversation(assignee=BOB.card), by=BOB.card) == ()
    assert who_to_tell(EVERYBODY, "assigned", known, conversation(assignee=BOB.card), by=BOB.card) == ()
    assert who_to_tell(EVERYBODY, "mentioned", known, opened, by=BOB.card, mentioned=["bob"]) == ()


@pytest.mark.parametrize(("incoming", "is_told"), [(0, False), (1, True)])
def test_a_conversation_that_only_a_welcome_opened_tells_nobody(incoming: int, is_told: bool) -> None:
    assert bool(needs(source=Source.WELCOME_EVENT, incoming=incoming)) is is_told


def test_without_a_conversation_no_person_is_needed() -> None:
    assert who_to_tell(EVERYBODY, "needs_person", contact(), None) == ()


def test_who_is_given_a_conversation_is_told() -> None:
    assert who_to_tell(EVERYBODY, "assigned", contact(), conversation(assignee=CAROL.card), by=BOB.card) == ("carol",)
    assert who_to_tell(EVERYBODY, "assigned", contact(), conversation(), by=BOB.card) == ()


def test_those_who_are_mentioned_are_told_if_they_may_see_it() -> None:
    mentioned = ["alice", "carol", "dave", "nobody"]
    opened = conversation(assignee=BOB.card)
    assert who_to_tell(EVERYBODY, "mentioned", contact(), opened, by=BOB.card, mentioned=mentioned) == ("alice",)
    assert who_to_tell(EVERYBODY, "mentioned", contact(), None, by=BOB.card, mentioned=mentioned) == ("carol", "alice")
    of_bob = contact(last_assignee="bob")
    assert who_to_tell(EVERYBODY, "mentioned", of_bob, None, mentioned=mentioned) == ("alice",)
