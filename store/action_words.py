"""How an action is written for commit.lua: its name, its effect key, and the arguments that `apply` there lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.actions import (
    Action,
    Assign,
    Block,
    ChangeProfile,
    Close,
    CountRun,
    KeepRuns,
    NeedPerson,
    NoteAnswer,
    NoteLine,
    NoteNotSent,
    Notify,
    Open,
    Pause,
    Send,
    SetBot,
)
from domain.models import AssignmentSource, Letter, Sender
from store.automation_words import encode_record, encode_state
from store.base import digest, flag
from store.entries import FIRED, encode_json
from store.keys import Keys

#: KEYS[18] is the first that an action names by number.
FIRST_KEY = 18
#: A counter is named after each intent.
MAX_INTENT_CHARS = 100

Words = list[str | int | bytes]


@dataclass(frozen=True, slots=True)
class Moment:
    """What the words of a commit's actions share. extra_keys: filled by the actions that need some."""

    contact: str
    channel: str  # kind of the contact's own
    now_ms: int
    is_subscribed: bool
    bot_back_on: bool
    keeps_assignee: bool
    fires: frozenset[str]  # kinds of lines that automations want to look at
    keys: Keys
    extra_keys: list[str]

    @property
    def partition(self) -> int:
        return self.keys.partition(self.contact)

    def key_number(self, key: str) -> int:
        """Return the number under which the script finds a key."""
        if key not in self.extra_keys:
            self.extra_keys.append(key)
        return FIRST_KEY + self.extra_keys.index(key)


def write_action(action: Action, at: Moment) -> Words:
    """Return an action's words."""
    name, *arguments = WRITERS[type(action)](action, at)
    return [name, digest(action.effect) if action.effect else b"", len(arguments), *arguments]


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
        action.category,
        _number(action.entry),
        _number(action.later_from),
        flag(at.bot_back_on),
        flag(at.keeps_assignee),
    ]


def _send(action: Send, at: Moment) -> Words:
    entry = _message(action, at, by=action.by)
    channel = action.to.kind if action.to else at.channel
    if not action.welcome_token:
        user = _id_of(action.by) if action.sender is Sender.USER else ""
        return ["send", action.number, action.sender, user, channel, _chain(action), entry]
    not_sent = _message(action, at, by=action.by, reason="not_subscribed")
    said: Words = [action.number, action.sender, channel, _chain(action), entry, not_sent, action.text]
    return ["welcome", *said, flag(at.is_subscribed)]


def _note_not_sent(action: NoteNotSent, at: Moment) -> Words:
    return ["note", Letter.NOT_SENT + _message(action, at, by=action.by, reason=action.reason)]


def _note_line(action: NoteLine, at: Moment) -> Words:
    return ["note", _line(action.kind, action.number, at, **action.details)]


def _set_bot(action: SetBot, at: Moment) -> Words:
    kind = "bot_on" if action.is_on else "bot_off"
    line = _line(kind, action.number, at, source=action.source, by=action.by)
    return ["bot", "on" if action.is_on else "off", "-" if action.entry is None else action.entry, line]


def _pause(action: Pause, at: Moment) -> Words:
    return ["pause", action.number, action.reason, _line("bot_paused", action.number, at, reason=action.reason)]


def _need_person(action: NeedPerson, at: Moment) -> Words:
    details = {"reason": action.reason, "text": action.text or None, **action.details}
    return ["need_person", action.number, action.reason, _line("needs_person", action.number, at, **details)]


def _assign(action: Assign, at: Moment) -> Words:
    kind = "assigned" if action.user else "unassigned"
    line = _line(kind, action.number, at, user=action.user, by=action.by)
    # An automation is nobody who assigns.
    by = "" if action.source is AssignmentSource.AUTOMATION else _id_of(action.by)
    return ["assign", action.number, action.source, _id_of(action.user), _json(action.user), by, line]


def _note_answer(action: NoteAnswer, at: Moment) -> Words:
    what = (action.failure or action.intent)[:MAX_INTENT_CHARS]
    line = ""
    if action.outcome != "matched" and "bot_unanswered" in at.fires:
        reason = "failed" if action.failure else "no_intent"
        line = _line("bot_unanswered", action.number, at, reason=reason, of=action.entry)
    return ["answered", action.channel, action.outcome, what, action.entry, line]


def _change_profile(action: ChangeProfile, at: Moment) -> Words:
    leaves = [_tagged(at, tag) for tag in action.tags_before if tag not in action.tags]
    enters = [_tagged(at, tag) for tag in action.tags if tag not in action.tags_before]
    has_terms = "terms" in action.values
    enters += [_term(at, term) for term in action.terms] if has_terms else []
    line = action.line
    return [
        "profile",
        len(action.values),
        *(part for pair in action.values.items() for part in pair),
        at.key_number(at.keys.terms(at.partition)) if has_terms else "",
        len(leaves),
        len(enters),
        *(part for pair in (*leaves, *enters) for part in pair),
        _line(line.kind, line.number, at, **line.details) if line else "",
    ]


def _block(action: Block, at: Moment) -> Words:
    kind = "blocked" if action.is_blocked else "unblocked"
    return ["block", "on" if action.is_blocked else "off", _line(kind, 0, at, by=action.by)]


def _notify(action: Notify, at: Moment) -> Words:
    numbers = [at.key_number(at.keys.notices(at.partition, user)) for user in action.users]
    return ["notify", encode_json({"kind": action.kind, "number": action.number, "by": action.by}), *numbers]


def _keep_runs(action: KeepRuns, at: Moment) -> Words:
    return ["automate", encode_state(action.state), action.seen_wake_ms or "", action.wake_ms or ""]


def _count_run(action: CountRun, at: Moment) -> Words:
    numbers = at.key_number(at.keys.run_numbers(at.partition))
    history = at.key_number(at.keys.run_history(at.partition, action.automation))
    record = encode_record(action.record) if action.record else ""
    return ["ran", action.automation, action.counts_as, numbers, history, record]


WRITERS: Mapping[type, Callable[[Any, Moment], Words]] = {
    Open: _open,
    Close: _close,
    Send: _send,
    NoteNotSent: _note_not_sent,
    NoteLine: _note_line,
    NoteAnswer: _note_answer,
    SetBot: _set_bot,
    Pause: _pause,
    NeedPerson: _need_person,
    Assign: _assign,
    ChangeProfile: _change_profile,
    Block: _block,
    Notify: _notify,
    KeepRuns: _keep_runs,
    CountRun: _count_run,
}


def _tagged(at: Moment, tag: str) -> tuple[int, str]:
    return at.key_number(at.keys.label(at.partition, f"tag:{tag}")), at.contact


def _term(at: Moment, term: str) -> tuple[int, str]:
    return at.key_number(at.keys.terms(at.partition)), f"{term}\0{at.contact}"


def _message(action: Send | NoteNotSent, at: Moment, **more: Any) -> str:
    said = {"sender": action.sender, "text": action.text, **more, **action.details}
    if isinstance(action, Send):
        said |= {"file": action.file, "identity": str(action.to) if action.to else None}
    return encode_json({"kind": "message", "at": at.now_ms, "conversation": action.number, **said})


def _line(kind: str, number: int, at: Moment, **details: Any) -> str:
    letter = FIRED if kind in at.fires else Letter.LINE
    return letter + encode_json({"kind": kind, "at": at.now_ms, "conversation": number or None, **details})


def _chain(action: Send) -> str:
    """The automations that led to a message, if it is one of theirs."""
    if action.sender is not Sender.AUTOMATION or not action.by:
        return ""
    return ",".join((*action.by.get("chain", ()), action.by["id"]))


def _id_of(card: dict[str, Any] | None) -> str:
    return str(card["id"]) if card else ""


def _json(value: dict[str, Any] | None) -> str:
    return encode_json(value) if value else ""


def _number(value: int | None) -> str | int:
    return "" if value is None else value
