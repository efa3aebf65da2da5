"""One item of a Messenger webhook body, and what every reader of one needs."""

from dataclasses import dataclass
from typing import Any

from channels.bodies import as_object, as_text, fingerprint
from domain.events import Noted, NoteKind
from domain.identities import Identity


@dataclass(frozen=True, slots=True)
class Item:
    """One item of `messaging` or `standby` that concerns a contact. body: the object under the key that names it."""

    identity: Identity
    sent_at_ms: int | None
    body: dict[str, Any]
    whole: dict[str, Any]

    def referral(self) -> str:
        """Return the ref of the link or ad; an ad without one is named by its id. It stands inside or beside body."""
        inside, beside = as_object(self.body.get("referral")), as_object(self.whole.get("referral"))
        found = [as_text(each.get(key)) for each in (inside, beside) for key in ("ref", "ad_id")]
        return next(filter(None, found), "")

    def hashed(self, *parts: object) -> str:
        """Return the native id of an event that has none."""
        return f"h:{fingerprint(self.identity.contact_ref, self.sent_at_ms, *parts)}"

    def noted(self, note: NoteKind, native_id: str, details: dict[str, str], text: str = "") -> Noted:
        return Noted(
            identity=self.identity,
            sent_at_ms=self.sent_at_ms,
            native_id=native_id,
            note=note,
            text=text,
            details=details,
        )
