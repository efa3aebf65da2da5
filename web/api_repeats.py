"""Writing an entry by the API, once for each Idempotency-Key, also over a merge."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from flask import request

from domain.actions import Action
from domain.errors import BadPayload, Conflict, StoreError
from domain.models import Snapshot
from store import HistoryEntry
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

    def __init__(self, entry: HistoryEntry) -> None:
        super().__init__()
        self.entry = entry


def write_once(chain: Sequence[Snapshot], said: str, decide: Decide, written: type[Action]) -> Entry:
    """Carry out what `decide` says, and return the entry that its first action of the type `written` made.

    With an Idempotency-Key a repeat changes nothing and returns the same entry again. chain: see find_chain. said: what
    the request says; a key belongs to one only. Raises what `decide` does, BadPayload, Conflict, StoreError.
    """
    key = _read_key()
    op = f"{_short(key)}.{_short(said)}" if key else ""
    contact = chain[-1].contact.id
    decided: list[Action] = []

    def decide_once(now: Snapshot) -> list[Action]:
        # Looked for before deciding: the conversation of the first time may be closed by now.
        if op and (found := _written_before(chain, now, key, op)):
            raise _WrittenBefore(found)
        decided[:] = decide(now, {"op": op} if op else {})
        return decided

    try:
        committed = act(contact, decide_once, operation=_operation(contact, key) if key else "")
    except _WrittenBefore as repeated:
        return entry_body(repeated.entry, contact)
    if committed is None:
        raise StoreError("nothing was written")
    if committed.status == "repeated":
        return entry_body(_written_long_before(contact, op), contact)
    results = zip(decided, committed.results, strict=True)
    number = next(result for action, result in results if isinstance(action, written))
    return entry_body(context().store.history_entry(contact, number), contact)


def _read_key() -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if not 1 <= len(key) <= MAX_KEY_CHARS:
        raise BadPayload(f"Idempotency-Key has 1 to {MAX_KEY_CHARS} characters.")
    return key


def _operation(contact: str, key: str) -> str:
    return f"api {contact} {key}"


def _short(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()


def _written_before(chain: Sequence[Snapshot], now: Snapshot, key: str, op: str) -> HistoryEntry | None:
    """Return the first entry of the commit that this repeats, which may have been made on what is a part by now.

    Raises Conflict when that said something else, or is too long ago.
    """
    store, contact = context().store, now.contact.id
    seen = store.history(contact, limit=LOOK_BACK).entries
    if found := _find(seen, op):
        return found
    # While a merge is under way the named contact leads to this one already, and is not among its parts yet.
    others = {one: _operation(one, key) for one in (*now.contact.parts, *(before.contact.id for before in chain[:-1]))}
    filed = store.carried_out(others) if others else []
    for other in filed:
        before = store.history(other, limit=LOOK_BACK).entries
        if found := _find(before, op):
            return found
        seen += before
    if any(_op(one).partition(".")[0] == op.partition(".")[0] for one in seen):
        raise Conflict("This Idempotency-Key was used before, for another text.")
    if filed:
        raise _too_long_ago()
    return None


def _written_long_before(contact: str, op: str) -> HistoryEntry:
    """The same, of a commit that another request made meanwhile, or long ago."""
    found = _find(context().store.history(contact, limit=LOOK_BACK).entries, op)
    if found is None:
        raise _too_long_ago()
    return found


def _find(entries: list[HistoryEntry], op: str) -> HistoryEntry | None:
    return next((one for one in entries if _op(one) == op), None)


def _op(found: HistoryEntry) -> str:
    return str(found.entry.data.get("op", ""))


def _too_long_ago() -> Conflict:
    return Conflict("This Idempotency-Key was used before, too long ago to say for which entry.")
