"""What the conversation's panes show: the header, a stretch of the timeline, the composer and the contact."""

import secrets
from dataclasses import dataclass
from typing import Any

from domain.automations import TriggerKind
from domain.models import Contact, Conversation, OpenConversation, Snapshot
from domain.users import User
from handlers.refusals import Refusal, refusal
from web.context import context
from web.inbox import words
from web.inbox.entries import Line, key_of, lines_of

#: Entries that are shown at first, and fetched each time somebody scrolls on.
STRETCH = 50
#: Entries that are shown before the one that somebody goes to.
LOOK_BACK = 8


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some lines of the timeline. older, newer: the position to go on from, None at either end."""

    lines: list[Line]
    older: str | None
    newer: str | None = None


def stretch_before(contact: Contact, position: str | None, limit: int = STRETCH) -> Stretch:
    """Return the lines before a position; None: the newest."""
    page = context().store.history(contact.id, position, limit)
    return Stretch(lines_of(page.entries, contact), page.before)


def stretch_from(contact: Contact, position: str) -> Stretch:
    """Return the lines from a position on."""
    page = context().store.history_since(contact.id, position, STRETCH)
    return Stretch(lines_of(page.entries, contact), page.before, page.after if page.has_more else None)


def stretch_around(contact: Contact, part: str, number: int) -> Stretch:
    """Return lines with the entry of one of the contact's parts among them, a few before it."""
    store = context().store
    position = store.history_position(contact.id, part, number)
    before = store.history(contact.id, position, LOOK_BACK)
    behind = store.history_since(contact.id, position, STRETCH)
    lines = lines_of([*before.entries, *behind.entries], contact)
    return Stretch(lines, before.before, behind.after if behind.has_more else None)


def pane_context(snapshot: Snapshot, user: User) -> dict[str, Any]:
    """Return what all panes beside the list need, apart from the timeline."""
    contact, is_open = snapshot.contact, snapshot.open
    conversations = context().store.all_conversations(contact.id)
    return {
        "contact": contact,
        "open": is_open,
        "conversations": conversations,
        "needs": words.needs(is_open.needs) if is_open and is_open.needs else "",
        "bot": bot_state(snapshot),
        "refusal": refusal_of(contact),
        "settings": context().store.platform_settings(),
        "typing": _typing(contact, user),
        "operation": secrets.token_urlsafe(16),
        "name": contact.name or "Unnamed contact",
        "note_of": note_of,
        "key_of": key_of,
        "by_hand": context().store.automations().waiting_for(TriggerKind.BY_HAND),
    }


def bot_state(snapshot: Snapshot) -> tuple[str, str]:
    """Say whether the bot answers this contact now: on, silent or off, and why."""
    if not context().has_bot:
        return "none", "No bot is connected."
    if snapshot.contact.bot_off:
        return "off", "The bot does not answer this contact."
    if snapshot.open and snapshot.open.paused:
        return "silent", "A person took over: the bot is silent until this conversation closes."
    return "on", "The bot answers."


def refusal_of(contact: Contact) -> Refusal | None:
    """Return what the platform would say to a message now."""
    found, identity = context(), contact.answers_on
    rests = found.store.rests([identity.channel])
    return refusal(
        contact,
        identity,
        found.store.last_incoming_at_ms(contact.id, identity),
        found.store.now_ms(),
        is_connected=identity.channel in found.channels,
        rest_reason=rests[identity.channel][0] if identity.channel in rests else "",
    )


def note_of(conversation: Conversation) -> str:
    """Return a closed conversation's note."""
    note = {} if isinstance(conversation, OpenConversation) else conversation.note or {}
    return " · ".join(str(note[part]) for part in ("category", "summary") if note.get(part))


def _typing(contact: Contact, user: User) -> str:
    card = context().store.who_types(contact.id)
    return words.name_of(card) if card and str(card.get("id")) != user.id else ""
