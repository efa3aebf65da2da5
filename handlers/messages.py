"""What to do about an entry that wants a decision: ask the bot or not, and what its answer leads to."""

from dataclasses import dataclass, replace
from typing import Any

from domain.actions import Action, NeedPerson, NoteAnswer, NoteLine, NoteNotSent, Send
from domain.answers import Answer
from domain.models import Entry, Letter, Sender, Snapshot
from domain.texts import split_text
from handlers.commands import after_replies, before_replies, turn_key
from handlers.places import Place, Where, bot_silence, place_of

#: A sticker says nothing that needs a person.
WORDLESS = frozenset({"sticker"})


@dataclass(frozen=True, slots=True)
class AskBot:
    """Ask the agent about an entry, and come back with the answer. Exactly one of text and event is set."""

    entry: Entry
    number: int  # of the conversation; 0 outside of any
    text: str = ""
    event: str = ""


def decide(snapshot: Snapshot, entry: Entry, *, has_bot: bool) -> AskBot | list[Action]:
    """Decide an entry, or say what to ask first. has_bot: a Dialogflow agent is connected.

    What automations want with it is over by then; a line is there for them alone.
    """
    if entry.letter is Letter.LINE or snapshot.contact.run_state.quiet_entry == entry.number:
        return []
    place = place_of(snapshot, entry)
    if silence := bot_silence(snapshot, entry.number, place):
        return _need_person(snapshot, place, silence, entry)
    if not has_bot:
        return _need_person(snapshot, place, "no_bot", entry) if entry.letter is Letter.MESSAGE else []
    if entry.letter in (Letter.WELCOME, Letter.WELCOME_OPENING):
        return AskBot(entry, place.number, event=f"{snapshot.contact.identity_of(entry).kind.upper()}_WELCOME")
    if text := _words(entry):
        return AskBot(entry, place.number, text=text)
    kinds = {attachment.get("kind") for attachment in entry.data.get("attachments", ())}
    return _need_person(snapshot, place, "attachment", entry) if kinds - WORDLESS else []


def decide_answer(snapshot: Snapshot, asked: AskBot, answer: Answer, *, max_text_chars: int) -> list[Action]:
    """Decide an entry with the bot's answer to it, on the contact as it is now."""
    entry, contact = asked.entry, snapshot.contact
    place = place_of(snapshot, entry)
    bot = _bot_details(answer)
    counted = _count(snapshot, asked, answer)
    if answer.failure:
        return [*counted, *_failed(snapshot, entry, place, answer, bot)]
    if silence := bot_silence(snapshot, entry.number, place):
        return [*counted, _too_late(asked.number, answer, silence, bot)]
    commands = answer.commands
    if asked.number != place.number:
        # Asked in one conversation, by now of another (somebody closed the first): it cannot close that one.
        commands = replace(commands, mark_done=None)
    key = turn_key(contact, place.number, entry.number)
    return [
        *counted,
        *before_replies(commands, key=key, number=place.number, entry=entry.number),
        *_replies(snapshot, entry, place.number, answer, bot, max_text_chars),
        *after_replies(
            commands,
            key=key,
            number=place.number,
            entry=entry.number,
            later_from=entry.number + 1,
            channel=contact.identity_of(entry).kind,
            may_open=place.where is Where.OUTSIDE,
        ),
    ]


def _need_person(snapshot: Snapshot, place: Place, reason: str, entry: Entry) -> list[Action]:
    """Ask for a person once: a conversation that waits for one already is not told again."""
    if place.where is not Where.OPEN or snapshot.open is None:
        return []
    # One that opened with the bot switched off waits from its beginning; its first message says so all the same.
    is_first = snapshot.open.needs == "bot_off" and entry.number <= snapshot.open.first_entry + 1
    return [NeedPerson(number=place.number, reason=reason)] if is_first or not snapshot.open.needs else []


def _words(entry: Entry) -> str:
    if entry.data.get("kind") == "postback":
        return str(entry.data.get("payload") or entry.text)
    return entry.text.strip() or str(entry.data.get("payload", ""))


def _failed(snapshot: Snapshot, entry: Entry, place: Place, answer: Answer, bot: dict[str, Any]) -> list[Action]:
    details = {"failure": answer.failure, "detail": answer.failure_detail[:200], **bot}
    # Whoever only came to the door waits for nobody.
    is_only_welcome = entry.letter is not Letter.MESSAGE and not (snapshot.open and snapshot.open.incoming)
    if place.where is Where.OPEN and not is_only_welcome and not (snapshot.open and snapshot.open.paused):
        return [NeedPerson(number=place.number, reason="bot_failed", details=details)]
    return [NoteLine(number=place.number, kind="bot_failed", details=details)]


def _too_late(number: int, answer: Answer, silence: str, bot: dict[str, Any]) -> NoteNotSent:
    """Somebody took over while the bot was thinking: keep what it would have said."""
    text = "\n".join(answer.replies)
    return NoteNotSent(number=number, text=text, sender=Sender.BOT, reason=silence, details=bot)


def _count(snapshot: Snapshot, asked: AskBot, answer: Answer) -> list[Action]:
    """Say what the bot had. An agent need not know our events: one without an intent is nothing that it missed."""
    if asked.event and not answer.intent and not answer.failure:
        return []
    return [
        NoteAnswer(
            entry=asked.entry.number,
            number=asked.number,
            channel=snapshot.contact.identity_of(asked.entry).kind,
            intent=answer.intent,
            is_fallback=answer.is_fallback or not answer.intent,
            failure=str(answer.failure or ""),
        )
    ]


def _replies(
    snapshot: Snapshot, entry: Entry, number: int, answer: Answer, bot: dict[str, Any], max_text_chars: int
) -> list[Action]:
    pieces = [piece for reply in answer.replies for piece in split_text(reply, max_text_chars)]
    if not pieces:
        return [NoteLine(number=number, kind="bot", details=bot)]
    token = str(entry.data.get("token", ""))
    # Answered where it was written. None is the contact's own identity, as it is for nearly everybody.
    to = snapshot.contact.identity_of(entry) if "identity" in entry.data else None
    # Only one message fits into the HTTP answer to conversation_started; the rest needs a subscription.
    is_reachable = not token or bool(snapshot.contact.is_subscribed)
    actions: list[Action] = [
        Send(number=number, text=pieces[0], sender=Sender.BOT, details=bot, to=to, welcome_token=token)
    ]
    for piece in pieces[1:]:
        if is_reachable:
            actions.append(Send(number=number, text=piece, sender=Sender.BOT, to=to))
        else:
            actions.append(NoteNotSent(number=number, text=piece, sender=Sender.BOT, reason="not_subscribed"))
    return actions


def _bot_details(answer: Answer) -> dict[str, Any]:
    details = {
        "intent": answer.intent,
        "confidence": round(answer.confidence, 2),
        "is_fallback": answer.is_fallback,
        "parameters": answer.parameters,
        "webhook": answer.webhook_status,
        "latency_ms": answer.latency_ms,
    }
    return {"bot": {name: value for name, value in details.items() if value}}
