"""The cast: Susan writes on Messenger, Petar on Viber; and the ways in which tests let things happen to them."""

import itertools
from typing import Any

from domain.arrivals import Record
from domain.identities import Identity, contact_id
from domain.models import Letter, Snapshot, Source
from store import Received, Store, Turn

SUSAN = Identity("facebook", "104200000000042", "7000000000000701")
SUSAN_ID = contact_id(SUSAN)
PETAR = Identity("viber", "shop", "pEt4r+/Viber==")
PETAR_ID = contact_id(PETAR)
ALICE = {"id": "u1", "email": "alice@example.com", "name": "Alice"}
BOB = {"id": "u2", "email": "bob@example.com", "name": "Bob"}

_numbers = itertools.count(1)


def message(text: str = "hello", *, who: Identity = SUSAN, native_id: str = "", **changes: Any) -> Record:
    """A message that has arrived, with a native id of its own unless one is given."""
    values: dict[str, Any] = {
        "identity": who,
        "native_id": native_id or f"m:test-{next(_numbers)}",
        "sent_at_ms": None,
        "letter": Letter.MESSAGE,
        "data": {"kind": "message", "text": text},
        "opens": Source.CONTACT,
    }
    return Record(**{**values, **changes})


def welcome(*, who: Identity = SUSAN, opens: bool = True, token: str = "", **changes: Any) -> Record:
    """A welcome event that has arrived."""
    values: dict[str, Any] = {
        "identity": who,
        "native_id": f"w:test-{next(_numbers)}",
        "sent_at_ms": None,
        "letter": Letter.WELCOME_OPENING if opens else Letter.WELCOME,
        "data": {"kind": "welcome", "cause": "get_started", **({"token": token} if token else {})},
        "opens": Source.WELCOME_EVENT if opens else None,
    }
    return Record(**{**values, **changes})


def write(store: Store, text: str = "hello", *, who: Identity = SUSAN) -> Received:
    """Let somebody write, and return what became of it."""
    return store.receive([message(text, who=who)])[0]


def take(store: Store, contact: str = SUSAN_ID) -> tuple[Turn, Snapshot]:
    """Take a turn that must be free."""
    taken = store.take_turn(contact)
    assert taken is not None, "the turn is not free"
    return taken


def lines(store: Store, contact: str = SUSAN_ID) -> list[tuple[str, int | None]]:
    """The kinds of all entries on a timeline with their conversation, in order."""
    page = store.timeline(contact, 0, 100_000)
    return [(str(entry.data["kind"]), number) for entry, number in page.entries]
