"""What the store shall do with an event of a platform."""

from dataclasses import asdict
from typing import Any

from domain.arrivals import Arrival, Record, RecordReceipt, SettleByEcho
from domain.events import (
    AnyEvent,
    Attachment,
    EchoReceived,
    EchoSender,
    Event,
    MessageReceived,
    Noted,
    PostbackReceived,
    ReceiptReceived,
    WelcomeReceived,
)
from domain.identities import reference
from domain.models import Letter, Sender, Source
from domain.sends import SendTag

TEXT_CHARS = 20_000
ATTACHMENTS = 30
DETAIL_CHARS = 500


def arrivals(event: AnyEvent, *, welcome_opens: bool) -> list[Arrival]:
    """Return what to do with `event`; nothing for what concerns no contact.

    welcome_opens: whether a welcome event of its channel opens a conversation.
    """
    match event:
        case MessageReceived():
            return [_record(event, Letter.MESSAGE, _message(event), Source.CONTACT, event.is_subscribed)]
        case PostbackReceived():
            return [_record(event, Letter.MESSAGE, _postback(event), Source.CONTACT)]
        case WelcomeReceived():
            letter, source = (Letter.WELCOME_OPENING, Source.WELCOME_EVENT) if welcome_opens else (Letter.WELCOME, None)
            return [_record(event, letter, _welcome(event), source, event.is_subscribed)]
        case Noted():
            details = {name: value[:DETAIL_CHARS] for name, value in event.details.items()}
            if external_id := event.details.get("external_id"):
                details["of"] = reference(external_id)
                del details["external_id"]
            data = _filled(kind=event.note, text=event.text[:TEXT_CHARS], details=details)
            return [_record(event, Letter.NOTED, data, None, event.is_subscribed)]
        case EchoReceived():
            return _echo(event)
        case ReceiptReceived():
            return _receipts(event)
        case _:
            return []


def _message(event: MessageReceived) -> dict[str, Any]:
    return _filled(
        kind="message",
        text=event.text[:TEXT_CHARS],
        payload=event.payload,
        attachments=_attachments(event.attachments),
        ref=reference(event.external_id),
        reply_to=reference(event.reply_to),
        referral=event.referral,
    )


def _postback(event: PostbackReceived) -> dict[str, Any]:
    return _filled(
        kind="postback",
        text=event.title[:TEXT_CHARS],
        payload=event.payload,
        ref=reference(event.external_id),
        referral=event.referral,
    )


def _welcome(event: WelcomeReceived) -> dict[str, Any]:
    return _filled(
        kind="welcome",
        cause=event.cause,
        text=event.title,
        payload=event.payload,
        referral=event.referral,
        token=event.welcome_token,
    )


def _echo(event: EchoReceived) -> list[Arrival]:
    if event.sender is EchoSender.US:
        tag = SendTag.parse(event.metadata)
        return [SettleByEcho(tag=tag, external_id=event.external_id)] if tag else []
    data = _filled(kind="message", text=event.text[:TEXT_CHARS], attachments=_attachments(event.attachments))
    if event.sender is EchoSender.PERSON:
        return [_record(event, Letter.SENT, {**data, "sender": Sender.USER, "via": "page_inbox"}, None)]
    return [_record(event, Letter.NOTED, {**data, "kind": "echo", "via": "other_app"}, None)]


def _receipts(event: ReceiptReceived) -> list[Arrival]:
    if event.watermark_ms:
        return [RecordReceipt(identity=event.identity, status=event.status, watermark_ms=event.watermark_ms)]
    return [
        RecordReceipt(
            identity=event.identity,
            status=event.status,
            external_id=external_id,
            reason="failed_on_platform" if event.reason else "",
        )
        for external_id in event.external_ids
    ]


def _record(
    event: Event, letter: Letter, data: dict[str, Any], opens: Source | None, is_subscribed: bool | None = None
) -> Record:
    return Record(
        identity=event.identity,
        native_id=event.native_id,
        sent_at_ms=event.sent_at_ms,
        letter=letter,
        data=data,
        opens=opens,
        external_id=event.external_id if isinstance(event, EchoReceived) else "",
        is_subscribed=is_subscribed,
        profile=event.profile,
    )


def _attachments(attachments: tuple[Attachment, ...]) -> list[dict[str, Any]]:
    return [_filled(**asdict(attachment)) for attachment in attachments[:ATTACHMENTS]]


def _filled(**data: Any) -> dict[str, Any]:
    """An entry keeps only what says something."""
    return {name: value for name, value in data.items() if value not in (None, "", [], {}, ())}
