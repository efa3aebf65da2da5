"""Writing to a contact, and about it, by the API."""

from dataclasses import replace
from typing import Any

from domain.actions import Action, NoteLine, Send
from domain.errors import BadPayload
from domain.identities import Identity
from domain.models import Sender, Snapshot, Source
from domain.texts import clean
from handlers.notices import who_to_tell
from handlers.users import comment, write
from web.api_models import Entry, NewComment, NewMessage
from web.api_references import find_chain
from web.api_repeats import write_once
from web.api_requests import read_body
from web.api_users import find_user
from web.context import context

#: A channel that is not connected (any more) may have any limit; this fits all.
CAUTIOUS_TEXT_CHARS = 1900


def send_message(ref: str) -> Entry:
    """Write to a contact; with an Idempotency-Key a repeat sends nothing and returns the first message again."""
    wanted = read_body(NewMessage)
    text = clean(wanted.text)
    if not text.strip():
        raise BadPayload("text is empty.")
    chain = find_chain(ref)

    def decide(now: Snapshot, details: dict[str, Any]) -> list[Action]:
        return write(
            now,
            text,
            sender=Sender.API,
            opens=Source.API if wanted.open else None,
            max_text_chars=_max_text_chars(now.contact.answers_on),
            details=details,
        )

    return write_once(chain, text, decide, Send)


def leave_comment(ref: str) -> Entry:
    """Leave a note for the users, and tell those it mentions; with an Idempotency-Key a repeat does nothing."""
    wanted = read_body(NewComment)
    text = clean(wanted.text)
    chain = find_chain(ref)
    mentioned = {find_user(email).id for email in wanted.mentions}
    users = context().store.users() if mentioned else []

    def decide(now: Snapshot, details: dict[str, Any]) -> list[Action]:
        told = who_to_tell(users, "mentioned", now.contact, now.open, mentioned=mentioned)
        return [
            replace(action, details={**action.details, **details}) if isinstance(action, NoteLine) else action
            for action in comment(now, text, by=None, mentioned=told)
        ]

    return write_once(chain, f"comment {text}", decide, NoteLine)


def _max_text_chars(identity: Identity) -> int:
    channel = context().channels.get(identity.channel)
    return channel.max_text_chars if channel else CAUTIOUS_TEXT_CHARS
