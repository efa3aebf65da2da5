"""Lines of a timeline as the API shows them."""

from typing import Any, Literal

from domain.models import Entry, Letter, Sender, Status
from store import TimelinePage
from web import api_models as body
from web.api_answers import automation_body, time_text, user_body

_INCOMING = (Letter.MESSAGE, Letter.WELCOME_OPENING, Letter.WELCOME)
#: Shown under `details`. What is not named here or below stays inside, such as the token of a welcome.
_DETAILS = (
    *("cause", "via", "failure", "detail", "note", "file", "retry_of"),
    *("added", "removed", "changed", "mentioned", "from", "into"),
)


def entry_bodies(page: TimelinePage) -> list[body.Entry]:
    """Show a stretch of a timeline."""
    return [entry_body(entry, number, page) for entry, number in page.entries]


def entry_body(entry: Entry, conversation: int | None, page: TimelinePage) -> body.Entry:
    """Show one entry. page: says up to when the contact has received and read."""
    data = entry.data
    source, sender = data.get("source"), _sender(entry)
    is_automatic = "automation" in (source, sender)
    resolution_ms = data.get("resolution_ms")
    return body.Entry(
        id=str(entry.number),
        kind=str(data["kind"]),
        conversation=conversation,
        at=time_text(int(data["at"])),
        direction=_direction(entry),
        sender=sender,
        text=entry.text,
        status=_status(entry, page),
        reason=entry.reason or data.get("reason") or None,
        source=source,
        user=None if is_automatic else user_body(data.get("by")),
        automation=automation_body(data.get("by")) if is_automatic else None,
        assignee=user_body(data.get("user")),
        resolution_time_s=None if resolution_ms is None else resolution_ms / 1000,
        bot=_bot(data.get("bot")),
        attachments=data.get("attachments", []),
        payload=data.get("payload"),
        referral=data.get("referral"),
        ref=data.get("ref"),
        reply_to=data.get("reply_to"),
        details={**data.get("details", {}), **{name: data[name] for name in _DETAILS if name in data}},
    )


def _sender(entry: Entry) -> str | None:
    return Sender.CONTACT if entry.letter in _INCOMING else entry.data.get("sender")


def _direction(entry: Entry) -> Literal["incoming", "outgoing"] | None:
    if entry.letter in _INCOMING:
        return "incoming"
    return "outgoing" if entry.status or entry.letter is Letter.NOT_SENT else None


def _status(entry: Entry, page: TimelinePage) -> Any:
    if entry.letter is Letter.NOT_SENT:
        return "not_sent"
    if entry.letter in (Letter.SENT, Letter.DELIVERED) and entry.changed_at_ms:
        if entry.changed_at_ms <= page.read_until_ms:
            return Status.READ
        if entry.changed_at_ms <= page.delivered_until_ms:
            return Status.DELIVERED
    return entry.status


def _bot(bot: dict[str, Any] | None) -> body.Bot | None:
    if bot is None:
        return None
    return body.Bot(
        intent=bot.get("intent"),
        confidence=bot.get("confidence"),
        is_fallback=bool(bot.get("is_fallback")),
        parameters=bot.get("parameters", {}),
        latency_ms=bot.get("latency_ms"),
    )
