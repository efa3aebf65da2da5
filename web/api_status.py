"""Opening, closing and assigning by the API."""

from domain.actions import Action
from domain.errors import BadPayload, Conflict, NotFound
from domain.identities import parse_conversation_id
from domain.models import Snapshot, Source
from domain.texts import clean
from handlers.users import assign, close_conversation, open_conversation
from web.acting import act
from web.api_answers import conversation_body
from web.api_errors import ConversationConflict
from web.api_models import AssigneeChange, Conversation, ConversationAnswer, StatusChange
from web.api_references import find_contact
from web.api_requests import read_body, read_entry_id
from web.api_users import find_assignee
from web.context import context


def set_status(ref: str) -> ConversationAnswer:
    """Open a conversation, or close the open one; says whether that changed anything."""
    wanted = read_body(StatusChange)
    _check(wanted)
    snapshot = find_contact(ref)
    contact, number = snapshot.contact.id, _number(wanted, snapshot)

    def decide(now: Snapshot) -> list[Action]:
        nonlocal snapshot
        snapshot = now
        return _decide(now, wanted, number)

    try:
        committed = act(contact, decide, last_entry=_last_entry(wanted, snapshot))
    except Conflict as error:
        raise ConversationConflict(str(error), _open(context().store.snapshot(contact))) from error
    if committed is None or committed.snapshot is None:
        return ConversationAnswer(False, _open(snapshot) if number is None else _named(snapshot, number))
    return ConversationAnswer(True, _open(committed.snapshot) if wanted.status == "open" else _closed(snapshot))


def set_assignee(ref: str) -> ConversationAnswer:
    """Give the open conversation to a user, or to nobody; says whether that changed anything."""
    wanted = read_body(AssigneeChange)
    snapshot = find_contact(ref)
    card = find_assignee(wanted.assignee).card if wanted.assignee is not None else None
    pauses_bot = context().store.platform_settings().bot_pauses_on_assign

    def decide(now: Snapshot) -> list[Action]:
        nonlocal snapshot
        snapshot = now
        if now.open is None:
            raise Conflict("No conversation is open; open one first.")
        return assign(now, card, number=now.open.number, pauses_bot=pauses_bot)

    committed = act(snapshot.contact.id, decide)
    now = committed.snapshot if committed and committed.snapshot else snapshot
    return ConversationAnswer(committed is not None, _open(now))


def _check(wanted: StatusChange) -> None:
    given = (wanted.conversation, wanted.last_entry, wanted.category, wanted.summary)
    if wanted.status == "open" and any(value is not None for value in given):
        raise BadPayload("conversation, last_entry, category and summary belong to a close, not to an open.")


def _number(wanted: StatusChange, snapshot: Snapshot) -> int | None:
    """Return the number of the conversation that shall be closed; None for whichever is open."""
    named = wanted.conversation
    if isinstance(named, str):
        contact, number = parse_conversation_id(named) or ("", 0)
        named = number if contact == snapshot.contact.id else 0
    if named is not None and not 1 <= named <= snapshot.contact.conversations:
        raise NotFound("This contact has no such conversation; name it by its number or its id.")
    return named


def _last_entry(wanted: StatusChange, snapshot: Snapshot) -> int | None:
    if wanted.last_entry is None:
        return None
    contact = snapshot.contact.id
    part, number = read_entry_id("last_entry", wanted.last_entry)
    try:
        if part not in ("", contact):
            return context().store.own_entry_behind(contact, part, number) - 1
    except NotFound:
        number = snapshot.end
    if number >= snapshot.end:
        raise BadPayload("last_entry is not an entry of this contact's timeline.")
    return number


def _decide(snapshot: Snapshot, wanted: StatusChange, number: int | None) -> list[Action]:
    if wanted.status == "open":
        return open_conversation(snapshot, source=Source.API)
    category, summary = clean(wanted.category or ""), clean(wanted.summary or "")
    return close_conversation(snapshot, source=Source.API, number=number, category=category, summary=summary)


def _open(snapshot: Snapshot) -> Conversation | None:
    contact = snapshot.contact
    return conversation_body(contact.id, snapshot.open, contact) if snapshot.open else None


def _closed(before: Snapshot) -> Conversation | None:
    """What was open before is closed now; a closed conversation never changes."""
    return _named(before, before.open.number) if before.open else None


def _named(snapshot: Snapshot, number: int) -> Conversation:
    contact = snapshot.contact
    return conversation_body(contact.id, context().store.conversation(contact.id, number), contact)
