"""Puts a contact's timeline into a few words: the live strip beside each phone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

_OPENERS = {
    "contact": "contact",
    "welcome_event": "a welcome event",
    "dialogflow": "RB_MARKDONE=false",
    "api": "the API",
}
_CLOSERS = {
    "dialogflow": "RB_MARKDONE",
    "contact_merge": "a merge of contacts",
    "auto_close": "auto-close",
    "api": "the API",
}
_SWITCHERS = {"dialogflow": "RB_BOTSTATUS", "api": "the API"}
_TROUBLED_STATUS = {"failed": "not delivered", "unconfirmed": "perhaps not delivered", "not_sent": "not sent"}
_MAX_DETAIL_CHARS = 120


class Sentence(NamedTuple):
    """One line of the strip. Tones: opened, closed, bot, attention, plain."""

    at_ms: int
    text: str
    tone: str


def sentences(items: Iterable[Any]) -> list[Sentence]:
    """Say what the platform did, in order. What we do not understand is left out or named, never an error."""
    said: list[Sentence] = []
    at_ms, previous_bot = 0, ""
    for item in items:
        if not isinstance(item, dict):
            continue
        at_ms = epoch_ms(item.get("at")) or at_ms
        if item.get("direction") == "incoming":
            previous_bot = ""
            continue
        bot = _bot_words(item)
        if bot and bot != previous_bot:
            said.append(Sentence(at_ms, bot, "bot"))
        previous_bot = bot or previous_bot
        if (words := _words(item)) is not None:
            said.append(Sentence(at_ms, *words))
    return said


def epoch_ms(text: object) -> int | None:
    """Read a time of the API as epoch milliseconds; None for what is no time."""
    try:
        return int(datetime.fromisoformat(str(text)).timestamp() * 1000)
    except ValueError:
        return None


def _words(item: dict[str, Any]) -> tuple[str, str] | None:
    kind = str(item.get("kind") or "")
    if kind == "opened":
        return f"#{item.get('conversation')} opened by {_source(item, _OPENERS)}", "opened"
    if kind == "closed":
        seconds = item.get("resolution_time_s")
        after = f" after {_minutes(seconds)}" if isinstance(seconds, int | float) else ""
        return f"#{item.get('conversation')} closed by {_source(item, _CLOSERS)}{after}", "closed"
    if kind == "message":
        return _message_words(item)
    if kind in ("bot_off", "bot_on"):
        return f"{kind.replace('_', ' ')} by {_source(item, _SWITCHERS)}", "plain"
    if kind in ("needs_person", "bot_failed"):
        return _trouble_words(kind, item), "attention"
    if kind in ("", "bot"):
        return None
    detail = _shortened(item.get("text") or item.get("reason"))
    return kind.replace("_", " ") + (f": {detail}" if detail else ""), "plain"


def _trouble_words(kind: str, item: dict[str, Any]) -> str:
    details = item.get("details")
    failure = _shortened(details.get("failure")) if isinstance(details, dict) else ""
    if kind == "bot_failed" or item.get("reason") == "bot_failed":
        words = "the bot could not answer" + (f" ({failure})" if failure else "")
        return words + ("; needs a person" if kind == "needs_person" else "")
    detail = _shortened(item.get("text") or item.get("reason"))
    return "needs a person" + (f": {detail}" if detail else "")


def _message_words(item: dict[str, Any]) -> tuple[str, str] | None:
    status = str(item.get("status"))
    if status in _TROUBLED_STATUS:
        reason = _shortened(item.get("reason"))
        return _TROUBLED_STATUS[status] + (f": {reason}" if reason else ""), "attention"
    sender = item.get("sender")
    return (f"{'a user' if sender == 'user' else sender} replied", "plain") if sender in ("user", "api") else None


def _bot_words(item: dict[str, Any]) -> str:
    bot = item.get("bot")
    if not isinstance(bot, dict) or not bot.get("intent"):
        return ""
    confidence = bot.get("confidence")
    return f"bot: {bot['intent']}" + (f" ({confidence:.2f})" if isinstance(confidence, int | float) else "")


def _source(item: dict[str, Any], names: dict[str, str]) -> str:
    source = str(item.get("source", "somebody"))
    who = item.get("user") if source == "user" else item.get(source)
    if isinstance(who, dict) and who.get("name"):
        return str(who["name"])
    return names.get(source, source.replace("_", " "))


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _shortened(text: object) -> str:
    words = " ".join(str(text or "").split()).replace("_", " ")
    return words if len(words) <= _MAX_DETAIL_CHARS else words[: _MAX_DETAIL_CHARS - 1] + "…"
