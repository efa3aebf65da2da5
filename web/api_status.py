"""Opening and closing by the API."""

from domain.actions import Action
from domain.errors import BadPayload, Conflict, NotFound, StoreError
from domain.identities import parse_conversation_id
from domain.models import Snapshot, Source
from domain.texts import clean
from handlers.users import close_conversation, open_conversation
from web.api_answers import conversation_body
from web.api_errors import ConversationConflict
from web.api_models import Conversation, StatusAnswer, StatusChange
from web.api_references import find_contact
from web.api_requests import read_body, read_number
from web.context import context

#: How often we decide anew because the contact changed meanwhile.
MOST_REDECISIONS = 20


def set_status(ref: str) -> StatusAnswer:
    """Open a conversation, or close the open one; says whether that changed anything."""
    wanted = read_body(StatusChange)
    _check(wanted)
    snapshot = find_contact(ref)
    number = _number(wanted, snapshot)
    last_entry = _last_entry(wanted, snapshot)
    store = context().store
    bot_back_on = store.platform_settings().bot_back_on_at_close
    for _ in range(MOST_REDECISIONS):
        actions = _decide(snapshot, wanted, number)
        if not actions:
            return StatusAnswer(False, _open(snapshot) if number is None else _named(snapshot, number))
        committed = store.commit(snapshot, actions, last_entry=last_entry, bot_back_on=bot_back_on)
        if committed.snapshot is None:
            raise StoreError(f"a commit came to {committed.status}")
        if committed.is_done:
            done = _open(committed.snapshot) if wanted.status == "open" else _closed(snapshot)
            return StatusAnswer(True, done)
        snapshot = committed.snapshot
        if committed.status == "newer":
            raise ConversationConflict("The contact wrote meanwhile.", _open(snapshot))
    raise StoreError("the contact changes too fast")


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
    number = read_number("last_entry", wanted.last_entry)
    if number >= snapshot.end:
        raise BadPayload("last_entry is not an entry of this contact's timeline.")
    return number


def _decide(snapshot: Snapshot, wanted: StatusChange, number: int | None) -> list[Action]:
    if wanted.status == "open":
        return open_conversation(snapshot, source=Source.API)
    try:
        return close_conversation(
            snapshot,
            source=Source.API,
            number=number,
            category=clean(wanted.category or ""),
            summary=clean(wanted.summary or ""),
        )
    except Conflict as error:
        raise ConversationConflict(str(error), _open(snapshot)) from error


def _open(snapshot: Snapshot) -> Conversation | None:
    contact = snapshot.contact
    return conversation_body(contact.id, snapshot.open, contact) if snapshot.open else None


def _closed(before: Snapshot) -> Conversation | None:
    """What was open before is closed now; a closed conversation never changes."""
    return _named(before, before.open.number) if before.open else None


def _named(snapshot: Snapshot, number: int) -> Conversation:
    contact = snapshot.contact
    return conversation_body(contact.id, context().store.conversation(contact.id, number), contact)
