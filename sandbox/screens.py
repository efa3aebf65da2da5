"""What the page shows of one phone: the bubbles, also those from before a restart, and the strip beside it."""

from typing import Any

from sandbox.attachments import local_url
from sandbox.contacts import Contact, Message
from sandbox.history import earlier_messages, has_begun
from sandbox.state import Sandbox, now_ms
from sandbox.strip import Sentence, sentences

SHOWN_MESSAGES = 100
SHOWN_SENTENCES = 60
_OF_A_BUBBLE = ("seq", "direction", "text", "at_ms", "status", "quick_replies")


def screen_of(sandbox: Sandbox, contact: Contact) -> tuple[dict[str, Any], str]:
    """Return what the contact's phone and strip show, and what is wrong with the connection to the platform (or "")."""
    items, trouble = sandbox.timelines.read(contact.reference)
    with sandbox.contacts.lock:
        present = list(contact.messages)
        notes = [Sentence(at_ms, text, "plain") for at_ms, text in contact.notes]
        is_started, can_repeat = contact.is_started, contact.last_webhook is not None
        is_typing = contact.typing_until_ms > now_ms()
    messages = [*earlier_messages(items, sandbox.started_at_ms, present), *present]
    strip = sorted([*sentences(items), *notes], key=lambda sentence: sentence.at_ms)
    shown = {
        "channel": contact.kind,
        "contact_ref": contact.contact_ref,
        "is_started": is_started or has_begun(items),
        "can_repeat": can_repeat,
        "is_typing": is_typing,
        "messages": [_bubble(sandbox, message) for message in messages[-SHOWN_MESSAGES:]],
        "strip": [sentence._asdict() for sentence in strip[-SHOWN_SENTENCES:]],
    }
    return shown, trouble


def _bubble(sandbox: Sandbox, message: Message) -> dict[str, Any]:
    shown = {name: getattr(message, name) for name in _OF_A_BUBBLE}
    if message.file:
        # Only what lies on this machine is loaded; of anything else the phone shows the name.
        return {**shown, "file": {**message.file, "url": local_url(sandbox.setup, str(message.file["url"]))}}
    return shown if message.text else {**shown, "text": "(neither text nor file: the phone cannot show it)"}
