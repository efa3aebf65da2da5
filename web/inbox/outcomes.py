"""What became of an outgoing message, and why it did not arrive, in words for people."""

from domain.models import Letter, Status
from store import HistoryEntry

REASONS = {
    "window_closed": "More than the time that the platform allows has passed since the contact wrote.",
    "not_subscribed": "The contact has not subscribed yet: they must write first.",
    "unsubscribed": "The contact has unsubscribed.",
    "blocked": "The contact was blocked.",
    "closed": "The conversation was closed meanwhile.",
    "bot_off": "The bot was off.",
    "paused": "A person had taken over.",
    "merged": "The contact was merged into another.",
    "failed_on_platform": "The platform took it, but could not deliver it.",
    "contact_gone": "The contact cannot be reached there any more.",
    "no_permission": "Our permission on the platform is missing.",
    "another_app_holds_the_conversation": "Another app holds this conversation on the platform.",
    "bad_content": "The platform does not take this content.",
    "bad_request": "The platform did not understand it.",
    "not_supported_by_the_contacts_viber": "The contact's Viber cannot show this.",
    "no_answer": "The platform did not say whether it arrived.",
}
STATUSES = {
    "pending": ("clock", "Waiting to be sent", ""),
    "sending": ("clock", "Sending", ""),
    "sent": ("sent", "Sent", ""),
    "delivered": ("delivered", "Delivered", ""),
    "read": ("delivered", "Read", "good"),
    "failed": ("alert", "Failed", "bad"),
    "unconfirmed": ("alert", "Not confirmed", "warning"),
    "not_sent": ("block", "Not sent", "warning"),
}
UNCONFIRMED = "It may have arrived; the platform leaves no way to know."


def status_of(found: HistoryEntry) -> str:
    """Return what became of an outgoing entry, by the contact's receipts too."""
    entry = found.entry
    if entry.letter is Letter.NOT_SENT:
        return "not_sent"
    if entry.letter in (Letter.SENT, Letter.DELIVERED) and entry.changed_at_ms:
        if entry.changed_at_ms <= found.read_until_ms:
            return Status.READ
        if entry.changed_at_ms <= found.delivered_until_ms:
            return Status.DELIVERED
    return entry.status or ""


def reason(word: str) -> str:
    """Say why something was not sent."""
    return REASONS.get(word) or (f"{word.replace('_', ' ').capitalize()}." if word else "")
