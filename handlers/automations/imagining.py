"""What a contact would be after some actions, without any of them being done."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from domain.actions import Action, Assign, ChangeProfile, Close, Open, Pause, SetBot
from domain.models import Contact, OpenConversation, Snapshot, Source
from domain.platform_settings import PlatformSettings


def imagine(snapshot: Snapshot, actions: Iterable[Action], *, settings: PlatformSettings, now_ms: int) -> Snapshot:
    """Return what a contact would be after these, as far as conditions and steps of automations look at it.

    Who keeps a contact is not known from a snapshot: a conversation that is opened here is nobody's.
    """
    for action in actions:
        snapshot = _after(snapshot, action, settings, now_ms)
    return snapshot


def _after(snapshot: Snapshot, action: Action, settings: PlatformSettings, now_ms: int) -> Snapshot:
    contact, conversation = snapshot.contact, snapshot.open
    match action:
        case Open() if conversation is None:
            return _opened(snapshot, action, now_ms)
        case Close() if conversation:
            bot_off = "" if settings.bot_back_on_at_close else contact.bot_off
            return replace(snapshot, open=None, contact=replace(contact, bot_off=bot_off))
        case Assign() if conversation:
            return replace(snapshot, open=replace(conversation, assignee=action.user))
        case Pause() if conversation:
            return replace(snapshot, open=replace(conversation, paused=action.reason, needs="paused"))
        case SetBot():
            bot_off = "" if action.is_on else "-"
            return replace(snapshot, contact=replace(contact, bot_off=bot_off), open=_with_bot(conversation, action))
        case ChangeProfile():
            return replace(snapshot, contact=_with_profile(contact, action))
        case _:
            return snapshot


def _opened(snapshot: Snapshot, action: Open, now_ms: int) -> Snapshot:
    contact = snapshot.contact
    number = contact.conversations + 1
    # Whoever only came to the door asks nobody for anything.
    asks = contact.bot_off and action.source is not Source.WELCOME_EVENT
    opened = OpenConversation(
        number=number,
        first_entry=snapshot.end,
        opened_at_ms=now_ms,
        source=action.source,
        channel=action.channel,
        by=action.by,
        needs="opened_by_user" if action.source is Source.USER else "bot_off" if asks else "",
    )
    return replace(snapshot, open=opened, contact=replace(contact, conversations=number))


def _with_bot(conversation: OpenConversation | None, action: SetBot) -> OpenConversation | None:
    if conversation is None:
        return None
    needs = conversation.needs
    if action.is_on:
        return replace(conversation, needs="" if needs == "bot_off" else needs)
    return replace(conversation, needs=needs or "bot_off")


def _with_profile(contact: Contact, action: ChangeProfile) -> Contact:
    values: dict[str, Any] = {name: action.values[name] for name in ("phone", "email") if name in action.values}
    if "edited_name" in action.values:
        values["name"] = action.values["edited_name"] or contact.platform_name
    if "fields" in action.values:
        values["fields"] = json.loads(action.values["fields"] or "{}")
    return replace(contact, tags=action.tags, **values)
