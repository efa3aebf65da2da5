"""Plays the conversations that the benchmark loads through the scripts, one after the other."""

from typing import Any

from bench import writing
from bench.talks import ANSWER_MS, IDLE_MS, Guest, Kind, Talk
from domain.actions import Action, Assign, Close, NeedPerson, NoteAnswer, Open, Pause, Send
from domain.arrivals import Record
from domain.events import Profile
from domain.models import Letter, Sender, Source
from domain.users import User
from store import Settled, Store
from tests.conftest import StoppedClock


class Actor:
    """One guest in a store whose clock is stopped."""

    def __init__(self, store: Store, clock: StoppedClock, guest: Guest, users: list[User]) -> None:
        self.store, self.clock, self.guest, self.users = store, clock, guest, users
        self.number = 0

    def play(self) -> None:
        for talk in self.guest.talks:
            self.number = talk.number
            self.talk(talk)

    def talk(self, talk: Talk) -> None:
        at, card = talk.at_ms, self.users[talk.user].card
        intent, is_fallback = writing.intent_name(talk.intent), talk.is_fallback
        category = writing.category_name(talk.category)
        if talk.comes_first:
            self.arrive(at[0] - writing.WELCOME_BEFORE_MS, Letter.WELCOME_OPENING)
            self.decide(writing.HELLO, writing.WELCOME_INTENT, after_ms=ANSWER_MS)
        if talk.kind is Kind.BY_USER:
            self.clock.ms = at[0]
            self.act(
                Open(source=Source.USER, channel=self.guest.identity.kind, by=card),
                *self.reply_of(card),
                *self.taking(card),
            )
        else:
            self.arrive(at[0], Letter.MESSAGE, writing.QUESTION)
            asks = [NeedPerson(number=self.number, reason="notify", text=writing.NOTIFY)] * (talk.kind is Kind.PERSON)
            reply = writing.HOLD_ON if asks else writing.REPLY
            self.decide(reply, intent, *asks, after_ms=ANSWER_MS, is_fallback=is_fallback)
        match talk.kind:
            case Kind.BOT:
                self.arrive(at[1], Letter.MESSAGE, writing.THANKS)
                close = Close(number=self.number, source=Source.DIALOGFLOW)
                self.decide(writing.BYE, writing.THANKS_INTENT, last=close, after_ms=ANSWER_MS)
            case Kind.IDLE:
                self.clock.ms = at[0] + ANSWER_MS + IDLE_MS
                self.act(Close(number=self.number, source=Source.AUTO_CLOSE))
            case Kind.PERSON:
                self.clock.ms = at[1]
                self.act(*self.reply_of(card), *self.taking(card))
                self.further(at[2:], card, category)
            case Kind.BY_USER:
                self.further(at[1:], card, category)

    def further(self, at: tuple[int, ...], card: dict[str, Any], category: str) -> None:
        """The contact writes, is answered, and it is over."""
        self.arrive(at[0], Letter.MESSAGE, writing.DETAILS)
        self.decide()
        self.clock.ms = at[1]
        self.act(*self.reply_of(card))
        self.clock.ms = at[2]
        summary = writing.SUMMARY if category else ""
        self.act(Close(number=self.number, source=Source.USER, by=card, category=category, summary=summary))

    def reply_of(self, card: dict[str, Any]) -> list[Action]:
        return [Send(number=self.number, text=writing.REPLY, sender=Sender.USER, by=card)]

    def taking(self, card: dict[str, Any]) -> list[Action]:
        return [
            Assign(number=self.number, user=card, by=card),
            Pause(number=self.number, reason="user_replied"),
        ]

    def arrive(self, at_ms: int, letter: Letter, text: str = "") -> None:
        self.clock.ms = at_ms
        is_message = letter is Letter.MESSAGE
        data = {"kind": "message", "text": text} if is_message else {"kind": "welcome", "cause": "get_started"}
        self.store.receive(
            [
                Record(
                    identity=self.guest.identity,
                    native_id=f"{letter}:{at_ms}",
                    sent_at_ms=at_ms - writing.SENT_BEFORE_MS,
                    letter=letter,
                    data=data,
                    opens=Source.CONTACT if is_message else Source.WELCOME_EVENT,
                    profile=Profile(name=self.guest.name),
                )
            ]
        )

    def decide(
        self,
        text: str = "",
        intent: str = "",
        *before: Action,
        last: Action | None = None,
        after_ms: int = 0,
        is_fallback: bool = False,
    ) -> None:
        self.clock.ms += after_ms
        taken = self.store.take_turn(self.guest.id)
        assert taken and taken[1].undecided
        turn, snapshot = taken
        entry = taken[1].undecided.number
        actions: list[Action] = []
        if text:
            bot = {"intent": intent, **({"is_fallback": True} if is_fallback else {})}
            actions = [
                NoteAnswer(entry=entry, channel=self.guest.identity.kind, intent=intent, is_fallback=is_fallback),
                *before,
                Send(number=self.number, text=text, sender=Sender.BOT, details={"bot": bot}),
                *([last] if last else []),
            ]
        assert self.store.commit(snapshot, actions, turn=turn, decides=entry, keeps_lease=True).is_done
        self.send()

    def act(self, *actions: Action) -> None:
        assert self.store.commit(self.store.snapshot(self.guest.id), list(actions)).is_done
        self.send()

    def send(self) -> None:
        """Everything goes out, a moment later."""
        at_ms = self.clock.ms
        snapshot = self.store.snapshot(self.guest.id)
        if snapshot.head is None:
            return
        self.clock.ms += 60_000  # whatever lease there was is over
        taken = self.store.take_turn(self.guest.id)
        assert taken and taken[1].head
        turn, head = taken[0], taken[1].head
        self.clock.ms = at_ms + writing.SETTLED_MS
        assert self.store.start_send(turn, head.number, "a-nonce-of-ours", echo_wait_ms=0)
        external_id = writing.external_id(self.guest, head.number)
        assert self.store.settle_send(turn, head.number, "a-nonce-of-ours", Settled.SENT, external_id=external_id)
        self.clock.ms = at_ms
