"""What an entry of a timeline says to automations, and whether that is what one of them waits for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from domain.automations import Automation, Trigger, TriggerKind
from domain.models import Contact, Entry, Letter, Snapshot
from domain.patterns import matches
from handlers.places import place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that may make automations run.

    entry: the one that says so; None: silence. number: of the conversation that it is about, 0 outside of any.
    chain: the automations that led to it, one after the other; empty: it came from outside. root: the entry that the
    first of them ran for. facts: what it says, by the
    names of the trigger's values.
    """

    kind: TriggerKind
    number: int
    at_ms: int
    entry: Entry | None = None
    chain: tuple[str, ...] = ()
    root: int = -1
    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""  # what the contact wrote, folded


def events_of(snapshot: Snapshot, entry: Entry) -> list[Event]:
    """Return what an undecided entry says, in the order in which automations look at it."""
    at_ms = int(entry.data.get("at", 0))
    if entry.letter is Letter.LINE:
        return _of_line(entry, at_ms, merged=bool(snapshot.contact.merged_into))
    if snapshot.contact.merged_into:
        return []
    found = [
        Event(
            kind=TriggerKind.CONVERSATION_OPENED,
            number=opening.number,
            at_ms=at_ms,
            entry=entry,
            root=entry.number,
            facts={"source": opening.source},
        )
        for opening in snapshot.contact.openings
        if opening.entry == entry.number
    ]
    kind = TriggerKind.MESSAGE_RECEIVED if entry.letter is Letter.MESSAGE else TriggerKind.WELCOME
    number = found[0].number if found else place_of(snapshot, entry).number
    text = _fold(entry.text) if kind is TriggerKind.MESSAGE_RECEIVED else ""
    return [*found, Event(kind=kind, number=number, at_ms=at_ms, entry=entry, root=entry.number, text=text)]


def is_wanted(automation: Automation, event: Event, contact: Contact) -> bool:
    """Tell whether an event of its trigger's kind is one that an automation waits for."""
    trigger, facts = automation.trigger, event.facts
    match trigger.kind:
        case TriggerKind.MESSAGE_RECEIVED:
            return _on_channel(trigger, event, contact) and _says(trigger, event)
        case TriggerKind.CONVERSATION_OPENED:
            return _any(trigger, "sources", facts["source"]) and _on_channel(trigger, event, contact)
        case TriggerKind.CONVERSATION_CLOSED:
            return _any(trigger, "sources", facts["source"]) and _any(trigger, "categories", facts["category"])
        case TriggerKind.WELCOME | TriggerKind.CONTACT_CREATED:
            return _on_channel(trigger, event, contact)
        case TriggerKind.TAG_ADDED | TriggerKind.TAG_REMOVED:
            wanted = _folded(trigger.texts("tags"))
            return not wanted or not set(wanted).isdisjoint(_folded(facts["tags"]))
        case TriggerKind.FIELD_CHANGED:
            fields = trigger.texts("fields")
            return not fields or not set(fields).isdisjoint(facts["fields"])
        case TriggerKind.BOT_UNANSWERED:
            return _any(trigger, "reasons", facts["reason"])
        case TriggerKind.BY_HAND:
            return bool(facts["automation"] == automation.id)
        case _:
            return True


def chain_of(card: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the automations that led to what an automation did, itself last. card: see card_of in steps.py."""
    return (*card.get("chain", ()), str(card["id"])) if card else ()


def _of_line(entry: Entry, at_ms: int, *, merged: bool) -> list[Event]:
    data = entry.data
    is_ours = data.get("source") == "automation" or data.get("sender") == "automation"
    by = data.get("by")
    chain = chain_of(by) if by and (is_ours or "email" not in by) else ()
    root = int(by.get("root", entry.number)) if by and chain else entry.number
    if merged and data["kind"] != "closed":
        return []

    def event(kind: TriggerKind, **facts: Any) -> Event:
        number = int(data.get("conversation") or 0)
        return Event(kind=kind, number=number, at_ms=at_ms, entry=entry, chain=chain, root=root, facts=facts)

    match data["kind"]:
        case "opened":
            return [event(TriggerKind.CONVERSATION_OPENED, source=data["source"])]
        case "closed":
            category = str((data.get("note") or {}).get("category") or "")
            return [event(TriggerKind.CONVERSATION_CLOSED, source=data["source"], category=category)]
        case "created":
            return [event(TriggerKind.CONTACT_CREATED)]
        case "tags_changed":
            kinds = {"added": TriggerKind.TAG_ADDED, "removed": TriggerKind.TAG_REMOVED}
            return [event(kind, tags=tuple(data[name])) for name, kind in kinds.items() if data.get(name)]
        case "profile_changed":
            return [event(TriggerKind.FIELD_CHANGED, fields=tuple(data.get("changed", ())))]
        case "bot_unanswered":
            return [event(TriggerKind.BOT_UNANSWERED, reason=data["reason"])]
        case "run_by_hand":
            return [event(TriggerKind.BY_HAND, automation=data["automation"]["id"])]
    return []


def _any(trigger: Trigger, name: str, value: str) -> bool:
    wanted = trigger.texts(name)
    return not wanted or value in wanted


def _on_channel(trigger: Trigger, event: Event, contact: Contact) -> bool:
    wanted = trigger.values.get("channels")
    if not wanted:
        return True
    entry = event.entry
    # What the contact did not write itself is about where they would be written to.
    identity = contact.identity_of(entry) if entry and entry.letter is not Letter.LINE else contact.answers_on
    return identity.kind in wanted or identity.channel in wanted


def _says(trigger: Trigger, event: Event) -> bool:
    match, texts, entry = trigger.values.get("match"), trigger.texts("texts"), event.entry
    if match == "contains":
        return any(map(event.text.__contains__, _folded(texts)))
    if match == "any" or entry is None:
        return match == "any"
    if match == "matches":
        return any(matches(pattern, entry.text) for pattern in texts)
    return event.text in _folded(texts) if match == "is" else str(entry.data.get("payload", "")) in texts


@lru_cache(1024)
def _folded(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_fold, texts))


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
