"""What a fulfillment call does: the RB_ parameters, at once, under the same keys as the answer that follows."""

from dataclasses import dataclass, field, replace
from typing import Any

from domain.actions import Action
from domain.answers import Commands
from domain.models import Snapshot
from handlers.commands import after_replies, before_replies, turn_key
from handlers.intents import INTENTS, IntentCall, IntentReply
from handlers.places import Place, Where, bot_silence


@dataclass(frozen=True, slots=True)
class Call:
    """A fulfillment call about a conversation of ours. entry: None when somebody else's detectIntent made it."""

    number: int  # 0: the session is the one outside of any conversation
    entry: int | None
    response_id: str
    commands: Commands
    intent: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a call leads to. texts: replies that take the place of the intent's own; empty leaves those."""

    actions: list[Action]
    texts: tuple[str, ...] = ()


def decide_call(snapshot: Snapshot, call: Call) -> Decision:
    """Return what the call changes and what it answers; nothing where it comes too late for its conversation."""
    contact = snapshot.contact
    if contact.is_blocked or contact.merged_into:
        return Decision([])
    if call.entry is not None:
        if bot_silence(snapshot, call.entry, _place(snapshot, call)):
            return Decision([])
        key = turn_key(contact, call.number, call.entry)
        later_from = call.entry + 1
    else:
        # A caller that names no response cannot be told from another one.
        key = turn_key(contact, call.number, call.response_id) if call.response_id else ""
        later_from = contact.cursor
    reply = _own_intent(snapshot, call)
    return Decision(
        [
            *before_replies(call.commands, key=key, number=call.number, entry=call.entry),
            *_keyed(reply.actions, f"{key} {call.intent}" if key else ""),
            *after_replies(
                call.commands,
                key=key,
                number=call.number,
                entry=call.entry,
                later_from=later_from,
                channel=contact.identity.kind,
                may_open=call.number == 0 or call.entry is None,
            ),
        ],
        reply.texts,
    )


def _own_intent(snapshot: Snapshot, call: Call) -> IntentReply:
    answer = INTENTS.get(call.intent)
    return answer(IntentCall(snapshot.contact, snapshot.open, call.parameters)) if answer else IntentReply()


def _keyed(actions: tuple[Action, ...], key: str) -> list[Action]:
    """A call that is repeated does what its intent does once."""
    return [replace(action, effect=f"{key} {i}" if key else "") for i, action in enumerate(actions)]


def _place(snapshot: Snapshot, call: Call) -> Place:
    """A call names its conversation by its session, so that the entry itself need not be read."""
    if snapshot.open and snapshot.open.number == call.number:
        return Place(Where.OPEN, call.number)
    if snapshot.contact.closed_entry == call.entry and snapshot.contact.closed_number == call.number:
        return Place(Where.CLOSED_BY_ITSELF, call.number)
    return Place(Where.OUTSIDE if call.number == 0 else Where.CLOSED_BY_OTHERS, call.number)
