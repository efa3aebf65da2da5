"""What users and the API do in a conversation: open, close, write, comment, assign, switch the bot, block.

`by` is a user's card {id, email, name}, or None for the API.
"""

from collections.abc import Sequence
from typing import Any

from domain.actions import Action, Assign, Block, Close, NoteLine, Notify, Open, Pause, Send, SetBot
from domain.errors import BadPayload, Conflict
from domain.models import AssignmentSource, Contact, Entry, Letter, Sender, Snapshot, Source
from domain.texts import split_text

COMMENT_CHARS = 2_000
MOST_MENTIONS = 20
#: What can be sent again: what failed, and what nobody knows of.
_CAN_RETRY = (Letter.FAILED, Letter.UNCONFIRMED)


def open_conversation(snapshot: Snapshot, *, source: Source, by: dict[str, Any] | None = None) -> list[Action]:
    """Open the next conversation; nothing to do when one is open. Raises Conflict when the contact is blocked."""
    refuse_unreachable(snapshot)
    if snapshot.open:
        return []
    return [Open(source=source, channel=snapshot.contact.answers_on.kind, by=by)]


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
    files: Sequence[dict[str, Any]] = (),
    pauses_bot: bool = True,
) -> list[Action]:
    """Write to the contact in the open conversation, or in a new one where `opens` says as what it is opened.

    A user's message silences the bot until the conversation ends, if pauses_bot; whoever replies first to what nobody
    has gets it. files: each {url, name, kind, size}, a message of its own behind the text. Raises Conflict when no
    conversation is open and none may be opened, or the contact is blocked.
    """
    refuse_unreachable(snapshot)
    if snapshot.open is None and opens is None:
        raise Conflict("No conversation is open; open one first, or write with open.")
    actions: list[Action] = []
    number = snapshot.open.number if snapshot.open else snapshot.contact.conversations + 1
    if snapshot.open is None and opens is not None:
        actions.append(Open(source=opens, channel=snapshot.contact.answers_on.kind, by=by))
    to = snapshot.contact.reply_identity
    said = details or {}
    for piece in split_text(text, max_text_chars):
        actions.append(Send(number=number, text=piece, sender=sender, by=by, details=said, to=to))
    for file in files:
        actions.append(Send(number=number, text="", sender=sender, by=by, details=said, file=file, to=to))
    if sender is Sender.USER:
        if by and not (snapshot.open and snapshot.open.assignee) and not _keeps_assignee(snapshot):
            actions.append(Assign(number=number, user=by, source=AssignmentSource.USER, by=by))
        if pauses_bot and not (snapshot.open and snapshot.open.paused):
            actions.append(Pause(number=number, reason="user_replied"))
    return actions


def comment(snapshot: Snapshot, text: str, *, by: dict[str, Any] | None, mentioned: Sequence[str] = ()) -> list[Action]:
    """Leave an internal note, which the contact never sees. mentioned: ids of the users to tell. Raises BadPayload."""
    if not text.strip() or len(text) > COMMENT_CHARS:
        raise BadPayload(f"A comment has 1 to {COMMENT_CHARS} characters.")
    number = snapshot.open.number if snapshot.open else 0
    told = tuple(dict.fromkeys(mentioned))[:MOST_MENTIONS]
    details = {"text": text.strip(), "by": by, "mentioned": list(told) or None}
    actions: list[Action] = [NoteLine(number=number, kind="comment", details=details)]
    if told:
        actions.append(Notify(number=number, users=told, kind="mentioned", by=by))
    return actions


def assign(
    snapshot: Snapshot,
    user: dict[str, Any] | None,
    *,
    number: int,
    by: dict[str, Any] | None = None,
    source: AssignmentSource | None = None,
    pauses_bot: bool = True,
) -> list[Action]:
    """Give conversation `number` to a user's card, or to nobody; nothing to do when it is so already.

    source: where it is neither a user nor the API. Whoever gets it from somebody else is told.
    Raises Conflict when that conversation is not open.
    """
    if snapshot.open is None or snapshot.open.number != number:
        raise Conflict(f"Conversation #{number} is not open.")
    has_it = snapshot.open.assignee
    if (has_it or {}).get("id") == (user or {}).get("id"):
        return []
    source = source or (AssignmentSource.USER if by else AssignmentSource.API)
    actions: list[Action] = [Assign(number=number, user=user, source=source, by=by)]
    if user and user["id"] != (by or {}).get("id"):
        actions.append(Notify(number=number, users=(str(user["id"]),), kind="assigned", by=by))
    if user and pauses_bot and not snapshot.open.paused:
        actions.append(Pause(number=number, reason="assigned"))
    return actions


def set_bot(
    snapshot: Snapshot, *, is_on: bool, by: dict[str, Any] | None, source: Source | None = None
) -> list[Action]:
    """Switch the bot on or off for this contact; nothing to do when it is so already.

    source: where it is neither a user nor the API.
    """
    if is_on == (not snapshot.contact.bot_off):
        return []
    number = snapshot.open.number if snapshot.open else 0
    source = source or (Source.USER if by else Source.API)
    return [SetBot(number=number, is_on=is_on, source=source, by=by)]


def block(snapshot: Snapshot, *, is_blocked: bool, by: dict[str, Any] | None) -> list[Action]:
    """Take nothing from the contact any more, and end the open conversation; or take messages again."""
    if snapshot.contact.is_blocked == is_blocked:
        return []
    actions: list[Action] = []
    if is_blocked and snapshot.open:
        actions.append(Close(number=snapshot.open.number, source=Source.USER if by else Source.API, by=by))
    return [*actions, Block(is_blocked=is_blocked, by=by)]


def retry(
    snapshot: Snapshot, entry: Entry, *, by: dict[str, Any] | None, origin: Contact | None = None
) -> list[Action]:
    """Send once more what failed or what nobody knows of, as a new entry; within seven days each entry is sent
    again once at most.

    origin: the contact on whose timeline it stands, if that was merged into this one. Raises Conflict when it is
    neither, or the contact is blocked.
    """
    refuse_unreachable(snapshot)
    stands_on = origin or snapshot.contact
    to = stands_on.identity_of(entry)
    if entry.letter not in _CAN_RETRY:
        raise Conflict("Only a message that failed, or that nobody knows of, can be sent again.")
    return [
        Send(
            number=snapshot.open.number if snapshot.open else 0,
            text=entry.text,
            sender=Sender(entry.data.get("sender", Sender.USER)),
            by=by,
            file=entry.data.get("file"),
            to=None if to == snapshot.contact.identity else to,
            details={"retry_of": entry.number},
            effect=retry_effect(stands_on, entry),
        )
    ]


def retry_effect(stands_on: Contact, entry: Entry) -> str:
    """Return the key under which an entry is sent again once. stands_on: the contact on whose timeline it is."""
    return f"retry {stands_on.id} {stands_on.created_at_ms} {entry.number}"


def _keeps_assignee(snapshot: Snapshot) -> bool:
    """The conversation that is about to be opened has somebody already."""
    return snapshot.open is None and snapshot.contact.has_next_assignee


def refuse_unreachable(snapshot: Snapshot) -> None:
    """Raise Conflict for a contact to whom nothing can be sent: blocked, or merged into another one."""
    if snapshot.contact.is_blocked:
        raise Conflict("The contact is blocked; unblock first.")
    if snapshot.contact.merged_into:
        raise Conflict(f"The contact was merged into another one: id:{snapshot.contact.merged_into}.")
