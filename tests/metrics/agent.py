"""An agent that answers each text in its own way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.answers import Answer, BotFailure, Commands, Question

TEXTS = ("hello", "bye", "lost", "nothing", "broken", "person", "off", "open", "", "long", "photo", "hello", "hello")


@dataclass
class Agent:
    """Answers each of TEXTS in its own way; `meanwhile` happens once while it thinks."""

    asked: int = 0
    meanwhile: Callable[[], None] | None = None

    def ask(self, question: Question) -> Answer:
        self.asked += 1
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            happens()
        what: dict[str, dict[str, Any]] = {
            "bye": {"intent": "good|bye", "commands": Commands(mark_done=True)},
            "lost": {"intent": "fallback", "is_fallback": True},
            "nothing": {"intent": "", "replies": ()},
            "broken": {"failure": BotFailure.TIMED_OUT, "replies": ()},
            "person": {"intent": "help", "commands": Commands(notify="please")},
            "off": {"intent": "stop", "commands": Commands(bot_status=False)},
            "open": {"intent": "more", "commands": Commands(mark_done=False), "replies": ()},
            "long": {"intent": "story", "replies": ("word " * 500, "and that")},
        }
        events: tuple[dict[str, Any], ...] = (
            {"intent": "welcome"},
            {"intent": "", "replies": ()},
            {"intent": "welcome", "replies": ("one", "two")},
            {"failure": BotFailure.REFUSED, "replies": ()},
        )
        own = events[self.asked % 4] if question.event else what.get(question.text.split(" ")[0], {})
        told = {"on": question.platform, "is_event": bool(question.event), "text": question.text}
        values: dict[str, Any] = {"intent": "small talk", "replies": ("well",), **own, "parameters": told}
        return Answer(response_id=f"r{self.asked}", **values)
