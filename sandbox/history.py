"""What was said on a phone before this sandbox was started: read back from the platform's timeline."""

from collections.abc import Iterable
from typing import Any

from domain.sends import SendTag
from sandbox.attachments import shown_file
from sandbox.contacts import Message
from sandbox.strip import epoch_ms

_ARRIVED = ("sent", "delivered", "read")


def earlier_messages(items: Iterable[Any], before_ms: int, present: Iterable[Message]) -> list[Message]:
    """Return the messages of a timeline from before `before_ms`, as they were on the phone.

    present: what the phone holds already; a message that waited over the restart is among both.
    """
    tags = [SendTag.parse(message.metadata) for message in present]
    sent_since = {str(tag.entry) for tag in tags if tag}
    found = []
    for item in items:
        if isinstance(item, dict) and (at_ms := epoch_ms(item.get("at"))) and at_ms < before_ms:
            status = _status(item)
            if status and item.get("id") not in sent_since:
                values = {"direction": item["direction"], "text": str(item.get("text") or ""), "at_ms": at_ms}
                found.append(Message(seq=0, external_id="", status=status, file=_file(item), **values))
    return found


def has_begun(items: Iterable[Any]) -> bool:
    """Tell whether the contact ever wrote, tapped or opened the door."""
    return any(isinstance(item, dict) and item.get("direction") == "incoming" for item in items)


def _file(item: dict[str, Any]) -> dict[str, Any] | None:
    attachments = item.get("attachments")
    given = item.get("file") or (attachments[0] if isinstance(attachments, list) and attachments else None)
    if not isinstance(given, dict) or not given.get("url"):
        return None
    return shown_file(str(given["url"]), str(given.get("kind")), str(given.get("name") or ""))


def _status(item: dict[str, Any]) -> str:
    """What stood below the message; empty for what is no message, and for one that never reached the phone."""
    if item.get("direction") == "incoming":
        return "delivered" if item.get("kind") in ("message", "postback") else ""
    status = str(item.get("status"))
    is_there = item.get("direction") == "outgoing" and item.get("kind") == "message" and status in _ARRIVED
    return status if is_there else ""
