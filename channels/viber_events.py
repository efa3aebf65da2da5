"""Viber's callbacks as events.

Source: creators.viber.com, Bots API, Callbacks, read 2026-11-22.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from channels.bodies import as_degrees, as_id, as_ms, as_object, as_text, as_url, fingerprint, read_object, unknown
from domain.events import (
    AccountNotice,
    AnyEvent,
    Attachment,
    MessageReceived,
    Noted,
    NoteKind,
    Profile,
    ReceiptReceived,
    ReceiptStatus,
    WelcomeReceived,
)
from domain.identities import Identity

#: Viber's word for what was sent → ours. Anything else (gif, voice) keeps Viber's.
_KINDS = {"picture": "image", "url": "link"}
# In these types `text` was written by the contact. In the others it is what the documentation's example leaves there.
_WRITTEN = {"text", "picture", "video", "url"}


@dataclass(frozen=True, slots=True)
class _Callback:
    name: str
    body: dict[str, Any]

    @property
    def token(self) -> str:
        """Viber's 64-bit id of the message; a string, as no float holds it."""
        return as_id(self.body.get("message_token"))

    @property
    def sent_at_ms(self) -> int | None:
        return as_ms(self.body.get("timestamp"))

    def native_id(self, *parts: str) -> str:
        """Return the event's own id; what Viber left without a token is told by `parts`."""
        return f"{self.name}:{self.token or fingerprint(self.sent_at_ms, *parts)}"


def parse(raw: bytes, bot: str) -> list[AnyEvent]:
    """Return the one event of a callback. Raises BadPayload when the body is not a JSON object."""
    body = read_object(raw)
    name = as_text(body.get("event"))
    if name == "webhook":
        return [AccountNotice(channel=f"viber:{bot}", note="webhook_probe")]
    person_key, read = _READERS.get(name, ("", None))
    person = as_object(body.get(person_key)) or {"id": body.get(person_key)}
    contact_ref = as_id(person.get("id"))
    event = read(_Callback(name, body), Identity("viber", bot, contact_ref), person) if read and contact_ref else None
    return [event or unknown(f"viber:{bot}", body)]


def _message(callback: _Callback, identity: Identity, person: dict[str, Any]) -> AnyEvent | None:
    message = as_object(callback.body.get("message"))
    kind = as_text(message.get("type"))[:40]
    if not kind:
        return None
    text = as_text(message.get("text"))
    attachment = _attachment(kind, message)
    if kind == "url":
        # A contact who writes nothing but an address has written it.
        text = text or attachment.url
    return MessageReceived(
        identity=identity,
        sent_at_ms=callback.sent_at_ms,
        native_id=callback.native_id(identity.contact_ref, kind, text),
        profile=_profile(person),
        external_id=callback.token,
        text=text if kind in _WRITTEN else "",
        # A share-phone button comes back as a contact with the button's own text.
        payload=text if kind == "contact" else "",
        attachments=() if kind == "text" else (attachment,),
        is_subscribed=True,
    )


def _attachment(kind: str, message: dict[str, Any]) -> Attachment:
    """Read what the type promises and nothing else: Viber's own example has the members of all types at once."""
    if kind == "location":
        place = as_object(message.get("location"))
        latitude, longitude = as_degrees(place.get("lat"), 90), as_degrees(place.get("lon"), 180)
        return Attachment(kind=kind, latitude=latitude, longitude=longitude)
    if kind == "contact":
        card = as_object(message.get("contact"))
        return Attachment(kind=kind, name=as_text(card.get("name")), phone=as_text(card.get("phone_number")))
    return Attachment(
        kind=_KINDS.get(kind, kind), url=as_url(message.get("media")), name=as_text(message.get("file_name"))
    )


def _conversation_started(callback: _Callback, identity: Identity, person: dict[str, Any]) -> AnyEvent:
    subscribed = callback.body.get("subscribed")
    return WelcomeReceived(
        identity=identity,
        sent_at_ms=callback.sent_at_ms,
        native_id=callback.native_id(identity.contact_ref),
        profile=_profile(person),
        cause="conversation_started",
        external_id=callback.token,
        referral=as_text(callback.body.get("context")),
        welcome_token=callback.token,
        is_subscribed=subscribed if isinstance(subscribed, bool) else None,
    )


def _noted(
    note: NoteKind, is_subscribed: bool | None = None
) -> Callable[[_Callback, Identity, dict[str, Any]], AnyEvent]:
    def read(callback: _Callback, identity: Identity, person: dict[str, Any]) -> AnyEvent:
        status = as_object(callback.body.get("status"))
        details: dict[str, str] = {key: as_text(status.get(key)) for key in ("type", "code") if key in status}
        return Noted(
            identity=identity,
            sent_at_ms=callback.sent_at_ms,
            native_id=callback.native_id(identity.contact_ref),
            profile=_profile(person),
            note=note,
            details=details,
            is_subscribed=is_subscribed,
        )

    return read


def _receipt(status: ReceiptStatus) -> Callable[[_Callback, Identity, dict[str, Any]], AnyEvent | None]:
    def read(callback: _Callback, identity: Identity, person: dict[str, Any]) -> AnyEvent | None:
        if not callback.token:
            return None
        return ReceiptReceived(
            identity=identity,
            sent_at_ms=callback.sent_at_ms,
            # The token is that of our message, so a receipt is told from others by its contact too.
            native_id=f"{callback.native_id()}:{identity.contact_ref}",
            status=status,
            external_ids=(callback.token,),
            reason=as_text(callback.body.get("desc")),
        )

    return read


def _profile(person: dict[str, Any]) -> Profile | None:
    """Read the person's profile; None where the callback names only the id."""
    if len(person) < 2:
        return None
    return Profile(
        name=as_text(person.get("name")),
        language=as_text(person.get("language")),
        country=as_text(person.get("country")),
    )


# Event → where its person stands, and how it is read.
_READERS: dict[str, tuple[str, Callable[[_Callback, Identity, dict[str, Any]], AnyEvent | None]]] = {
    "message": ("sender", _message),
    "conversation_started": ("user", _conversation_started),
    "subscribed": ("user", _noted(NoteKind.SUBSCRIBED, True)),
    "unsubscribed": ("user_id", _noted(NoteKind.UNSUBSCRIBED, False)),
    "delivered": ("user_id", _receipt(ReceiptStatus.DELIVERED)),
    "seen": ("user_id", _receipt(ReceiptStatus.READ)),
    "failed": ("user_id", _receipt(ReceiptStatus.FAILED)),
    "client_status": ("user", _noted(NoteKind.PAYMENT_STATUS)),
}
