"""How contacts and conversations are named.

An identity says where a contact can be reached: `facebook:<page id>:<psid>` or `viber:<bot>:<user id>`.
"""

import base64
import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

_CONTACT_ID = re.compile(r"[a-z2-7]{24}")
_CONVERSATION_ID = re.compile(r"([a-z2-7]{24})-(0|[1-9][0-9]{0,10})")


class Identity(NamedTuple):
    """Where a contact can be reached: channel kind, our account there, and the contact's id on it."""

    kind: str
    account: str
    contact_ref: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.account}:{self.contact_ref}"

    @classmethod
    def parse(cls, text: str) -> "Identity":
        """Read `kind:account:contact_ref`. Raises ValueError when a part is missing."""
        kind, account, contact_ref = text.split(":", 2)
        if not (kind and account and contact_ref):
            raise ValueError("an identity is channel:account:contact")
        return cls(kind, account, contact_ref)

    @property
    def channel(self) -> str:
        """The connected account, for example `viber:shop`."""
        return f"{self.kind}:{self.account}"


def contact_id(identity: Identity | str) -> str:
    """Return the id of the contact that `identity` makes: 24 characters of lower-case base32 of SHA-256."""
    return _contact_id(str(identity))


@lru_cache(maxsize=8192)
def _contact_id(identity: str) -> str:
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(digest[:15]).decode().lower()


#: Nobody's: the contact on whose timeline merges are asked for, so that they are done one after the other.
MERGES = Identity("system", "markdone", "merges")
MERGES_ID = contact_id(MERGES)


def reference(external_id: str) -> str:
    """Return 8 characters that stand for a platform's message id on one contact's timeline; empty for none."""
    digest = hashlib.sha256(external_id.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[:6]).decode() if external_id else ""


def is_contact_id(text: str) -> bool:
    """Tell whether `text` has the shape of a contact id."""
    return _CONTACT_ID.fullmatch(text) is not None


def conversation_id(contact: str, number: int) -> str:
    """Return the conversation's id; number 0 stands for "outside of any conversation". At most 36 characters."""
    return f"{contact}-{number}"


def parse_conversation_id(text: str) -> tuple[str, int] | None:
    """Split a conversation id into contact id and number; None when it is not one of ours."""
    match = _CONVERSATION_ID.fullmatch(text)
    return (match[1], int(match[2])) if match else None
