"""The bodies that Facebook and Viber post, signed as they sign them. Pure: nothing is sent from here."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.setup import Setup

GET_STARTED_PAYLOAD = "GET_STARTED"
_CHAT_HOSTNAME = "SN-CHAT-07_"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One signed POST, ready to be delivered, and delivered again, byte for byte."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    contact: str  # webhooks of one contact leave in order

    def __repr__(self) -> str:
        return f"Webhook({self.url}, {len(self.body)} bytes)"  # no body, no signature: this may reach a log


def facebook_webhook(setup: Setup, page: str, psid: str, at_ms: int, item: dict[str, Any]) -> Webhook:
    """Sign what happened to one contact of a page. An echo comes from the page, everything else from the contact.

    Source: developers.facebook.com messenger-platform/webhooks, read 2026-11-22.
    """
    is_echo = bool(item.get("message", {}).get("is_echo"))
    sender, recipient = (page, psid) if is_echo else (psid, page)
    event = {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": at_ms, **item}
    body = _escaped({"object": "page", "entry": [{"id": page, "time": at_ms, "messaging": [event]}]})
    secret = next(iter(setup.facebook_app_secrets), "").encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature": "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }
    return Webhook(f"{setup.platform_url}/webhooks/facebook", body, headers, f"facebook:{page}:{psid}")


def viber_webhook(url: str, token: str, contact: str, callback: dict[str, Any]) -> Webhook:
    """Sign a callback with the bot's token. The body holds literal UTF-8.

    Source: creators.viber.com/docs/bots-api, callbacks, read 2026-11-22.
    """
    body = json.dumps({"chat_hostname": _CHAT_HOSTNAME, **callback}, ensure_ascii=False).encode()
    signature = hmac.new(token.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Viber-Content-Signature": signature}
    return Webhook(url, body, headers, contact)


def message_item(mid: str, text: str, quick_reply: str = "") -> dict[str, Any]:
    """Build what a contact wrote; `quick_reply` is the payload of the button that was tapped."""
    tapped = {"quick_reply": {"payload": quick_reply}} if quick_reply else {}
    return {"message": {"mid": mid, "text": text, **tapped}}


def attachment_item(mid: str, attachment: dict[str, Any]) -> dict[str, Any]:
    """Build what a contact sent; it comes without a text, not even an empty one."""
    return {"message": {"mid": mid, "attachments": [attachment]}}


def get_started_item(mid: str) -> dict[str, Any]:
    """Build a press on Get Started."""
    return {"postback": {"mid": mid, "title": "Get Started", "payload": GET_STARTED_PAYLOAD}}


def echo_item(mid: str, message: dict[str, Any], app_id: str) -> dict[str, Any]:
    """Build the copy of a message that the page sent; `app_id` is a number on the wire."""
    echo = {"is_echo": True, "app_id": int(app_id) if app_id.isdigit() else app_id, "mid": mid}
    kept = {key: message[key] for key in ("text", "metadata", "attachments") if key in message}
    sent = {"attachments": [message["attachment"]]} if "attachment" in message else {}
    return {"message": {**echo, **kept, **sent}}


def delivery_item(mid: str, watermark_ms: int) -> dict[str, Any]:
    """Build a delivery receipt."""
    return {"delivery": {"mids": [mid], "watermark": watermark_ms}}


def read_item(watermark_ms: int) -> dict[str, Any]:
    """Build a read receipt: everything up to the watermark."""
    return {"read": {"watermark": watermark_ms}}


def viber_user(contact_ref: str, name: str) -> dict[str, Any]:
    """Build the user object of a callback."""
    return {"id": contact_ref, "name": name, "language": "en-GB", "country": "BG", "api_version": 10}


def viber_message(token: int, at_ms: int, contact_ref: str, name: str, message: dict[str, Any]) -> dict[str, Any]:
    """Build what a contact wrote or sent."""
    sender = viber_user(contact_ref, name)
    stamps = {"timestamp": at_ms, "message_token": token}
    return {"event": "message", **stamps, "sender": sender, "message": message, "silent": False}


def viber_opened(token: int, at_ms: int, contact_ref: str, name: str, is_subscribed: bool) -> dict[str, Any]:
    """Build conversation_started: the contact opened the screen."""
    stamps = {"timestamp": at_ms, "message_token": token}
    user = viber_user(contact_ref, name)
    return {"event": "conversation_started", **stamps, "type": "open", "user": user, "subscribed": is_subscribed}


def viber_receipt(event: str, token: int, at_ms: int, contact_ref: str) -> dict[str, Any]:
    """Build delivered or seen for the message that has `token`."""
    return {"event": event, "timestamp": at_ms, "message_token": token, "user_id": contact_ref}


def _escaped(value: dict[str, Any]) -> bytes:
    # Facebook signs and sends ASCII in which these characters are escaped too (read 2026-11-22).
    text = json.dumps(value, separators=(",", ":"))
    for character, escape in (("/", "\\/"), ("<", "\\u003C"), ("%", "\\u0025"), ("@", "\\u0040")):
        text = text.replace(character, escape)
    return text.encode("ascii")
