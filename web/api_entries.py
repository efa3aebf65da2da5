"""Lines of a timeline as the API shows them."""

from typing import Any, Literal

from domain.models import Entry, Letter, Sender, Status
from store import HistoryEntry
from web import api_models as body
from web.api_answers import automation_body, time_text, user_body

_INCOMING = (Letter.MESSAGE, Letter.WELCOME_OPENING, Letter.WELCOME)
#: Shown under `details`. What is not named here or below stays inside, such as the token of a welcome.
_DETAILS = (
    *("cause", "via", "failure", "detail", "note", "file", "retry_of"),
    *("added", "removed", "changed", "mentioned", "from", "into"),
)


def entry_body(found: HistoryEntry, contact: str) -> body.Entry:
    """Show one entry. contact: whose history it is; the entry may stand on a contact that was merged into that one."""
    entry = found.entry
    data = entry.data
    source, sender = data.get("source"), _sender(entry)
    by = data.get("by") or {}
    # Users have an email address, automations have none.
    is_automatic = "automation" in (source, sender) or (bool(by) and "email" not in by)
    resolution_ms = data.get("resolution_ms")
    return body.Entry(
        id=str(entry.number) if found.contact == contact else f"{found.contact}.{entry.number}",
        kind=str(data["kind"]),
        conversation=found.conversation,
        at=time_text(int(data["at"])),
        direction=_direction(entry),
        sender=sender,
        text=entry.text,
        status=_status(entry, found),
        reason=entry.reason or data.get("reason") or None,
        source=source,
        user=None if is_automatic else user_body(by),
        automation=automation_body(data.get("automation") or by) if is_automatic or "automation" in data else None,
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


def _status(entry: Entry, until: HistoryEntry) -> Any:
    if entry.letter is Letter.NOT_SENT:
        return "not_sent"
    if entry.letter in (Letter.SENT, Letter.DELIVERED) and entry.changed_at_ms:
        if entry.changed_at_ms <= until.read_until_ms:
            return Status.READ
        if entry.changed_at_ms <= until.delivered_until_ms:
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
