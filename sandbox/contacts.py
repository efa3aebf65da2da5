"""The people behind the phones: what each wrote and received. Kept in memory, bounded."""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from sandbox.setup import PETAR, SUSAN
from sandbox.webhooks import Webhook

MAX_MESSAGES = 5_000  # per contact
MAX_CONTACTS = 1_000
MAX_NOTES = 50
_NAMES = {SUSAN: "Susan Hill", PETAR: "Petar"}
_FINAL = ("read", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One bubble on a phone. Incoming is what the contact wrote, outgoing what the business sent."""

    seq: int  # grows over all contacts
    direction: str
    text: str
    at_ms: int
    external_id: str
    metadata: str = ""
    status: str = "sent"  # sent, delivered, read; refused: the platform did not take it
    quick_replies: tuple[tuple[str, str], ...] = ()  # title, payload
    file: dict[str, Any] | None = None  # url, kind and name
    body: dict[str, Any] = field(default_factory=dict)  # outgoing: as it was sent to the stand-in


@dataclass(slots=True, kw_only=True)
class Contact:
    """A person on one account of a channel."""

    kind: str
    account: str
    contact_ref: str
    name: str
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=MAX_MESSAGES))
    notes: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=MAX_NOTES))  # for the live strip
    is_started: bool = False  # pressed Get Started, opened the screen, or wrote
    is_subscribed: bool | None = None  # Viber; None: never seen before
    wrote_at_ms: int | None = None
    unanswered: tuple[int, int] = (0, 0)  # Viber: clock hour, messages sent in it without a word from the contact
    typing_until_ms: int = 0  # Messenger: the business is writing
    last_webhook: Webhook | None = None

    @property
    def reference(self) -> str:
        """How the platform's API names the contact."""
        return f"{self.kind}:{self.account}:{self.contact_ref}"

    def change(self, external_ids: Iterable[str], status: str) -> None:
        """Move messages on to `status`; read and refused are final."""
        wanted = set(external_ids)
        for index in range(len(self.messages) - 1, max(-1, len(self.messages) - 201), -1):
            message = self.messages[index]
            if message.external_id in wanted and message.status not in _FINAL:
                self.messages[index] = replace(message, status=status)


class Contacts:
    """Everybody who wrote or was written to; the one silent for longest is forgotten first.

    Hold `lock` while reading or changing a contact.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._contacts: OrderedDict[tuple[str, str, str], Contact] = OrderedDict()
        self._seq = count(1)

    def get(self, kind: str, account: str, contact_ref: str) -> Contact:
        """Return the contact, who is made on first use."""
        key = (kind, account, contact_ref)
        with self.lock:
            contact = self._contacts.get(key)
            if contact is None:
                name = _NAMES.get(contact_ref, f"Contact {contact_ref[-4:]}")
                contact = self._contacts[key] = Contact(kind=kind, account=account, contact_ref=contact_ref, name=name)
                self._forget_oldest()
            self._contacts.move_to_end(key)
            return contact

    def is_known(self, kind: str, account: str, contact_ref: str) -> bool:
        """Tell whether this contact was seen on this account."""
        with self.lock:
            return (kind, account, contact_ref) in self._contacts

    def accounts_of(self, kind: str, contact_ref: str) -> set[str]:
        """Return the accounts on which this contact was seen."""
        with self.lock:
            return {account for k, account, ref in self._contacts if (k, ref) == (kind, contact_ref)}

    def add(self, contact: Contact, **values: Any) -> Message:
        """Put one more message on the contact's phone."""
        with self.lock:
            message = Message(seq=next(self._seq), **values)
            contact.messages.append(message)
            return message

    def _forget_oldest(self) -> None:
        while len(self._contacts) > MAX_CONTACTS:
            oldest = next(key for key in self._contacts if key[2] not in _NAMES)
            del self._contacts[oldest]
