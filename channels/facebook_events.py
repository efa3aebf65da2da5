"""Messenger's webhook bodies as events.

Source: developers.facebook.com, Messenger Platform, Webhook events (one page for each), read 2026-11-22.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from channels.bodies import as_id, as_list, as_ms, as_object, as_text, in_order, read_object, unknown
from channels.facebook_items import Item
from channels.facebook_messages import read_message
from channels.facebook_notes import (
    noting,
    read_app_roles,
    read_delivery,
    read_edit,
    read_policy,
    read_reaction,
    read_read,
)
from domain.errors import BadPayload
from domain.events import (
    AccountNotice,
    AnyEvent,
    EchoReceived,
    Event,
    MessageReceived,
    Noted,
    NoteKind,
    PostbackReceived,
    ReceiptReceived,
    WelcomeReceived,
)
from domain.identities import Identity

#: What we register for the Get Started button.
GET_STARTED_PAYLOAD = "GET_STARTED"
# The second is what Facebook's own examples register; a page may bring it along.
_GET_STARTED = {GET_STARTED_PAYLOAD, "GET_STARTED_PAYLOAD"}
#: The dashboard's Test button sends its samples for a page of this id.
DASHBOARD_PAGE = "0"


def parse(raw: bytes, pages: Collection[str]) -> list[AnyEvent]:
    """Return the events of a body; what belongs to a page that is not in `pages` is Unknown.

    Raises BadPayload when the body is not JSON or not one of a page's.
    """
    body = read_object(raw)
    if body.get("object") != "page":
        raise BadPayload('expected an object with "object": "page"')
    if not isinstance(body.get("entry"), list):
        raise BadPayload('expected a list "entry"')
    return in_order([event for entry in body["entry"] for event in _entry(as_object(entry), pages)])


def _entry(entry: dict[str, Any], pages: Collection[str]) -> Iterator[AnyEvent]:
    page = as_id(entry.get("id"))
    channel = f"facebook:{page}"
    changes = as_list(entry.get("changes"))
    if page not in pages and not (page == DASHBOARD_PAGE and changes):
        yield unknown(channel, entry)
        return
    items, standby = as_list(entry.get("messaging")), as_list(entry.get("standby"))
    for item in items:
        yield _item(page, as_object(item))
    for item in standby:
        yield _watched(_item(page, as_object(item)))
    for change in changes:
        field = as_text(as_object(change).get("field"))
        yield AccountNotice(channel=channel, note="changes", details={"field": field})
    if not (items or standby or changes):
        yield unknown(channel, entry)


def _item(page: str, item: dict[str, Any]) -> AnyEvent:
    """Read one item by the first key that we know."""
    channel = f"facebook:{page}"
    for key, read in _READERS.items():
        body = item.get(key)
        if isinstance(body, dict):
            identity = _identity(page, item, is_echo=key == "message" and bool(body.get("is_echo")))
            return (
                read(Item(identity, as_ms(item.get("timestamp")), body, item)) if identity else unknown(channel, item)
            )
    for key, read_notice in _ABOUT_THE_PAGE.items():
        if isinstance(item.get(key), dict):
            return read_notice(channel, item[key])
    return unknown(channel, item)


def _identity(page: str, item: dict[str, Any], is_echo: bool) -> Identity | None:
    """Return the contact: who wrote, or in a copy of what the page sent, whom it was for."""
    contact_ref = as_id(as_object(item.get("recipient" if is_echo else "sender")).get("id"))
    # A page writing to itself would be a copy that does not say so, and the bot would answer itself.
    return Identity("facebook", page, contact_ref) if contact_ref and contact_ref != page else None


def _watched(event: AnyEvent) -> AnyEvent:
    """Turn an event of a conversation that another app holds into a note; copies and receipts stay what they are."""
    if not isinstance(event, Event) or isinstance(event, EchoReceived | ReceiptReceived):
        return event
    details = {"event": event.note.value if isinstance(event, Noted) else event.kind}
    if isinstance(event, MessageReceived | PostbackReceived | WelcomeReceived):
        details["external_id"] = event.external_id
    return Noted(
        identity=event.identity,
        sent_at_ms=event.sent_at_ms,
        native_id=event.native_id,
        note=NoteKind.STANDBY,
        text=_text_of(event),
        details=details,
    )


def _text_of(event: Event) -> str:
    if isinstance(event, MessageReceived | Noted):
        return event.text
    return event.title if isinstance(event, PostbackReceived | WelcomeReceived) else ""


def _postback(item: Item) -> AnyEvent:
    mid, title, payload = (
        as_id(item.body.get("mid")),
        as_text(item.body.get("title")),
        as_text(item.body.get("payload")),
    )
    referral = item.referral()
    native_id = f"p:{mid}" if mid else item.hashed("postback", title, payload)
    if payload in _GET_STARTED:
        return WelcomeReceived(
            identity=item.identity,
            sent_at_ms=item.sent_at_ms,
            native_id=native_id,
            cause="get_started",
            external_id=mid,
            title=title,
            payload=payload,
            referral=referral,
        )
    return PostbackReceived(
        identity=item.identity,
        sent_at_ms=item.sent_at_ms,
        native_id=native_id,
        external_id=mid,
        title=title,
        payload=payload,
        referral=referral,
    )


def _referral(item: Item) -> AnyEvent:
    ref = item.referral()
    return WelcomeReceived(
        identity=item.identity,
        sent_at_ms=item.sent_at_ms,
        native_id=item.hashed("referral", ref, as_text(item.body.get("source"))),
        cause="referral",
        referral=ref,
    )


_OWNERS = ("previous_owner_app_id", "new_owner_app_id", "requested_owner_app_id", "metadata")
# In the order in which they are looked for.
_READERS: dict[str, Callable[[Item], AnyEvent]] = {
    "message": read_message,
    "postback": _postback,
    "referral": _referral,
    "optin": noting(NoteKind.OPT_IN, ("type", "ref", "payload", "title", "notification_messages_status")),
    "reaction": read_reaction,
    "message_edit": read_edit,
    "delivery": read_delivery,
    "read": read_read,
    "account_linking": noting(NoteKind.ACCOUNT_LINKING, ("status",)),
    "pass_thread_control": noting(NoteKind.THREAD_CONTROL, _OWNERS, "pass"),
    "take_thread_control": noting(NoteKind.THREAD_CONTROL, _OWNERS, "take"),
    "request_thread_control": noting(NoteKind.THREAD_CONTROL, _OWNERS, "request"),
}
_ABOUT_THE_PAGE: dict[str, Callable[[str, dict[str, Any]], AnyEvent]] = {
    "app_roles": read_app_roles,
    "policy_enforcement": read_policy,
    # The older spelling, still on its way from some versions.
    "policy-enforcement": read_policy,
}
