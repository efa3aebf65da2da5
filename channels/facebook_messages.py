"""Messenger's messages, and the copies (echoes) of what a page sent, with all that can hang on them."""

from typing import Any

from channels.bodies import as_degrees, as_id, as_list, as_object, as_text, as_url
from channels.facebook_items import Item
from domain.events import AnyEvent, Attachment, EchoReceived, EchoSender, MessageReceived, NoteKind
from domain.sends import SendTag

#: The app id under which people write from the page's own inbox.
#: Source: github.com/fbsamples/messenger-platform-samples, handover protocol sample, read 2026-11-22.
PAGE_INBOX_APP_ID = "263902037430900"


def read_message(item: Item) -> AnyEvent:
    """Return the message, the echo or the deletion that `item` tells of."""
    body = item.body
    mid, text = as_id(body.get("mid")), as_text(body.get("text"))
    if body.get("is_deleted"):
        return item.noted(NoteKind.DELETE, f"d:{mid}" if mid else item.hashed("delete"), {"external_id": mid})
    attachments = _attachments(body) if len(body) > 2 or not text else ()
    if body.get("is_echo"):
        return _echo(item, mid, text, attachments)
    payload = as_text(as_object(body.get("quick_reply")).get("payload"))
    return MessageReceived(
        identity=item.identity,
        sent_at_ms=item.sent_at_ms,
        native_id=f"m:{mid}" if mid else item.hashed("message", text, payload, *(each.url for each in attachments)),
        external_id=mid,
        text=text,
        payload=payload,
        attachments=attachments,
        reply_to=as_id(as_object(body.get("reply_to")).get("mid")),
        referral=item.referral() if "referral" in body or "referral" in item.whole else "",
    )


def _echo(item: Item, mid: str, text: str, attachments: tuple[Attachment, ...]) -> EchoReceived:
    metadata, app_id = as_text(item.body.get("metadata")), as_id(item.body.get("app_id"))
    if SendTag.parse(metadata):
        sender = EchoSender.US
    elif app_id in {"", PAGE_INBOX_APP_ID}:
        # Without an app id it came from one of Facebook's own apps for page staff.
        sender = EchoSender.PERSON
    else:
        sender = EchoSender.OTHER_APP
    return EchoReceived(
        identity=item.identity,
        sent_at_ms=item.sent_at_ms,
        native_id=f"e:{mid}" if mid else item.hashed("echo", text, metadata),
        sender=sender,
        external_id=mid,
        text=text,
        attachments=attachments,
        metadata=metadata,
    )


def _attachments(body: dict[str, Any]) -> tuple[Attachment, ...]:
    given = as_list(body.get("attachments"))
    # Until mid-2026 a sticker was an image with a sticker_id; in the summer of 2026 it came in both shapes at once.
    is_sticker_message = bool(body.get("sticker_id"))
    read = [_attachment(each, is_sticker_message) for each in given if isinstance(each, dict)]
    if body.get("is_unsupported"):
        read.append(Attachment(kind="unsupported"))
    if is_sticker_message and not read:
        read.append(Attachment(kind="sticker"))
    stickers = [each for each in read if each.kind == "sticker"]
    return tuple(each for each in read if each.kind != "sticker" or each is stickers[0])


def _attachment(given: dict[str, Any], is_sticker_message: bool) -> Attachment:
    payload = as_object(given.get("payload"))
    kind = as_text(given.get("type"))[:40] or "unknown"
    if kind == "image" and (is_sticker_message or payload.get("sticker_id")):
        kind = "sticker"
    coordinates = as_object(payload.get("coordinates"))
    # Before v6.0 a shared link had its title and URL on the attachment itself, and a payload of null.
    return Attachment(
        kind="link" if kind == "fallback" else kind,
        url=as_url(payload.get("url")) or as_url(given.get("URL")) or as_url(given.get("url")),
        name=as_text(payload.get("title")) or as_text(given.get("title")) or as_text(payload.get("status")),
        latitude=as_degrees(coordinates.get("lat"), 90),
        longitude=as_degrees(coordinates.get("long"), 180),
    )
