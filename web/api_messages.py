"""Writing to a contact by the API."""

import base64
import hashlib

from flask import request

from domain.actions import Action, Send
from domain.errors import BadPayload, Conflict, StoreError
from domain.identities import Identity
from domain.models import Sender, Snapshot, Source
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
    op = _op(key) if key else ""
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
            effect=f"api {contact} {key}" if key else "",
        )
        committed = context().store.commit(snapshot, actions)
        if committed.snapshot is None:
            raise StoreError(f"a commit came to {committed.status}")
        if committed.is_done:
            return _sent(committed.snapshot, actions, committed.results, op)
        snapshot = committed.snapshot
    raise StoreError("the contact changes too fast")


def _read_key() -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if not 1 <= len(key) <= MAX_KEY_CHARS:
        raise BadPayload(f"Idempotency-Key has 1 to {MAX_KEY_CHARS} characters.")
    return key


def _op(key: str) -> str:
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()


def _sent(snapshot: Snapshot, actions: list[Action], results: tuple[int, ...], op: str) -> Entry:
    """Return the first message of a commit, or the one of the commit that this repeats."""
    contact = snapshot.contact.id
    number = next(result for action, result in zip(actions, results, strict=True) if isinstance(action, Send))
    if number < 0:
        found = _sent_before(contact, op)
        if found is None:
            raise Conflict("This Idempotency-Key was used before, too long ago to say for which entry.")
        return found
    return _first(context().store.timeline(contact, number, 1))


def _sent_before(contact: str, op: str) -> Entry | None:
    page = context().store.timeline(contact, -LOOK_BACK, LOOK_BACK)
    return next((entry_body(entry, number, page) for entry, number in page.entries if entry.data.get("op") == op), None)


def _first(page: TimelinePage) -> Entry:
    if not page.entries:
        raise StoreError("an entry is not where it was written")
    return entry_body(*page.entries[0], page)


def _max_text_chars(identity: Identity) -> int:
    channel = context().facebook if identity.kind == "facebook" else context().vibers.get(identity.account)
    return channel.max_text_chars if channel else CAUTIOUS_TEXT_CHARS
