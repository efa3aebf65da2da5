"""What a contact can do on a phone: open the door, write, tap. Each becomes a signed webhook to the platform."""

import json
from typing import Any

from domain.errors import BadPayload
from sandbox import attachments, webhooks
from sandbox.attachments import SAMPLES
from sandbox.contacts import Contact, Message
from sandbox.courier import Answered
from sandbox.state import Sandbox, new_mid, now_ms
from sandbox.viber_rules import check_message
from sandbox.webhooks import Webhook

MAX_TEXT_CHARS = {"facebook": 20_000, "viber": 7_000}


def write(sandbox: Sandbox, contact: Contact, text: str, quick_reply: str = "") -> Message:
    """Write `text` as the contact, or tap the quick reply that has this payload.

    Raises: BadPayload when the text is empty or too long, or when too many webhooks wait already.
    """
    limit = MAX_TEXT_CHARS[contact.kind]
    if not text.strip() or len(text) > limit:
        raise BadPayload(f"a message has 1 to {limit} characters")
    mid, token = new_mid(), sandbox.new_token()
    item = webhooks.message_item(mid, text, quick_reply)
    return _say(sandbox, contact, (mid, item), (token, {"type": "text", "text": text}), text=text)


def send_sample(sandbox: Sandbox, contact: Contact, name: str) -> Message:
    """Send one of SAMPLES as the contact.

    Raises: BadPayload when there is none of that name, or when too many webhooks wait already.
    """
    sample = SAMPLES.get(name)
    if sample is None:
        raise BadPayload(f"what can be sent is {', '.join(SAMPLES)}")
    mid, token = new_mid(), sandbox.new_token()
    item = webhooks.attachment_item(mid, attachments.of_messenger(sandbox.setup, sample))
    message = attachments.of_viber(sandbox.setup, sample)
    file = attachments.shown_sample(sandbox.setup, sample)
    return _say(sandbox, contact, (mid, item), (token, message), text=sample.text, file=file)


def start(sandbox: Sandbox, contact: Contact) -> None:
    """Press Get Started on Messenger; open the screen on Viber, where the answer is the welcome.

    Raises: BadPayload when too many webhooks wait already.
    """
    at_ms = now_ms()
    with sandbox.contacts.lock:
        contact.is_started = True
        contact.wrote_at_ms = at_ms if contact.kind == "facebook" else contact.wrote_at_ms
        contact.is_subscribed = bool(contact.is_subscribed)
    if contact.kind == "facebook":
        mid = new_mid()
        _post(sandbox, contact, _facebook(sandbox, contact, at_ms, webhooks.get_started_item(mid)), mid)
    elif "conversation_started" in sandbox.viber_hook(contact.account).event_types:
        token = sandbox.new_token()
        callback = webhooks.viber_opened(token, at_ms, contact.contact_ref, contact.name, bool(contact.is_subscribed))
        _post(sandbox, contact, viber(sandbox, contact, callback), str(token), is_welcome=True)


def repeat(sandbox: Sandbox, contact: Contact) -> Answered | None:
    """Deliver the contact's last webhook once more, byte for byte; None when there is none yet."""
    return sandbox.courier.deliver_now(contact.last_webhook) if contact.last_webhook else None


def viber(sandbox: Sandbox, contact: Contact, callback: dict[str, Any]) -> Webhook:
    """Sign a callback about this contact."""
    token = sandbox.setup.viber_bots[contact.account]
    url = sandbox.viber_hook(contact.account).url
    return webhooks.viber_webhook(url, token, f"viber:{contact.account}:{contact.contact_ref}", callback)


def _say(
    sandbox: Sandbox,
    contact: Contact,
    on_messenger: tuple[str, dict[str, Any]],
    on_viber: tuple[int, dict[str, Any]],
    **shown: Any,
) -> Message:
    at_ms = now_ms()
    if contact.kind == "facebook":
        native_id, item = on_messenger
        webhook = _facebook(sandbox, contact, at_ms, item)
    else:
        token, said = on_viber
        native_id = str(token)
        callback = webhooks.viber_message(token, at_ms, contact.contact_ref, contact.name, said)
        webhook = viber(sandbox, contact, callback)
    with sandbox.contacts.lock:
        contact.is_started, contact.is_subscribed = True, True
        contact.wrote_at_ms, contact.unanswered = at_ms, (0, 0)
        values = {"direction": "incoming", "at_ms": at_ms, "external_id": native_id, **shown}
        message = sandbox.contacts.add(contact, **values)
    _post(sandbox, contact, webhook, native_id)
    return message


def _facebook(sandbox: Sandbox, contact: Contact, at_ms: int, item: dict[str, Any]) -> Webhook:
    return webhooks.facebook_webhook(sandbox.setup, contact.account, contact.contact_ref, at_ms, item)


def _post(sandbox: Sandbox, contact: Contact, webhook: Webhook, native_id: str, is_welcome: bool = False) -> None:
    def settle(answered: Answered) -> None:
        with sandbox.contacts.lock:
            contact.change([native_id], "delivered" if answered.status == 200 else "refused")
            if is_welcome and answered.status == 200:
                _show_welcome(sandbox, contact, answered.body)

    contact.last_webhook = webhook
    if not webhook.url:
        return  # set_webhook with an empty url: nobody listens
    if not sandbox.courier.deliver(webhook, on_answer=settle):
        contact.change([native_id], "refused")
        raise BadPayload("too many webhooks wait for the platform; try again in a moment")


def _show_welcome(sandbox: Sandbox, contact: Contact, body: bytes) -> None:
    # The body is a send_message without a receiver (Viber, welcome message, read 2026-11-22).
    try:
        message = json.loads(body) if body else None
    except ValueError:
        message = None
    if not isinstance(message, dict) or check_message(message) is not None:
        return
    values = {"direction": "outgoing", "text": str(message.get("text", "")), "at_ms": now_ms()}
    sandbox.contacts.add(contact, **values, external_id="", metadata=message.get("tracking_data", ""), body=message)
