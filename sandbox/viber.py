"""The stand-in for the Viber bot API. Refusals come as HTTP 200 with a status, like Viber's own."""

import hmac
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from sandbox import phones, webhooks
from sandbox.attachments import sent_by_viber
from sandbox.contacts import Contact
from sandbox.faults import drop_connection, early_answer
from sandbox.setup import LOOPBACK
from sandbox.state import VIBER_EVENTS, Sandbox, ViberHook, current, now_ms
from sandbox.viber_rules import (
    BAD_TOKEN,
    MAX_UNANSWERED_PER_HOUR,
    NO_WEBHOOK,
    NOT_SUBSCRIBED,
    TOO_MANY,
    Refusal,
    check_message,
)

blueprint = Blueprint("viber", __name__, url_prefix="/viber/pa")

DELIVERED_AFTER_S = 0.4
SEEN_AFTER_S = 1.2
_HOUR_MS = 3_600_000
_ALWAYS_ON = frozenset(("message", "subscribed", "unsubscribed"))


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@blueprint.errorhandler(_Refused)
def refuse(error: _Refused) -> Response:
    """Answer a refused call."""
    return jsonify(status=error.refusal.status, status_message=error.refusal.message)


@blueprint.post("/send_message")
def send_message() -> Response:
    """Put a message on a contact's phone. Delivered and seen follow as callbacks."""
    sandbox, bot, body = current(), _bot(), _body()
    receiver = body.get("receiver")
    if not isinstance(receiver, str) or not receiver:
        raise _Refused(Refusal(4, "receiver is missing"))
    fault = sandbox.faults.take("viber", receiver)
    if (answer := early_answer(fault)) is not None:
        sandbox.note_call("viber", "send_message", receiver, "fault")
        return answer
    token = _take(sandbox, sandbox.contacts.get("viber", bot, receiver), body)
    sandbox.note_call("viber", "send_message", receiver, "taken")
    if fault and fault.kind == "drop_after_accept":
        drop_connection()
    return jsonify(status=0, status_message="ok", message_token=token, chat_hostname="SN-CHAT-07_", billing_status=1)


@blueprint.post("/set_webhook")
def set_webhook() -> Response:
    """Register the bot's webhook, which is called before this returns. Only loopback addresses are."""
    sandbox, bot, body = current(), _bot(), _body()
    url, wanted = body.get("url"), body.get("event_types", list(VIBER_EVENTS))
    if (
        not isinstance(url, str)
        or not isinstance(wanted, list)
        or not set(map(str, wanted)) <= {*VIBER_EVENTS, *_ALWAYS_ON}
    ):
        raise _Refused(Refusal(3, "url or event_types is not valid"))
    if url:
        _probe(sandbox, bot, url)
    events = _ALWAYS_ON | set(map(str, wanted))
    sandbox.viber_hooks[bot] = ViberHook(url, frozenset(events))
    return jsonify(status=0, status_message="ok", chat_hostname="SN-CHAT-07_", event_types=sorted(events))


@blueprint.post("/get_account_info")
def get_account_info() -> Response:
    """Describe the bot, with the webhook it has."""
    bot = _bot()
    hook = current().viber_hook(bot)
    return jsonify(
        status=0,
        status_message="ok",
        id=f"pa:{bot}",
        name=bot,
        uri=bot,
        webhook=hook.url,
        event_types=sorted(hook.event_types),
        subscribers_count=1,
        members=[],
    )


@blueprint.post("/get_user_details")
def get_user_details() -> Response:
    """Describe a contact."""
    sandbox, bot, contact_ref = current(), _bot(), _body().get("id")
    if not isinstance(contact_ref, str) or not contact_ref:
        raise _Refused(Refusal(4, "id is missing"))
    contact = sandbox.contacts.get("viber", bot, contact_ref)
    user = webhooks.viber_user(contact_ref, contact.name)
    return jsonify(status=0, status_message="ok", message_token=sandbox.new_token(), user=user)


def _bot() -> str:
    body = request.get_json(silent=True)
    given = request.headers.get("X-Viber-Auth-Token") or (body.get("auth_token") if isinstance(body, dict) else None)
    for bot, token in current().setup.viber_bots.items():
        if isinstance(given, str) and hmac.compare_digest(given.encode(), token.encode()):
            return bot
    raise _Refused(BAD_TOKEN)


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise _Refused(Refusal(3, "the body is not a JSON object"))
    return body


def _take(sandbox: Sandbox, contact: Contact, body: dict[str, Any]) -> int:
    if (refusal := check_message(body)) is not None:
        raise _Refused(refusal)
    if not sandbox.viber_hook(contact.account).url:
        raise _Refused(NO_WEBHOOK)
    token, at_ms = sandbox.new_token(), now_ms()
    with sandbox.contacts.lock:
        if contact.is_subscribed is False:  # opened the screen, never wrote; a stranger counts as subscribed
            raise _Refused(NOT_SUBSCRIBED)
        hour, sent = contact.unanswered
        sent = sent + 1 if hour == at_ms // _HOUR_MS else 1
        if sent > MAX_UNANSWERED_PER_HOUR:
            raise _Refused(TOO_MANY)
        contact.unanswered = (at_ms // _HOUR_MS, sent)
        values = {"direction": "outgoing", "text": str(body.get("text", "")), "at_ms": at_ms}
        metadata = body.get("tracking_data", "")
        found = {"metadata": metadata, "file": sent_by_viber(body), "body": body}
        sandbox.contacts.add(contact, **values, external_id=str(token), **found)
    _send_receipt(sandbox, contact, "delivered", "delivered", token, DELIVERED_AFTER_S)
    _send_receipt(sandbox, contact, "seen", "read", token, SEEN_AFTER_S)
    return token


def _send_receipt(sandbox: Sandbox, contact: Contact, event: str, status: str, token: int, delay_s: float) -> None:
    if event not in sandbox.viber_hook(contact.account).event_types:
        return
    at_ms = now_ms() + int(delay_s * 1000)
    webhook = phones.viber(sandbox, contact, webhooks.viber_receipt(event, token, at_ms, contact.contact_ref))

    def mark(_: object) -> None:
        with sandbox.contacts.lock:
            contact.change([str(token)], status)

    sandbox.courier.deliver(webhook, delay_s, mark)


def _probe(sandbox: Sandbox, bot: str, url: str) -> None:
    if urlsplit(url).hostname not in (LOOPBACK, "localhost"):
        raise _Refused(Refusal(1, f"the sandbox calls {LOOPBACK} only, not {urlsplit(url).hostname}"))
    probe = {"event": "webhook", "timestamp": now_ms(), "message_token": sandbox.new_token()}
    webhook = webhooks.viber_webhook(url, sandbox.setup.viber_bots[bot], f"viber:{bot}", probe)
    status = sandbox.courier.deliver_now(webhook).status
    if status != 200:
        answer = f"HttpResponse[HTTP/1.1 {status}]" if status else "java.net.ConnectException: Connection refused"
        raise _Refused(Refusal(1, f"Result[HttpRequest[POST HTTP/1.1] > {answer}]"))
