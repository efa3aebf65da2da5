"""What a fulfillment call does: the RB_ parameters, at once, under the same keys as the answer that follows."""

from dataclasses import dataclass

from domain.actions import Action
from domain.answers import Commands
from domain.identities import conversation_id
from domain.models import Snapshot
from handlers.commands import after_replies, before_replies
from handlers.places import Place, Where, bot_silence


@dataclass(frozen=True, slots=True)
class Call:
    """A fulfillment call about a conversation of ours. entry: None when somebody else's detectIntent made it."""

    number: int  # 0: the session is the one outside of any conversation
    entry: int | None
    response_id: str
    commands: Commands


def decide_call(snapshot: Snapshot, call: Call) -> list[Action]:
    """Return what the call changes; nothing where it comes too late for its conversation."""
    contact = snapshot.contact
    if call.entry is not None:
        if bot_silence(snapshot, call.entry, _place(snapshot, call)):
            return []
        key = f"{conversation_id(contact.id, call.number)} {call.entry}"
        later_from = call.entry + 1
    else:
        key = f"{conversation_id(contact.id, call.number)} {call.response_id}"
        later_from = contact.cursor
    return [
        *before_replies(call.commands, key=key, number=call.number, entry=call.entry),
        *after_replies(
            call.commands,
            key=key,
            number=call.number,
            entry=call.entry,
            later_from=later_from,
            channel=contact.identity.kind,
            may_open=call.number == 0 or call.entry is None,
        ),
    ]


def _place(snapshot: Snapshot, call: Call) -> Place:
    """A call names its conversation by its session, so that the entry itself need not be read."""
    if snapshot.open and snapshot.open.number == call.number:
        return Place(Where.OPEN, call.number)
    if snapshot.contact.closed_entry == call.entry and snapshot.contact.closed_number == call.number:
        return Place(Where.CLOSED_BY_ITSELF, call.number)
    return Place(Where.OUTSIDE if call.number == 0 else Where.CLOSED_BY_OTHERS, call.number)
