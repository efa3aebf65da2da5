"""Writing an entry by the API, once for each Idempotency-Key."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from flask import request

from domain.actions import Action
from domain.errors import BadPayload, Conflict, StoreError
from domain.models import Snapshot
from store import TimelinePage
from web.acting import act
from web.api_entries import entry_body
from web.api_models import Entry
from web.context import context

MAX_KEY_CHARS = 200
#: A repeat returns the first entry if it is among so many last entries.
LOOK_BACK = 200

#: Given the contact as it is and what to add to the details of the entry, says what to do.
Decide = Callable[[Snapshot, dict[str, Any]], list[Action]]


class _WrittenBefore(Exception):
    """This request repeats one that was carried out; carries its entry."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


def write_once(contact: str, said: str, decide: Decide, written: type[Action]) -> Entry:
    """Carry out what `decide` says, and return the entry that its first action of the type `written` made.

    With an Idempotency-Key a repeat changes nothing and returns the same entry again. said: what the request says;
    a key belongs to one only. Raises what `decide` does, BadPayload, Conflict, StoreError.
    """
    key = _read_key()
    op = f"{_short(key)}.{_short(said)}" if key else ""
    decided: list[Action] = []

    def decide_once(now: Snapshot) -> list[Action]:
        # Looked for before deciding: the conversation of the first time may be closed by now.
        if op and (found := _written_before(contact, op)):
            raise _WrittenBefore(found)
        decided[:] = decide(now, {"op": op} if op else {})
        return decided

    try:
        committed = act(contact, decide_once, operation=f"api {contact} {key}" if key else "")
    except _WrittenBefore as repeated:
        return repeated.entry
    if committed is None:
        raise StoreError("nothing was written")
    if committed.status == "repeated":
        return _written_long_before(contact, op)
    results = zip(decided, committed.results, strict=True)
    number = next(result for action, result in results if isinstance(action, written))
    return _first(context().store.timeline(contact, number, 1))


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


def _written_before(contact: str, op: str) -> Entry | None:
    """Return the first entry of the commit that this repeats. Raises Conflict when that said something else."""
    page = context().store.timeline(contact, -LOOK_BACK, LOOK_BACK)
    key = op.partition(".")[0]
    for entry, number in page.entries:
        found = str(entry.data.get("op", ""))
        if found == op:
            return entry_body(entry, number, page)
        if found.partition(".")[0] == key:
            raise Conflict("This Idempotency-Key was used before, for another text.")
    return None


def _written_long_before(contact: str, op: str) -> Entry:
    """The same, of a commit that another request made meanwhile, or long ago."""
    found = _written_before(contact, op)
    if found is None:
        raise Conflict("This Idempotency-Key was used before, too long ago to say for which entry.")
    return found


def _first(page: TimelinePage) -> Entry:
    if not page.entries:
        raise StoreError("an entry is not where it was written")
    return entry_body(*page.entries[0], page)
