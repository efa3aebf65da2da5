"""What the scripts leave of closed conversations, written straight: entries, records and counters, one guest at a time.

tests/bench/test_closed.py plays the same conversations through the scripts and compares.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from bench.talks import ANSWER_MS, IDLE_MS, Guest, Kind, Talk
from domain.durations import bucket_name
from domain.periods import QUARTER_MS
from domain.users import User
from store.entries import encode_json

WELCOME_BEFORE_MS, SENT_BEFORE_MS, SETTLED_MS = 5_000, 300, 200
QUESTION, THANKS, DETAILS = "Where is my order?", "Thank you!", "It is the number 4711."
HELLO, BYE, HOLD_ON, REPLY = "Hello!", "You are welcome.", "One of us will be with you.", "We look into it."
NOTIFY, SUMMARY = "asks for a person", "It came a day late."
WELCOME_INTENT, THANKS_INTENT = "welcome", "thanks"

Command = tuple[Any, ...]


def intent_name(number: int) -> str:
    """Return what an intent is called."""
    return f"intent {number}"


def category_name(number: int) -> str:
    """Return what a category is called; none is 0."""
    return f"Category {number}" if number else ""


def external_id(guest: Guest, entry: int) -> str:
    """Return the platform's id of something that was sent."""
    return f"m_{guest.id}{entry:04d}"


class Desk:
    """Writes guests down, one after the other, and counts over all of them by quarters of an hour."""

    def __init__(self, users: Sequence[User]) -> None:
        self.counted: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._ids = [user.id for user in users]
        self._cards = [encode_json(user.card) for user in users]

    def write(self, guest: Guest) -> "Written":
        """Return what is kept of a guest."""
        written = Written(guest, self.counted, self._ids, self._cards)
        for talk in guest.talks:
            written.talk(talk)
        return written


class Written:
    """What is kept of one guest: entries, records by number, fields of the contact, what the indexes know."""

    def __init__(
        self, guest: Guest, counted: dict[int, dict[str, int]], ids: Sequence[str], cards: Sequence[str]
    ) -> None:
        self.guest = guest
        self.entries: list[str] = []
        self.records: dict[int, str] = {}
        self.closed_ms: dict[int, int] = {}
        self.unmatched_ms: dict[int, int] = {}  # when, by the number of the entry
        self.fields: dict[str, Any] = {"identity": str(guest.identity), "name": guest.name}
        self._counted, self._ids, self._cards = counted, ids, cards
        self._channel = guest.identity.kind
        self._version = 0
        self._opened_ms = self._closed_ms = -1

    def talk(self, talk: Talk) -> None:
        """Write one conversation down, from its opening to its close."""
        at = talk.at_ms
        match talk.kind:
            case Kind.BOT:
                self._begin(talk)
                self._asks(at[0], QUESTION, talk)
                self._message(at[1], THANKS)
                self._answer(at[1] + ANSWER_MS, THANKS_INTENT, BYE, False)
                self._close(at[1] + ANSWER_MS, talk, "dialogflow")
            case Kind.IDLE:
                self._begin(talk)
                self._asks(at[0], QUESTION, talk)
                self._close(at[0] + ANSWER_MS + IDLE_MS, talk, "auto_close")
            case Kind.PERSON:
                self._begin(talk)
                self._asks(at[0], QUESTION, talk, wants_person=True)
                self._reply(at[1], talk, is_first=True)
                self._message(at[2], DETAILS)
                self._reply(at[3], talk, is_first=False)
                self._close(at[4], talk, "user")
            case Kind.BY_USER:
                self._open(at[0], talk, "user")
                self._reply(at[0], talk, is_first=True)
                self._message(at[1], DETAILS)
                self._reply(at[2], talk, is_first=False)
                self._close(at[3], talk, "user")

    # -- One step each

    def _begin(self, talk: Talk) -> None:
        if not talk.comes_first:
            self._open(talk.at_ms[0], talk, "contact")
            return
        at_ms = talk.at_ms[0] - WELCOME_BEFORE_MS
        self._open(at_ms, talk, "welcome_event")
        sent_ms = at_ms - SENT_BEFORE_MS
        self.entries.append(f'w{{"kind":"welcome","cause":"get_started","at":{at_ms},"sent_at":{sent_ms}}}')
        self._answer(at_ms + ANSWER_MS, WELCOME_INTENT, HELLO, False)

    def _open(self, at_ms: int, talk: Talk, source: str) -> None:
        self._number, self._source, self._began_ms = talk.number, source, at_ms
        self._from, self._incoming, self._outgoing = len(self.entries), 0, 0
        self._waiting_ms, self._needs, self._handed_off = -1, source == "user", False
        self._responded, self._assignee = "", ""
        user = self._ids[talk.user] if source == "user" else ""
        by = f',"by":{self._cards[talk.user]}' if user else ""
        self.entries.append(f'e{{"kind":"opened","at":{at_ms},"conversation":{talk.number},"source":"{source}"{by}}}')
        self._version += 1
        if talk.number == 1:
            self.fields["created_at"] = at_ms
        counters = self._at(at_ms)
        age = "new" if talk.number == 1 else "returning"
        counters[f"opened|{self._channel}|{source}|{user}|{age}"] += 1
        if talk.number > 1:
            counters[f"contact_opened|{self._channel}|{self._opened_ms // QUARTER_MS}"] += 1
        self._opened_ms = at_ms

    def _message(self, at_ms: int, text: str) -> None:
        sent_ms = at_ms - SENT_BEFORE_MS
        self.entries.append(f'm{{"kind":"message","text":"{text}","at":{at_ms},"sent_at":{sent_ms}}}')
        self._incoming += 1
        if self._waiting_ms < 0:
            self._waiting_ms = at_ms
        self._at(at_ms)[f"message|{self._channel}|contact|"] += 1

    def _asks(self, at_ms: int, text: str, talk: Talk, *, wants_person: bool = False) -> None:
        self._asked = len(self.entries)
        self._message(at_ms, text)
        at_ms += ANSWER_MS
        if wants_person:
            self._needs = self._handed_off = True
            self._version += 1
            self.entries.append(
                f'e{{"kind":"needs_person","at":{at_ms},"conversation":{self._number},"reason":"notify","text":"{NOTIFY}"}}'
            )
            self._at(at_ms)[f"handed_off|{self._channel}|notify"] += 1
        self._answer(at_ms, intent_name(talk.intent), HOLD_ON if wants_person else REPLY, talk.is_fallback)

    def _answer(self, at_ms: int, intent: str, text: str, is_fallback: bool) -> None:
        bot = f'{{"intent":"{intent}","is_fallback":true}}' if is_fallback else f'{{"intent":"{intent}"}}'
        self._send(at_ms, f'"sender":"bot","text":"{text}","bot":{bot}')
        if not self._needs:
            self._waiting_ms = -1
        if is_fallback:
            self.unmatched_ms[self._asked] = at_ms
        counters = self._at(at_ms)
        counters[f"answered|{self._channel}|{'fallback' if is_fallback else 'matched'}|{intent}"] += 1
        counters[f"message|{self._channel}|bot|"] += 1

    def _reply(self, at_ms: int, talk: Talk, *, is_first: bool) -> None:
        user, card = self._ids[talk.user], self._cards[talk.user]
        self._send(at_ms, f'"sender":"user","text":"{REPLY}","by":{card}')
        counters, dimensions = self._at(at_ms), f"{self._channel}|{user}"
        counters[f"message|{self._channel}|user|{user}"] += 1
        if self._waiting_ms >= 0:
            waited_ms = at_ms - self._waiting_ms
            self._waiting_ms = -1
            counters[f"response|{dimensions}|{bucket_name(waited_ms)}"] += 1
            counters[f"response_ms|{dimensions}"] += waited_ms
            if not self._responded:
                first_ms = waited_ms if self._source == "user" else at_ms - self._began_ms
                counters[f"first_response|{dimensions}|{bucket_name(first_ms)}"] += 1
                counters[f"first_response_ms|{dimensions}"] += first_ms
                self._responded = f',"first_response_at":{at_ms},"first_response_ms":{first_ms}'
        if is_first:
            self._assignee = user
            self._version += 2
            about = f'"at":{at_ms},"conversation":{self._number}'
            self.entries.append(f'e{{"kind":"assigned",{about},"user":{card},"by":{card}}}')
            self.entries.append(f'e{{"kind":"bot_paused",{about},"reason":"user_replied"}}')
            counters[f"assigned|{self._channel}|user|{user}|{user}"] += 1

    def _send(self, at_ms: int, said: str) -> None:
        self._outgoing += 1
        suffix = f"|{at_ms + SETTLED_MS}|{external_id(self.guest, len(self.entries))}|"
        self.entries.append(f's{{"kind":"message","at":{at_ms},"conversation":{self._number},{said}}}{suffix}')

    def _close(self, at_ms: int, talk: Talk, source: str) -> None:
        is_user, channel, number = source == "user", self._channel, self._number
        user, card = (self._ids[talk.user], self._cards[talk.user]) if is_user else ("", "")
        category, took_ms = category_name(talk.category) if is_user else "", at_ms - self._began_ms
        note = f',"note":{{"category":"{category}","summary":"{SUMMARY}"}}' if category else ""
        by = f',"by":{card}' if card else ""
        opened_by = by if self._source == "user" else ""
        closed_by = f',"closed_by":{card}' if card else ""
        assignee = f',"assignee":{card}' if self._assignee else ""
        handed_off = ',"handed_off":true' if self._handed_off else ""
        end = len(self.entries)
        self.records[number] = (
            f'{{"number":{number},"from":{self._from},"opened_at":{self._began_ms},"source":"{self._source}"'
            f',"channel":"{channel}","incoming":{self._incoming},"outgoing":{self._outgoing},"closed_at":{at_ms}'
            f',"closed_source":"{source}","resolution_ms":{took_ms}{opened_by}{closed_by}{note}{assignee}'
            f"{self._responded}{handed_off}}}"
        )
        self.entries.append(
            f'e{{"kind":"closed","at":{at_ms},"conversation":{number},"source":"{source}","resolution_ms":{took_ms}'
            f"{by}{note}}}"
        )
        self.closed_ms[number] = at_ms
        self._version += 1
        self._count_closed(at_ms, source, user, category, took_ms)
        fields = self.fields
        fields["closed_from"], fields["closed_end"], fields["conversations"] = self._from, end, number
        fields["version"], fields["cursor"] = self._version, len(self.entries)
        if self._assignee:
            fields["last_assignee_id"] = self._assignee
        else:
            fields.pop("last_assignee_id", None)

    def _count_closed(self, at_ms: int, source: str, user: str, category: str, took_ms: int) -> None:
        counters, channel, quarter = self._at(at_ms), self._channel, at_ms // QUARTER_MS
        counters[f"closed|{channel}|{source}|{user}|{bucket_name(took_ms)}|{category}"] += 1
        counters[f"resolution_ms|{channel}|{source}|{user}|{category}"] += took_ms
        counters[f"contact_closed|{channel}|{'' if self._closed_ms < 0 else self._closed_ms // QUARTER_MS}"] += 1
        self._closed_ms = at_ms
        if user:
            name = f"closed_by:{user}"
            counters[f"contact_closed_by|{channel}|{user}|{self.fields.get(name, '')}"] += 1
            self.fields[name] = quarter
        elif not self._handed_off and self._incoming:
            counters[f"solved_by_bot|{channel}"] += 1

    def _at(self, at_ms: int) -> dict[str, int]:
        return self._counted[at_ms // QUARTER_MS]
