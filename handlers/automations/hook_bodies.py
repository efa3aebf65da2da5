"""What the "Call a URL" step of an automation sends."""

from datetime import UTC, datetime
from typing import Any

from domain.automations import Automation, Run
from domain.identities import conversation_id
from domain.models import Snapshot


def hook_body(snapshot: Snapshot, automation: Automation, run: Run, *, delivery: str) -> dict[str, Any]:
    """Return JSON: why the call is made, and about whom. delivery: the same each time that this call is made again.

    conversation: the one that the run speaks for, if it is open; else only its id.
    """
    contact = snapshot.contact
    return {
        "id": delivery,
        "automation": automation.card,
        "trigger": run.trigger,
        "at": _time(run.started_at_ms),
        "contact": {
            "id": contact.id,
            "ref": str(contact.identity),
            "channel": contact.identity.channel,
            "name": contact.name or None,
            "phone": contact.phone or None,
            "email": contact.email or None,
            "language": contact.language or None,
            "country": contact.country or None,
            "tags": list(contact.tags),
            "fields": contact.fields,
        },
        "conversation": _conversation(snapshot, run),
    }


def _conversation(snapshot: Snapshot, run: Run) -> dict[str, Any] | None:
    if not run.number:
        return None
    named = {"id": conversation_id(snapshot.contact.id, run.number), "number": run.number}
    conversation = snapshot.open
    if conversation is None or conversation.number != run.number:
        return {**named, "status": "closed"}
    return {
        **named,
        "status": "open",
        "opened_at": _time(conversation.opened_at_ms),
        "source": conversation.source,
        "assignee": conversation.assignee,
        "needs_person": conversation.needs or None,
        "incoming_messages": conversation.incoming,
        "outgoing_messages": conversation.outgoing,
    }


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
