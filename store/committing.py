"""Actions carried out in one script, if the contact is still as it was seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.actions import Action, Assign, Close, NeedPerson, NoteLine, NoteNotSent, Open, Pause, Send, SetBot
from domain.models import Letter, Snapshot
from store.base import StoreBase, check_contact, digest, flag, status_of
from store.entries import decode_snapshot, encode_json
from store.turns import Turn

_WORDS = ("ok", "conflict", "newer", "repeated", "lost", "decided")


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit came to.

    status: ok; conflict (the contact changed: decide again on `snapshot`); newer (the contact wrote meanwhile);
    repeated (this operation was carried out before); lost (another worker has the turn); decided (that entry is
    decided already).
    results: per stored action what it did: a number, 1 or 0 for done or nothing to do, -1 for done before.
    """

    status: str
    snapshot: Snapshot | None = None
    results: tuple[int, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.status == "ok"


class Committing(StoreBase):
    """The store's hand."""

    def commit(
        self,
        snapshot: Snapshot,
        actions: Sequence[Action],
        *,
        turn: Turn | None = None,
        decides: int | None = None,
        keeps_lease: bool = False,
        last_entry: int | None = None,
        bot_back_on: bool = True,
        operation: str = "",
    ) -> Committed:
        """Carry out `actions` on the contact as `snapshot` saw it; all of them or, with any other status than ok, none.

        turn, decides: the turn and the entry that this decides; both or neither.
        last_entry: refuse with status `newer` when a message after this entry is there.
        operation: makes the whole of it happen at most once within seven days; a repeat has status `repeated`.
        bot_back_on: a close switches the bot on again for this contact.
        Texts must fit the channel's limit already. Raises StoreError.
        """
        contact = snapshot.contact.id
        check_contact(contact)
        now_ms = self.now_ms()
        token = next(
            (action.welcome_token for action in actions if isinstance(action, Send) and action.welcome_token), ""
        )
        args: list[str | int | bytes] = [
            snapshot.contact.version,
            turn.fence if turn else "",
            "" if decides is None else decides,
            flag(keeps_lease),
            "" if last_entry is None else last_entry,
            digest(operation) if operation else "",
        ]
        for action in actions:
            args += _words(action, now_ms, snapshot, bot_back_on)
        answer = self.connection.run(self._call("commit", contact, *args, extra_key=self.keys.welcome(contact, token)))
        word = status_of(answer, _WORDS)
        if word == "ok":
            return Committed(word, decode_snapshot(contact, answer[2]), tuple(answer[1]))
        return Committed(word, decode_snapshot(contact, answer[1]) if len(answer) > 1 else None)


def _words(action: Action, now_ms: int, snapshot: Snapshot, bot_back_on: bool) -> list[str | int | bytes]:
    """Write an action as commit.lua reads it: name, effect key, arguments."""
    effect = digest(action.effect) if action.effect else b""
    match action:
        case Open():
            return ["open", effect, action.source, _json(action.by), action.channel]
        case Close():
            note = {"category": action.category or None, "summary": action.summary or None}
            return [
                "close",
                effect,
                action.number,
                action.source,
                _json(action.by),
                encode_json(note) if action.category or action.summary else "",
                "" if action.entry is None else action.entry,
                "" if action.later_from is None else action.later_from,
                flag(bot_back_on),
            ]
        case Send(welcome_token=token) if token:
            entry, not_sent = (
                _message(action, now_ms),
                _message(replace(action, details={**action.details, "reason": "not_subscribed"}), now_ms),
            )
            return [
                "welcome",
                effect,
                action.number,
                entry,
                not_sent,
                action.text,
                flag(snapshot.contact.is_subscribed),
            ]
        case Send():
            return ["send", effect, action.number, action.sender, _message(action, now_ms)]
        case NoteNotSent():
            data = {
                "kind": "message",
                "at": now_ms,
                "conversation": action.number,
                "sender": action.sender,
                "text": action.text,
                "reason": action.reason,
            }
            return ["note", effect, Letter.NOT_SENT, encode_json({**data, **action.details})]
        case NoteLine():
            return ["note", effect, Letter.LINE, _line(action.kind, now_ms, action.number, action.details)]
        case SetBot():
            line = _line("bot_on" if action.is_on else "bot_off", now_ms, action.number, {"source": action.source})
            return ["bot", effect, "on" if action.is_on else "off", "-" if action.entry is None else action.entry, line]
        case Pause():
            return [
                "pause",
                effect,
                action.number,
                action.reason,
                _line("bot_paused", now_ms, action.number, {"reason": action.reason}),
            ]
        case NeedPerson():
            details = {"reason": action.reason, "text": action.text or None, **action.details}
            return [
                "need_person",
                effect,
                action.number,
                action.reason,
                _line("needs_person", now_ms, action.number, details),
            ]
        case Assign():
            user_id = str(action.user["id"]) if action.user else ""
            line = _line(
                "assigned" if action.user else "unassigned",
                now_ms,
                action.number,
                {"user": action.user, "by": action.by},
            )
            return ["assign", effect, action.number, user_id, _json(action.user), line]


def _message(send: Send, now_ms: int) -> str:
    data = {
        "kind": "message",
        "at": now_ms,
        "conversation": send.number,
        "sender": send.sender,
        "by": send.by,
        "text": send.text,
    }
    return encode_json({**data, **send.details})


def _line(kind: str, now_ms: int, number: int, details: dict[str, Any]) -> str:
    return encode_json({"kind": kind, "at": now_ms, "conversation": number or None, **details})


def _json(value: dict[str, Any] | None) -> str:
    return encode_json(value) if value else ""
