"""How the API names contacts: `id:<contact id>`, `facebook:<page id>:<psid>`, `viber:<bot>:<user id>`."""

import base64
import binascii

from werkzeug.routing import BaseConverter

from domain.errors import NotFound
from domain.identities import Identity, contact_id, is_contact_id
from domain.models import Snapshot
from web.context import context

#: What may follow a reference in an address.
SUFFIXES = (
    *("conversations", "timeline", "messages", "conversation/status", "conversation/assignee"),
    *("merge", "comments", "tags", "bot", "block"),
)
#: So many merges are followed, one into the next.
MOST_MERGES = 10


class ReferenceConverter(BaseConverter):
    """Takes a reference with decoded slashes; one of SUFFIXES at the end of the path is never part of it."""

    part_isolating = False
    regex = rf"(?:(?!/(?:{'|'.join(SUFFIXES)})\Z)[\s\S])+"


def find_contact(reference: str) -> Snapshot:
    """Return the contact that is named; of one that was merged, the contact that it is part of now.

    A Viber user id is tried as it is given; only if nobody has it, as unpadded base64url. Raises NotFound, StoreError.
    """
    return find_chain(reference)[-1]


def find_chain(reference: str) -> list[Snapshot]:
    """Return the contact that is named, the one that it was merged into, and so on. Raises NotFound, StoreError."""
    chain = [find_named(reference)]
    while chain[-1].contact.merged_into and len(chain) <= MOST_MERGES:
        chain.append(context().store.snapshot(chain[-1].contact.merged_into))
    return chain


def find_named(reference: str) -> Snapshot:
    """Return the contact that is named, also when it is part of another one. Raises NotFound, StoreError."""
    for contact in _candidates(reference):
        try:
            return context().store.snapshot(contact)
        except NotFound:
            continue
    raise NotFound(
        "There is no such contact. A contact is named id:<contact id>, facebook:<page id>:<psid> or "
        "viber:<bot>:<user id>, URL-encoded, and exists once it has written."
    )


def print_identity(identity: Identity) -> str:
    """Write an identity as a reference: Viber ids as unpadded base64url, which needs no escaping."""
    return str(identity if identity.kind != "viber" else identity._replace(contact_ref=encode(identity.contact_ref)))


def encode(text: str) -> str:
    """Return unpadded base64url of the text's UTF-8."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str) -> str | None:
    """Read what `encode` wrote; None for everything else."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return decoded if encode(decoded) == text else None


def _candidates(reference: str) -> list[str]:
    """The ids that a reference may mean, the likeliest first."""
    kind, _, rest = reference.partition(":")
    if kind == "id":
        return [rest] if is_contact_id(rest) else []
    try:
        identity = Identity.parse(reference)
    except ValueError:
        return []
    found = [contact_id(identity)]
    if identity.kind == "viber" and (contact_ref := decode(identity.contact_ref)):
        found.append(contact_id(identity._replace(contact_ref=contact_ref)))
    return found
