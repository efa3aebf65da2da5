"""Which contacts a user may see."""

import pytest

from domain.users import Role, User
from handlers.rights import may_see
from tests.handlers.known import contact, conversation
from tests.people import ALICE, BOB


def user(role: Role = Role.AGENT, *, is_restricted: bool = True) -> User:
    return User(id=BOB["id"], email=BOB["email"], name=BOB["name"], role=role, is_restricted=is_restricted)


@pytest.mark.parametrize(
    ("assignee", "last", "is_seen"),
    [(None, "", True), (BOB, "", True), (ALICE, "", False), (ALICE, BOB["id"], False), (BOB, ALICE["id"], True)],
)
def test_the_open_conversation_says_whom_a_restricted_agent_may_see(
    assignee: dict[str, str] | None, last: str, is_seen: bool
) -> None:
    opened = conversation(assignee=assignee)
    assert may_see(user(), contact(last_assignee=last), opened) is is_seen


def test_without_an_open_conversation_the_one_closed_last_does() -> None:
    assert [may_see(user(), contact(last_assignee=last), None) for last in ("", BOB["id"], ALICE["id"])] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "other", [user(is_restricted=False), user(Role.MANAGER), user(Role.OWNER), user(Role.OWNER, is_restricted=False)]
)
def test_everybody_else_sees_everybody(other: User) -> None:
    assert may_see(other, contact(last_assignee=ALICE["id"]), conversation(assignee=ALICE))
