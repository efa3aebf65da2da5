"""Everything that happened to a contact, read slowly and plainly from what the store's readers return of it.

It shares nothing with the code that counts when something happens. Where docs/metrics.md leaves a choice, it is made
here as there is one in the code, and says so: see CHOICE.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.models import ClosedConversation, Contact, Conversation, Entry, Letter, OpenConversation, Source

OUTGOING = "pgsdrfu"


@dataclass(frozen=True)
class History:
    """All that the store has of a contact, or had right before it was deleted. With each entry its conversation."""

    contact: Contact
    entries: Sequence[tuple[Entry, int | None]]
    conversations: Sequence[Conversation]


@dataclass(frozen=True)
class Fact:
    """Something that happened to a contact. ms: how long it took. before_ms: when it happened to them before."""

    what: str
    at_ms: int
    who: int
    values: Mapping[str, str]
    ms: int = 0
    before_ms: int | None = None


@dataclass
class _Open:
    """The open conversation at some moment."""

    record: Conversation
    waiting_ms: int | None = None
    needs: str = ""
    is_without_bot: bool = False
    is_person_asked: bool = False
    is_handed_off: bool = False
    has_response: bool = False
    bot_wrote: bool = False
    user_wrote: bool = False
    holder: str = ""


@dataclass
class _Reader:
    """Reads one timeline from its beginning to its end."""

    who: int
    history: History
    is_deactivated: Callable[[str, int], bool]
    bot_back_on: bool
    facts: list[Fact] = field(default_factory=list)
    open: _Open | None = None
    bot_off: bool = False

    def read(self) -> list[Fact]:
        self.records = {one.number: one for one in self.history.conversations}
        for record in self.history.conversations:
            self.read_record(record)
        for entry, number in self.history.entries:
            if entry.letter == "m":
                self.read_message(entry)
            elif entry.letter in OUTGOING:
                self.read_sent(entry)
            elif entry.letter == "e":
                self.read_line(entry, number)
            self.read_answer(entry)
        return self.facts

    def note(self, what: str, at_ms: int, values: Mapping[str, str], ms: int = 0, before_ms: int | None = None) -> None:
        self.facts.append(Fact(what, at_ms, self.who, values, ms, before_ms))

    def own(self) -> str:
        return self.history.contact.identity.kind

    def channel_of(self, entry: Entry) -> str:
        named = entry.data.get("identity")
        return str(named).split(":")[0] if named else self.own()

    # -- Records

    def read_record(self, one: Conversation) -> None:
        before = self.records.get(one.number - 1)
        user = id_of(one.by) if one.source == "user" else ""
        age = "new" if one.number == 1 else "returning"
        # CHOICE: here the channel is the conversation's, also for new contacts.
        values = {"channel": one.channel, "source": str(one.source), "user": user, "age": age}
        self.note("opened", one.opened_at_ms, values)
        if before:
            self.note("contact_opened", one.opened_at_ms, {"channel": self.own()}, before_ms=before.opened_at_ms)
        if not isinstance(one, ClosedConversation):
            return
        user = id_of(one.closed_by) if one.closed_source == "user" else ""
        ms = max(one.closed_at_ms - one.opened_at_ms, 0)
        category = str((one.note or {}).get("category", ""))
        values = {"channel": one.channel, "source": str(one.closed_source), "user": user, "category": category}
        self.note("closed", one.closed_at_ms, values, ms)
        self.note("contact_closed", one.closed_at_ms, {"channel": self.own()})
        if user:
            self.note("contact_closed_by", one.closed_at_ms, {"channel": self.own(), "user": user})

    # -- Entries

    def read_message(self, entry: Entry) -> None:
        at_ms = int(entry.data["at"])
        if "moved_from" not in entry.data:
            self.note("message", at_ms, {"channel": self.channel_of(entry), "sender": "contact", "user": ""})
        if self.open:
            self.open.waiting_ms = min(at_ms, self.open.waiting_ms or at_ms)

    def read_sent(self, entry: Entry) -> None:
        at_ms, sender = int(entry.data["at"]), str(entry.data["sender"])
        is_inbox = entry.data.get("via") == "page_inbox"
        user = id_of(entry.data.get("by")) if sender == "user" else ""
        self.note("message", at_ms, {"channel": self.channel_of(entry), "sender": sender, "user": user})
        opened = self.open
        if opened is None or not (is_inbox or entry.data.get("conversation") == opened.record.number):
            return
        if sender == "user":
            if is_inbox:
                self.hand_off("page_inbox", at_ms)
                opened.needs = "paused"
            self.respond(opened, at_ms, user)
            opened.user_wrote, opened.waiting_ms = True, None
            return
        opened.bot_wrote |= sender == "bot"
        # CHOICE: the welcome in the answer to Viber's call, which no message of ours is, answers no question.
        is_welcome = sender == "bot" and entry.letter == "s" and not entry.external_id
        if sender == "api" or not (opened.needs or is_welcome):
            opened.waiting_ms = None

    def respond(self, opened: _Open, at_ms: int, user: str) -> None:
        values = {"channel": opened.record.channel, "user": user}
        waited_ms = None if opened.waiting_ms is None else max(at_ms - opened.waiting_ms, 0)
        if waited_ms is not None:
            self.note("response", at_ms, values, waited_ms)
        came = opened.record.source in ("contact", "welcome_event")
        since_opened_ms = max(at_ms - opened.record.opened_at_ms, 0)
        first_ms = since_opened_ms if came else waited_ms
        if first_ms is None or opened.has_response:
            return
        opened.has_response = True
        self.note("first_response", at_ms, values, first_ms)
        told = (opened.record.first_response_at_ms, opened.record.first_response_ms)
        assert told == (at_ms, first_ms), f"the conversation itself says {told}"

    def hand_off(self, reason: str, at_ms: int) -> None:
        opened = self.open
        if opened is None:
            return
        opened.is_person_asked = True
        # CHOICE: once the bot was switched on, also a conversation that opened without it can be handed off.
        is_with_bot = not opened.is_without_bot and not opened.needs and reason != "no_bot"
        if is_with_bot and not opened.is_handed_off:
            opened.is_handed_off = True
            self.note("handed_off", at_ms, {"channel": opened.record.channel, "reason": reason})

    # -- Lines

    def read_line(self, entry: Entry, number: int | None) -> None:
        kind, at_ms, data = str(entry.data["kind"]), int(entry.data["at"]), entry.data
        opened = self.open
        match kind:
            case "opened":
                self.begin(entry)
            case "closed":
                assert opened and opened.record.number == number
                self.end(opened)
            case "needs_person" if opened:
                self.hand_off(str(data["reason"]), at_ms)
                opened.needs = str(data["reason"])
            case "bot_paused" if opened:
                self.hand_off(str(data["reason"]), at_ms)
                opened.needs = "paused"
            case "bot_off":
                self.bot_off = True
                if opened and not opened.needs:
                    self.hand_off("bot_off", at_ms)
                    opened.needs = "bot_off"
            case "bot_on":
                self.bot_off = False
                if opened:
                    opened.is_without_bot = False
                    opened.needs = "" if opened.needs == "bot_off" else opened.needs
            case "assigned" | "unassigned" if opened:
                self.assign(opened, entry, at_ms)

    def begin(self, line: Entry) -> None:
        record = self.records[int(line.data["conversation"])]
        self.open = opened = _Open(record)
        # What stood before the line was written to the conversation before this one, and waited for this one.
        before = [entry for entry, _ in self.history.entries if record.first_entry <= entry.number < line.number]
        own = [entry for entry in before if entry.letter == "m"]
        opened.waiting_ms = min((int(e.data["at"]) for e in own), default=None)
        if record.source == "user":
            opened.needs = "opened_by_user"
        elif self.bot_off and record.source != "welcome_event":
            opened.needs = "bot_off"
        opened.is_without_bot, opened.is_person_asked = self.bot_off, bool(opened.needs)
        if kept := id_of(line.data.get("user")):
            opened.holder = kept
            values = {"channel": record.channel, "source": "kept", "user": kept, "by": ""}
            self.note("assigned", record.opened_at_ms, values)

    def end(self, opened: _Open) -> None:
        record, self.open = opened.record, None
        assert isinstance(record, ClosedConversation)
        assert opened.has_response == (record.first_response_at_ms is not None)
        if self.bot_back_on:
            self.bot_off = False
        wrote = any(n == record.number and e.letter == "m" for e, n in self.history.entries)
        is_alone = opened.bot_wrote and not opened.user_wrote and not opened.is_person_asked
        if wrote and is_alone and record.closed_source not in ("user", "contact_merge"):
            self.note("solved_by_bot", record.closed_at_ms, {"channel": record.channel})

    def assign(self, opened: _Open, entry: Entry, at_ms: int) -> None:
        user, by = id_of(entry.data.get("user")), id_of(entry.data.get("by"))
        source = "user" if by else "api"
        if not by and not user and self.is_deactivated(opened.holder, at_ms):
            source = "deactivated"
        opened.holder = user
        values = {"channel": opened.record.channel, "source": source, "user": user, "by": by}
        self.note("assigned", at_ms, values)

    def read_answer(self, entry: Entry) -> None:
        bot = entry.data.get("bot")
        if not bot:
            return
        # Which question it answered is not on the timeline: the test's agent says it in its parameters.
        asked = bot["parameters"]
        intent, failure = str(bot.get("intent", "")), str(entry.data.get("failure", ""))
        # CHOICE: a welcome for which the agent has no intent is no answer.
        if asked["is_event"] and not intent and not failure:
            return
        outcome = "failed" if failure else "fallback" if bot.get("is_fallback") or not intent else "matched"
        at_ms = int(entry.data["at"])
        self.note("answered", at_ms, {"channel": asked["on"], "outcome": outcome, "intent": failure or intent})
        if outcome == "fallback" and asked["text"]:
            self.note("unmatched", at_ms, {"channel": asked["on"], "text": asked["text"]})


def recount(
    histories: Iterable[History], *, is_deactivated: Callable[[str, int], bool], bot_back_on: bool
) -> list[Fact]:
    """Return everything that happened. is_deactivated: tells whether a user was not let in any more at some time."""
    facts: list[Fact] = []
    for who, history in enumerate(histories):
        facts += _Reader(who, history, is_deactivated, bot_back_on).read()
    return facts


def id_of(card: object) -> str:
    return str(card["id"]) if isinstance(card, dict) else ""


def closed_by_delete(history: History, now_ms: int, by: dict[str, Any] | None) -> History:
    """Return it as it is after the close that a delete makes. by: the card of a user, or None for the API."""
    others = [one for one in history.conversations if not isinstance(one, OpenConversation)]
    for one in history.conversations:
        if isinstance(one, OpenConversation):
            closed = ClosedConversation(
                number=one.number,
                first_entry=one.first_entry,
                opened_at_ms=one.opened_at_ms,
                source=one.source,
                channel=one.channel,
                by=one.by,
                first_response_at_ms=one.first_response_at_ms,
                first_response_ms=one.first_response_ms,
                closed_at_ms=now_ms,
                closed_source=Source.USER if by else Source.API,
                resolution_ms=now_ms - one.opened_at_ms,
                closed_by=by,
            )
            line = {"kind": "closed", "at": now_ms, "conversation": one.number}
            entry = Entry(len(history.entries), Letter.LINE, line)
            return History(history.contact, [*history.entries, (entry, one.number)], [*others, closed])
    return history
