"""How an action is written for commit.lua: its name, its effect key, and the arguments that `apply` there lists."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from domain.actions import Action, Assign, Close, NeedPerson, NoteLine, NoteNotSent, Open, Pause, Send, SetBot
from domain.models import Letter
from store.base import digest, flag
from store.entries import encode_json

Words = list[str | int | bytes]


class Moment(NamedTuple):
    """What the words of a commit's actions share."""

    now_ms: int
    is_subscribed: bool
    bot_back_on: bool


def write_action(action: Action, at: Moment) -> Words:
    """Return an action's words."""
    name, *arguments = WRITERS[type(action)](action, at)
    return [name, digest(action.effect) if action.effect else b"", *arguments]


def _open(action: Open, _: Moment) -> Words:
    return ["open", action.source, _json(action.by), action.channel]


def _close(action: Close, at: Moment) -> Words:
    note = {"category": action.category or None, "summary": action.summary or None}
    return [
        "close",
        action.number,
        action.source,
        _json(action.by),
        encode_json(note) if any(note.values()) else "",
        _number(action.entry),
        _number(action.later_from),
        flag(at.bot_back_on),
    ]


def _send(action: Send, at: Moment) -> Words:
    entry = _message(action, at, by=action.by)
    if not action.welcome_token:
        return ["send", action.number, action.sender, entry]
    not_sent = _message(action, at, by=action.by, reason="not_subscribed")
    return ["welcome", action.number, entry, not_sent, action.text, flag(at.is_subscribed)]


def _note_not_sent(action: NoteNotSent, at: Moment) -> Words:
    return ["note", Letter.NOT_SENT, _message(action, at, reason=action.reason)]


def _note_line(action: NoteLine, at: Moment) -> Words:
    return ["note", Letter.LINE, _line(action.kind, action.number, at, **action.details)]


def _set_bot(action: SetBot, at: Moment) -> Words:
    line = _line("bot_on" if action.is_on else "bot_off", action.number, at, source=action.source)
    return ["bot", "on" if action.is_on else "off", "-" if action.entry is None else action.entry, line]


def _pause(action: Pause, at: Moment) -> Words:
    return ["pause", action.number, action.reason, _line("bot_paused", action.number, at, reason=action.reason)]


def _need_person(action: NeedPerson, at: Moment) -> Words:
    details = {"reason": action.reason, "text": action.text or None, **action.details}
    return ["need_person", action.number, action.reason, _line("needs_person", action.number, at, **details)]


def _assign(action: Assign, at: Moment) -> Words:
    kind = "assigned" if action.user else "unassigned"
    line = _line(kind, action.number, at, user=action.user, by=action.by)
    return ["assign", action.number, str(action.user["id"]) if action.user else "", _json(action.user), line]


WRITERS: Mapping[type, Callable[[Any, Moment], Words]] = {
    Open: _open,
    Close: _close,
    Send: _send,
    NoteNotSent: _note_not_sent,
    NoteLine: _note_line,
    SetBot: _set_bot,
    Pause: _pause,
    NeedPerson: _need_person,
    Assign: _assign,
}


def _message(action: Send | NoteNotSent, at: Moment, **more: Any) -> str:
    said = {"sender": action.sender, "text": action.text, **more, **action.details}
    return encode_json({"kind": "message", "at": at.now_ms, "conversation": action.number, **said})


def _line(kind: str, number: int, at: Moment, **details: Any) -> str:
    return encode_json({"kind": kind, "at": at.now_ms, "conversation": number or None, **details})


def _json(value: dict[str, Any] | None) -> str:
    return encode_json(value) if value else ""


def _number(value: int | None) -> str | int:
    return "" if value is None else value
