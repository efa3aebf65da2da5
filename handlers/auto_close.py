"""Closing conversations that everybody has forgotten, where the platform is set to do so."""

from domain.actions import Action, Close
from domain.models import Snapshot, Source


def close_forgotten(snapshot: Snapshot, *, idle_since_ms: int) -> list[Action]:
    """Close the open conversation if nothing happened in it after `idle_since_ms` and nobody is owed an answer.

    Owed is who waits for a person. With the bot nobody does: it has said what it had to say.
    """
    conversation = snapshot.open
    if conversation is None or conversation.last_at_ms > idle_since_ms:
        return []
    if snapshot.undecided or snapshot.head:
        return []  # the worker is not through with what came in, or with what is to go out
    if conversation.needs and conversation.waiting_since_ms is not None:
        return []
    # What an automation opened and nobody wrote in goes on in its name: else the two would go on for ever.
    is_theirs = conversation.source is Source.AUTOMATION and not conversation.incoming
    by = conversation.by if is_theirs else None
    return [Close(number=conversation.number, source=Source.AUTO_CLOSE, by=by)]
