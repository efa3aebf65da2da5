"""Contacts and conversations as the API shows them."""

from datetime import UTC, datetime
from typing import Any

from domain.identities import conversation_id
from domain.models import ClosedConversation, Contact, Conversation, OpenConversation, Source
from web import api_models as body
from web.api_references import print_identity


def contact_body(contact: Contact, is_open: OpenConversation | None) -> body.Contact:
    """Show a contact with its open conversation."""
    return body.Contact(
        id=contact.id,
        identities=[print_identity(identity) for identity in contact.identities],
        name=contact.name,
        phone=contact.phone,
        email=contact.email,
        tags=list(contact.tags),
        fields=contact.fields,
        language=contact.language,
        country=contact.country,
        created_at=time_text(contact.created_at_ms),
        bot="off" if contact.bot_off else "on",
        blocked=contact.is_blocked,
        merged_into=contact.merged_into or None,
        open_conversation=conversation_body(contact.id, is_open, contact) if is_open else None,
        conversations=contact.conversations,
    )


def conversation_body(contact_id: str, conversation: Conversation, contact: Contact | None = None) -> body.Conversation:
    """Show a conversation. contact: needed of an open one, for whether the bot is on."""
    shared: dict[str, Any] = {
        "id": conversation_id(contact_id, conversation.number),
        "number": conversation.number,
        "contact": contact_id,
        "channel": conversation.channel,
        "opened_at": time_text(conversation.opened_at_ms),
        "opened_by": _by(conversation.source, conversation.by),
        "first_response_time_s": _first_response_time_s(conversation),
        "incoming_messages": conversation.incoming,
        "outgoing_messages": conversation.outgoing,
        "assignee": user_body(conversation.assignee),
    }
    if isinstance(conversation, OpenConversation):
        return body.Conversation(**shared, **_present(conversation, contact))
    return body.Conversation(**shared, **_past(conversation))


def user_body(user: dict[str, Any] | None) -> body.User | None:
    """Show a user {id, email, name}; None for nobody."""
    if not user:
        return None
    return body.User(*(str(user.get(name, "")) for name in ("id", "email", "name")))


def automation_body(automation: dict[str, Any] | None) -> body.Automation | None:
    """Show an automation {id, name}; None for none."""
    return body.Automation(*(str(automation.get(name, "")) for name in ("id", "name"))) if automation else None


def time_text(at_ms: int) -> str:
    """Write epoch milliseconds as RFC 3339 in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _present(conversation: OpenConversation, contact: Contact | None) -> dict[str, Any]:
    is_off = contact is not None and contact.bot_off
    return {
        "status": "open",
        "closed_at": None,
        "closed_by": None,
        "resolution_time_s": None,
        "needs_person": conversation.needs or None,
        "waiting_since": time_text(conversation.waiting_since_ms) if conversation.waiting_since_ms else None,
        "bot": "off" if is_off else "paused" if conversation.paused else "on",
        "category": None,
        "summary": None,
    }


def _past(conversation: ClosedConversation) -> dict[str, Any]:
    note = conversation.note or {}
    return {
        "status": "closed",
        "closed_at": time_text(conversation.closed_at_ms),
        "closed_by": _by(conversation.closed_source, conversation.closed_by),
        "resolution_time_s": conversation.resolution_ms / 1000,
        "needs_person": None,
        "waiting_since": None,
        "bot": None,
        "category": note.get("category"),
        "summary": note.get("summary"),
    }


def _by(source: Source, who: dict[str, Any] | None) -> body.By:
    return body.By(
        source,
        user_body(who) if source is Source.USER else None,
        automation_body(who) if source is Source.AUTOMATION else None,
    )


def _first_response_time_s(conversation: Conversation) -> float | None:
    took_ms = conversation.first_response_ms
    return None if took_ms is None else took_ms / 1000
