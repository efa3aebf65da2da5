"""A contact's timeline as people read it: each stored entry becomes a line."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from domain.models import Contact, Entry, Letter, Sender, Status
from store import HistoryEntry
from web.inbox import words
from web.inbox.outcomes import STATUSES, UNCONFIRMED, reason, status_of
from web.inbox.pieces import Piece, piece_of
from web.layout import local

#: Messages of one sender within this time stand together.
TOGETHER_MS = 5 * 60_000
_INCOMING = (Letter.MESSAGE,)
_SENDERS = {Sender.BOT: "Bot", Sender.AUTOMATION: "Automation", Sender.API: "API"}


class Fact(NamedTuple):
    """A name and its value, of a bot's answer."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the timeline. form: message, comment or event. at_ms: when we received or wrote it.

    key: of the entry among those of all parts of the contact; its number where it is of the contact's own timeline.
    """

    key: str
    form: str
    at_ms: int
    conversation: int | None
    icon: str = ""
    side: str = ""  # in or out
    sender: str = ""
    who: str = ""
    text: str = ""
    more: str = ""
    pieces: tuple[Piece, ...] = ()
    status: tuple[str, str, str] | None = None  # icon, word, tone
    why: str = ""
    can_retry: bool = False
    facts: tuple[Fact, ...] = field(default=())
    follows: bool = False

    @property
    def day(self) -> str:
        """The local day, as ISO writes it."""
        return local(self.at_ms).date().isoformat()

    @property
    def version(self) -> str:
        """Changes when the line would look different, whatever stands above it."""
        return f"{zlib.crc32(repr(replace(self, follows=False)).encode('utf-8', 'replace')):x}"

    @property
    def group(self) -> str:
        """The same for messages that may stand together; the page puts them together as well."""
        return "" if self.form == "event" else f"{zlib.crc32(f'{self.sender} {self.conversation}'.encode()):x}"


def lines_of(entries: Iterable[HistoryEntry], contact: Contact) -> list[Line]:
    """Return the lines of a stretch of the timeline."""
    lines: list[Line] = []
    for found in entries:
        if found.entry.data["kind"] == "merged" and "into" in found.entry.data:
            continue  # a merge stands on both timelines; the one that says who came is enough
        line = line_of(found, contact)
        lines.append(replace(line, follows=bool(lines) and _goes_on(lines[-1], line)))
    return lines


def line_of(found: HistoryEntry, contact: Contact) -> Line:
    """Return one entry's line."""
    entry, name = found.entry, contact.name or "The contact"
    data = entry.data
    base: dict[str, Any] = {
        "key": key_of(found.contact, entry.number, contact),
        "at_ms": int(data.get("at", 0)),
        "conversation": found.conversation,
    }
    if entry.letter in _INCOMING:
        return Line(**base, form="message", side="in", sender="contact", who=name, **_said(entry))
    if data.get("kind") == "comment":
        by = _writer(data.get("by"))
        return Line(**base, form="comment", icon="note", sender=f"comment {by}", who=by, text=entry.text)
    if entry.status or entry.letter is Letter.NOT_SENT:
        return Line(**base, **_outgoing(found), **_said(entry))
    if data.get("kind") == "echo":
        return Line(**base, form="message", side="out", sender="echo", who="Another app", **_said(entry))
    icon, text, more = words.event(data, name)
    return Line(**base, form="event", icon=icon, text=text, more=more, facts=bot_facts(data), why=_note_of(data))


def key_of(part: str, number: int, contact: Contact) -> str:
    """Name an entry of one of the contact's parts, for the page and its address."""
    return str(number) if part == contact.id else f"{part}-{number}"


def bot_facts(data: dict[str, Any]) -> tuple[Fact, ...]:
    """Return what is known about the bot's answer behind an entry."""
    bot = data.get("bot")
    if not isinstance(bot, dict):
        return ()
    intent = f"{bot.get('intent', 'none')}{' (fallback)' if bot.get('is_fallback') else ''}"
    facts = [Fact("Intent", intent)]
    if "confidence" in bot:
        facts.append(Fact("Confidence", f"{float(bot['confidence']):.0%}"))
    facts += [Fact(str(name), _value(value)) for name, value in bot.get("parameters", {}).items()]
    if bot.get("webhook"):
        facts.append(Fact("Webhook", str(bot["webhook"])))
    if bot.get("latency_ms"):
        facts.append(Fact("Took", f"{bot['latency_ms']} ms"))
    if data.get("detail"):
        facts.append(Fact("Error", str(data["detail"])))
    return tuple(facts)


def snippet(entry: Entry | None) -> tuple[str, str]:
    """Return who wrote last, and how it begins, for a row of the list."""
    if entry is None:
        return "", ""
    sender = str(entry.data.get("sender", ""))
    who = words.name_of(entry.data.get("by")) if sender == Sender.USER else _SENDERS.get(_sender(sender), "")
    said = _said(entry)
    first = next((piece.label for piece in said["pieces"]), "")
    text = " ".join(entry.text.split()) or said["more"] or first
    if entry.data.get("kind") == "welcome":
        text = words.event(entry.data, "The contact")[1]
    return who.split(" ")[0] if who else "", text[:200]


def _outgoing(found: HistoryEntry) -> dict[str, Any]:
    entry, status = found.entry, status_of(found)
    sender = str(entry.data.get("sender", ""))
    why = reason(str(entry.reason or entry.data.get("reason", "")))
    is_bad = status in (Status.FAILED, Status.UNCONFIRMED)
    return {
        "form": "message",
        "side": "out",
        "sender": f"{sender} {words.name_of(entry.data.get('by'))}",
        "who": _writer(entry.data.get("by")) or _SENDERS.get(_sender(sender), "") or "The page's inbox",
        "status": STATUSES.get(status, ("info", status, "")),
        "why": (why or UNCONFIRMED) if status == Status.UNCONFIRMED else why if is_bad or not entry.status else "",
        "can_retry": is_bad,
        "facts": bot_facts(entry.data),
    }


def _writer(card: Any) -> str:
    """The name at the head of a message or comment."""
    name = words.name_of(card)
    return name[:1].upper() + name[1:]


def _said(entry: Entry) -> dict[str, Any]:
    data = entry.data
    more = ""
    if data.get("kind") == "postback":
        more = "pressed a button"
    elif data.get("payload"):
        more = "chose a quick reply"
    if data.get("referral"):
        more = f"{more + ' · ' if more else ''}came by the link {data['referral']}"
    if data.get("reply_to"):
        more = f"{more + ' · ' if more else ''}in reply to an earlier message"
    if data.get("retry_of") is not None:
        more = "sent again"
    files = [data["file"]] if isinstance(data.get("file"), dict) else []
    pieces = tuple(map(piece_of, [*data.get("attachments", ()), *files]))
    text = entry.text
    if not text and not pieces:
        text = str(data.get("payload", ""))
    return {"text": text, "more": more, "pieces": pieces}


def _note_of(data: dict[str, Any]) -> str:
    note = data.get("note")
    if not isinstance(note, dict):
        return ""
    return " · ".join(str(note[part]) for part in ("category", "summary") if note.get(part))


def _goes_on(before: Line, line: Line) -> bool:
    return before.group == line.group != "" and line.at_ms - before.at_ms < TOGETHER_MS and before.day == line.day


def _sender(word: str) -> Any:
    return word if word in set(Sender) else None


def _value(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_value, value))
    return str(value)
