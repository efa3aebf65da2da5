"""What contact, bot and team do in a conversation, written down one step after the other."""

import math
import random

from demo import texts
from demo.hours import BAD_WEEK_DELAY, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Quarter
from demo.people import TEAM
from demo.steps import AnyStep, ApiWrites, BotDecides, Closes, Comes, PageInboxWrites, UserWrites, Writes
from demo.unmatched import unmatched_text
from domain.answers import Answer, Commands
from domain.models import Source

#: After so long without anything the platform closes by itself.
IDLE_MS = DAY_MS


class Scene:
    """The steps of one conversation. at_ms: when the next one may happen."""

    def __init__(self, chance: random.Random, quarter: Quarter, at_ms: int, *, is_messenger: bool) -> None:
        self.steps: list[AnyStep] = []
        self.chance = chance
        self.at_ms = at_ms
        self._quarter = quarter
        self._is_messenger = is_messenger

    def add(self, step: AnyStep) -> None:
        """Let something happen now."""
        self.steps.append(step)
        self.passes(1)

    # -- The contact and the bot

    def comes(self) -> None:
        """The contact comes to the door, and the bot greets."""
        self.add(Comes(at_ms=self.at_ms))
        self.passes(900)
        self.add(BotDecides(at_ms=self.at_ms, answer=self.answer(texts.WELCOME, texts.HELLO)))
        self.passes(self.chance.uniform(4, 40) * SECOND_MS)

    def asks_bot(self) -> None:
        """The contact asks something that the bot knows, now and then after something that it does not."""
        if self.chance.random() < 0.1:
            self.says_unmatched()
        intent, text = self.question()
        self.writes(text, self.answer(intent.name, intent.reply))

    def says_unmatched(self) -> None:
        """The contact writes what the bot has no intent for."""
        intent = texts.FALLBACK if self.chance.random() < 0.8 else ""
        reply = self.chance.choice(texts.NOT_UNDERSTOOD) if intent else ""
        self.writes(unmatched_text(self.chance), self.answer(intent, reply, is_fallback=True))

    def wants_human(self) -> None:
        """The contact asks for a person, and the bot tells the team; sometimes it switches itself off."""
        commands = Commands(notify="Asks for a person", bot_status=False if self.chance.random() < 0.3 else None)
        answer = self.answer(texts.HUMAN, texts.HUMAN_REPLY, commands)
        self.writes(self.chance.choice(texts.HUMAN_PHRASES), answer)

    def thanks(self) -> None:
        """The contact says thanks, and the bot closes."""
        answer = self.answer(texts.THANKS, texts.THANKS_REPLY, Commands(mark_done=True))
        self.writes(self.chance.choice(texts.THANKS_PHRASES), answer)

    def contact_replies(self) -> None:
        """The contact answers what a person wrote."""
        self.passes(min(self.lognormal(4 * MINUTE_MS, 1.2), 8 * HOUR_MS))
        self.writes(self.filled(self.chance.choice(texts.CONTACT_REPLIES)), self.answer())

    def writes(self, text: str, answer: Answer, *, attachment: str = "") -> None:
        """The contact writes, and the bot has this answer if it is asked."""
        self.add(Writes(at_ms=self.at_ms, text=text, attachment=attachment))
        self.passes(max(answer.latency_ms, 300))
        self.add(BotDecides(at_ms=self.at_ms, answer=answer))
        self.passes(self.chance.uniform(8, 90) * SECOND_MS)

    def question(self) -> tuple[texts.Intent, str]:
        """Return something to ask, and the intent that it has."""
        [intent] = self.chance.choices(texts.INTENTS, [one.share for one in texts.INTENTS])
        return intent, self.filled(self.chance.choice(intent.phrases))

    def answer(
        self, intent: str = "", reply: str = "", commands: Commands | None = None, *, is_fallback: bool = False
    ) -> Answer:
        """Return what the bot says."""
        return Answer(
            intent=intent,
            is_fallback=is_fallback,
            confidence=0.0 if is_fallback else round(self.chance.uniform(0.62, 1.0), 2),
            replies=(reply,) if reply else (),
            commands=commands or Commands(),
            latency_ms=int(self.lognormal(420, 0.4)),
        )

    # -- The team

    def pick_user(self) -> int:
        """Return who takes it."""
        return self.chance.choices(range(len(TEAM)), [member.share for member in TEAM])[0]

    def user_replies(self, user: int, *, is_first: bool) -> None:
        """A user replies when their work lets them."""
        median_ms = (6 if is_first else 3) * MINUTE_MS * TEAM[user].pace
        if self._quarter.is_bad(self.at_ms):
            median_ms *= BAD_WEEK_DELAY
        self.works(self.lognormal(median_ms, 1.0))
        text = self.filled(self.chance.choice(texts.OPENINGS if is_first else texts.MIDDLES), TEAM[user].name)
        if self._is_messenger and self.chance.random() < 0.02:
            self.add(PageInboxWrites(at_ms=self.at_ms, text=text))
        else:
            self.add(UserWrites(at_ms=self.at_ms, user=user, text=text, is_lost=self.chance.random() < 0.01))
        if is_first and self.chance.random() < 0.15:
            self.passes(50 * SECOND_MS)
            self.add(UserWrites(at_ms=self.at_ms, user=user, text=self.filled(self.chance.choice(texts.MIDDLES))))

    def api_writes(self, text: str) -> None:
        """A program writes."""
        self.add(ApiWrites(at_ms=self.at_ms, text=text))

    def closes_by_itself(self) -> None:
        """Nothing happens for long, and the platform closes."""
        self.at_ms = self.steps[-1].at_ms + IDLE_MS + self.chance.randrange(2 * SECOND_MS, MINUTE_MS)
        self.add(Closes(at_ms=self.at_ms, source=Source.AUTO_CLOSE))

    # -- Time and chance

    def passes(self, ms: float) -> None:
        """Let time pass."""
        self.at_ms += max(int(ms), 1)

    def works(self, ms: float) -> None:
        """Let working time pass."""
        self.at_ms = self._quarter.after_work(self.at_ms, max(int(ms), SECOND_MS))

    def lognormal(self, median: float, sigma: float) -> float:
        """Return something around `median`, now and then much more."""
        return self.chance.lognormvariate(math.log(median), sigma)

    def filled(self, text: str, name: str = "") -> str:
        """Return a text with its gaps filled."""
        return texts.fill(text, self.chance, name)
