"""What users and the API do: open, close, write, assign."""

from typing import Any

from domain.actions import Action, Assign, Close, Open, Pause, Send
from domain.errors import Conflict
from domain.models import Sender, Snapshot, Source
from domain.texts import split_text


def open_conversation(snapshot: Snapshot, *, source: Source, by: dict[str, Any] | None = None) -> list[Action]:
    """Open the next conversation; nothing to do when one is open. Raises Conflict when the contact is blocked."""
    if snapshot.contact.is_blocked:
        raise Conflict("The contact is blocked; unblock first.")
    if snapshot.open:
        return []
    return [Open(source=source, channel=snapshot.contact.identity.kind, by=by)]


def close_conversation(
    snapshot: Snapshot,
    *,
    source: Source,
    by: dict[str, Any] | None = None,
    number: int | None = None,
    category: str = "",
    summary: str = "",
) -> list[Action]:
    """Close the open conversation; nothing to do when none is open, or when `number` is closed already.

    number: the conversation that the caller looked at. Raises Conflict when another one is open by now.
    """
    if snapshot.open is None:
        return []
    if number is not None and number != snapshot.open.number:
        raise Conflict(f"Conversation #{number} is closed; #{snapshot.open.number} is open now.")
    return [Close(number=snapshot.open.number, source=source, by=by, category=category, summary=summary)]


def write(
    snapshot: Snapshot,
    text: str,
    *,
    sender: Sender,
    opens: Source | None,
    max_text_chars: int,
    by: dict[str, Any] | None = None,
    details: dict[str, Any] | None = None,
) -> list[Action]:
    """Write to the contact in the open conversation, or in a new one where `opens` says as what it is opened.

    A user's message silences the bot until the conversation ends. Raises Conflict when no conversation is open and
    none may be opened, or the contact is blocked.
    """
    if snapshot.contact.is_blocked:
        raise Conflict("The contact is blocked; unblock first.")
    if snapshot.open is None and opens is None:
        raise Conflict("No conversation is open; open one first, or write with open.")
    actions: list[Action] = []
    number = snapshot.open.number if snapshot.open else snapshot.contact.conversations + 1
    if snapshot.open is None and opens is not None:
        actions.append(Open(source=opens, channel=snapshot.contact.identity.kind, by=by))
    for piece in split_text(text, max_text_chars):
        actions.append(Send(number=number, text=piece, sender=sender, by=by, details=details or {}))
    if sender is Sender.USER and not (snapshot.open and snapshot.open.paused):
        actions.append(Pause(number=number, reason="user_replied"))
    return actions


def assign(
    snapshot: Snapshot, user: dict[str, Any] | None, *, number: int, by: dict[str, Any] | None = None
) -> list[Action]:
    """Give conversation `number` to a user {id, email, name}, or to nobody. Raises Conflict when it is not open."""
    if snapshot.open is None or snapshot.open.number != number:
        raise Conflict(f"Conversation #{number} is not open.")
    actions: list[Action] = [Assign(number=number, user=user, by=by)]
    if user and not snapshot.open.paused:
        actions.append(Pause(number=number, reason="assigned"))
    return actions
