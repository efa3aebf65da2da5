"""What is known about Susan at one moment, as the decisions get it."""

from typing import Any

from domain.models import Contact, Entry, Letter, OpenConversation, Snapshot, Source
from tests.people import SUSAN, SUSAN_ID


def contact(**changes: Any) -> Contact:
    return Contact(**{"id": SUSAN_ID, "identity": SUSAN, "conversations": 1, **changes})


def conversation(**changes: Any) -> OpenConversation:
    """Conversation 1, open since entry 0."""
    values = {"number": 1, "first_entry": 0, "opened_at_ms": 1, "source": Source.CONTACT, "channel": "facebook"}
    return OpenConversation(**{**values, **changes})


def entry(text: str = "hello", *, number: int = 1, letter: Letter = Letter.MESSAGE, **data: Any) -> Entry:
    kind = "message" if letter is Letter.MESSAGE else "welcome"
    return Entry(number, letter, {"kind": kind, "at": 1, **({"text": text} if text else {}), **data})


def snapshot(opened: OpenConversation | None = None, *, undecided: Entry | None = None, **changes: Any) -> Snapshot:
    """Susan with `opened`, or with no open conversation; `changes` are about the contact."""
    return Snapshot(contact(**changes), opened, undecided, None, 10)
