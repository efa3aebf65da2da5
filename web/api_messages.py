"""Writing to a contact by the API."""

import base64
import hashlib

from flask import request

from domain.actions import Action, Send
from domain.errors import BadPayload, Conflict, StoreError
from domain.identities import Identity
from domain.models import Sender, Source
from domain.texts import clean
from handlers.users import write
from store import TimelinePage
from web.api_entries import entry_body
from web.api_models import Entry, NewMessage
from web.api_references import find_contact
from web.api_requests import read_body
from web.api_status import MOST_REDECISIONS
from web.context import context

MAX_KEY_CHARS = 200
#: A repeat returns the first message if it is among so many last entries.
LOOK_BACK = 200
#: A channel that is not connected (any more) may have any limit; this fits all.
CAUTIOUS_TEXT_CHARS = 1900


def send_message(ref: str) -> Entry:
    """Write to a contact; with an Idempotency-Key a repeat sends nothing and returns the first message again."""
    wanted, key = read_body(NewMessage), _read_key()
    text = clean(wanted.text)
    if not text.strip():
        raise BadPayload("text is empty.")
    snapshot = find_contact(ref)
    contact = snapshot.contact.id
    op = f"{_short(key)}.{_short(text)}" if key else ""
    for _ in range(MOST_REDECISIONS):
        # Looked for before deciding: the conversation of the first time may be closed by now.
        if op and (found := _sent_before(contact, op)):
            return found
        actions = write(
            snapshot,
            text,
            sender=Sender.API,
            opens=Source.API if wanted.open else None,
            max_text_chars=_max_text_chars(snapshot.contact.identity),
            details={"op": op} if op else None,
        )
        operation = f"api {contact} {key}" if key else ""
        committed = context().store.commit(snapshot, actions, operation=operation)
        if committed.snapshot is None:
            raise StoreError(f"a commit came to {committed.status}")
        if committed.status == "repeated":
            return _sent_long_before(contact, op)
        if committed.is_done:
            return _sent(contact, actions, committed.results)
        snapshot = committed.snapshot
    raise StoreError("the contact changes too fast")


def _read_key() -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if not 1 <= len(key) <= MAX_KEY_CHARS:
        raise BadPayload(f"Idempotency-Key has 1 to {MAX_KEY_CHARS} characters.")
    return key


def _short(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()


def _sent(contact: str, actions: list[Action], results: tuple[int, ...]) -> Entry:
    number = next(result for action, result in zip(actions, results, strict=True) if isinstance(action, Send))
    return _first(context().store.timeline(contact, number, 1))


def _sent_before(contact: str, op: str) -> Entry | None:
    """Return the first message of the commit that this repeats. Raises Conflict when that said something else."""
    page = context().store.timeline(contact, -LOOK_BACK, LOOK_BACK)
    key = op.partition(".")[0]
    for entry, number in page.entries:
        found = str(entry.data.get("op", ""))
        if found == op:
            return entry_body(entry, number, page)
        if found.partition(".")[0] == key:
            raise Conflict("This Idempotency-Key was used before, for another text.")
    return None


def _sent_long_before(contact: str, op: str) -> Entry:
    """The same, of a commit that another request made meanwhile, or long ago."""
    found = _sent_before(contact, op)
    if found is None:
        raise Conflict("This Idempotency-Key was used before, too long ago to say for which entry.")
    return found


def _first(page: TimelinePage) -> Entry:
    if not page.entries:
        raise StoreError("an entry is not where it was written")
    return entry_body(*page.entries[0], page)


def _max_text_chars(identity: Identity) -> int:
    channel = context().channels.get(identity.channel)
    return channel.max_text_chars if channel else CAUTIOUS_TEXT_CHARS
