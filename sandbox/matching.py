"""Finds the intent that is meant, in Dialogflow's own order. The fuzzy part is rapidfuzz, not machine learning."""

import unicodedata
from collections.abc import Callable, Collection
from typing import NamedTuple

from rapidfuzz import fuzz

from sandbox.agent import Agent, Intent

MIN_RATIO = 85.0
MIN_TOKEN_SET_RATIO = 75.0
Scorer = Callable[[str, str], float]


class Match(NamedTuple):
    """An intent and how sure we are, 0 to 1."""

    intent: Intent
    confidence: float


def match_event(agent: Agent, event: str, active_contexts: Collection[str]) -> Match | None:
    """Find the intent that an event calls; None when no intent has it."""
    found = [intent for intent in _allowed(agent, active_contexts) if event in intent.events]
    return Match(found[0], 1.0) if found else None


def match_text(agent: Agent, text: str, active_contexts: Collection[str]) -> Match | None:
    """Find what `text` means: exact phrase, then a similar one, then the fallback.

    Intents whose input contexts are all active come first; those that need another context are out.
    """
    allowed = _allowed(agent, active_contexts)
    words = normalise(text)
    meant = [intent for intent in allowed if not intent.is_fallback]
    for intent in meant:
        if words and words in map(normalise, intent.phrases):
            return Match(intent, 1.0)
    for scorer, least in ((fuzz.ratio, MIN_RATIO), (fuzz.token_set_ratio, MIN_TOKEN_SET_RATIO)):
        if (similar := _most_similar(meant, words, scorer, least)) is not None:
            return similar
    fallbacks = [intent for intent in allowed if intent.is_fallback]
    return Match(fallbacks[0], 1.0) if fallbacks else None


def normalise(text: str) -> str:
    """Fold what people write differently: width, case, punctuation, runs of spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    joined = folded.replace("'", "").replace("’", "")  # "what's" and "whats" are one word
    words = (" " if unicodedata.category(character)[0] in "PZCS" else character for character in joined)
    return " ".join("".join(words).split())


def _allowed(agent: Agent, active_contexts: Collection[str]) -> list[Intent]:
    active = set(active_contexts)
    allowed = [intent for intent in agent.intents if intent.input_contexts <= active]
    return sorted(allowed, key=lambda intent: -len(intent.input_contexts))


def _most_similar(intents: list[Intent], words: str, scorer: Scorer, least: float) -> Match | None:
    # An active input context wins over a better score without one. Among phrases that share all their words with the
    # text ("hello, where is my order?") the one that covers most of it is meant, so the plain ratio breaks the tie.
    found: list[tuple[int, float, float, Intent]] = []
    for intent in intents:
        for phrase in map(normalise, intent.phrases):
            score = scorer(words, phrase)
            if words and score >= least:
                found.append((len(intent.input_contexts), score, fuzz.ratio(words, phrase), intent))
    if not found:
        return None
    _, score, ratio, intent = max(found, key=lambda candidate: candidate[:3])
    return Match(intent, round((score + ratio) / 200, 4))
