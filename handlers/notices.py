"""Whom to tell about what happened in a conversation."""

from collections.abc import Collection, Sequence
from typing import Any, Literal

from domain.actions import Action, NeedPerson, Notify
from domain.models import Contact, OpenConversation, Snapshot, Source
from domain.users import User
from handlers.rights import may_see

Kind = Literal["needs_person", "mentioned", "assigned"]


def who_to_tell(
    users: Sequence[User],
    kind: Kind,
    contact: Contact,
    conversation: OpenConversation | None,
    *,
    by: dict[str, Any] | None = None,
    mentioned: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the ids of the users to tell, those who are available first.

    Those who are away are told as well, since notices are kept until read; those who may not see the contact
    are not, and nobody is told what they did themselves.
    conversation: as it is after what happened, with its assignee; None: none is open. by: who did it, None for
    nobody. mentioned: the users' ids, for the kind `mentioned`.
    """
    assignee = _id(conversation.assignee) if conversation else ""
    told = [user for user in users if user.is_active and user.id != _id(by) and may_see(user, contact, conversation)]
    match kind:
        case "mentioned":
            told = [user for user in told if user.id in mentioned]
        case "assigned":
            told = [user for user in told if user.id == assignee]
        case "needs_person":
            if conversation is None or _only_a_welcome_opened(conversation):
                return ()
            if any(user.id == assignee and user.is_active for user in users):
                told = [user for user in told if user.id == assignee]
    return tuple(user.id for user in sorted(told, key=lambda user: not user.is_available))


def with_notices(snapshot: Snapshot, actions: Sequence[Action], users: Sequence[User]) -> list[Action]:
    """Return the actions of a turn, each that asks for a person followed by telling whom it concerns.

    A conversation that waits for a person already tells nobody again, unless the agent says what about (RB_NOTIFY).
    """
    told: list[Action] = []
    for action in actions:
        told.append(action)
        if not isinstance(action, NeedPerson) or snapshot.open is None or action.number != snapshot.open.number:
            continue
        if not snapshot.open.needs or action.reason == "bot_off" or action.text:
            effect = f"{action.effect} notify" if action.effect else ""
            if ids := who_to_tell(users, "needs_person", snapshot.contact, snapshot.open):
                told.append(Notify(number=action.number, users=ids, kind="needs_person", effect=effect))
    return told


def _id(card: dict[str, Any] | None) -> str:
    return str(card["id"]) if card else ""


def _only_a_welcome_opened(conversation: OpenConversation) -> bool:
    return conversation.source is Source.WELCOME_EVENT and conversation.incoming == 0
