from typing import Any

import pytest

from sandbox.agent import Agent, Intent, read_agent
from sandbox.matching import match_event, match_text, normalise


def intent(name: str, *phrases: str, **values: Any) -> Intent:
    blank: dict[str, Any] = {
        "id": name,
        "input_contexts": frozenset(),
        "events": frozenset(),
        "is_fallback": False,
        "uses_webhook": False,
        "ends_interaction": False,
        "action": "",
        "output_contexts": (),
        "parameters": (),
        "messages": (),
    }
    return Intent(**{**blank, "name": name, "phrases": phrases, **values})


AGENT = Agent(
    "test",
    "en",
    (
        intent("fallback", is_fallback=True),
        intent("greeting", "hello", "good day", events=frozenset({"WELCOME"})),
        intent("parcel", "where is my parcel", "what's keeping my parcel"),
        intent("yes", "yes", "yes please"),
        intent("confirm parcel", "yes", "right", input_contexts=frozenset({"parcel-asked"})),
    ),
)


def name_of(text: str, *contexts: str) -> str:
    match = match_text(AGENT, text, contexts)
    return match.intent.name if match else ""


def test_an_event_finds_the_intent_that_has_it_and_nothing_else() -> None:
    found = match_event(AGENT, "WELCOME", ())
    assert found is not None
    assert (found.intent.name, found.confidence) == ("greeting", 1.0)
    assert match_event(AGENT, "welcome me", ()) is None


@pytest.mark.parametrize(
    "text", ["Where is my parcel?", "  WHERE IS MY PARCEL  ", "ｗhere is my parcel", "where is my parcel 🙂"]
)
def test_the_same_words_match_exactly_however_they_are_written(text: str) -> None:
    found = match_text(AGENT, text, ())
    assert found is not None
    assert (found.intent.name, found.confidence) == ("parcel", 1.0)


def test_an_apostrophe_may_be_left_out() -> None:
    assert normalise("What’s keeping") == normalise("what's keeping") == normalise("whats keeping")


def test_a_slip_of_the_finger_still_matches_with_less_confidence() -> None:
    found = match_text(AGENT, "where is my parsel", ())
    assert found is not None
    assert found.intent.name == "parcel"
    assert 0.85 <= found.confidence < 1.0


def test_words_around_a_phrase_do_not_hide_it_and_the_longest_phrase_wins() -> None:
    assert name_of("hello, could you tell me where is my parcel number 17") == "parcel"


def test_an_unknown_text_falls_back() -> None:
    assert name_of("quantum chromodynamics") == "fallback"
    assert name_of("🙂") == "fallback"


def test_an_intent_that_needs_a_context_is_out_without_it_and_wins_with_it() -> None:
    assert name_of("right") == "fallback"
    assert name_of("yes") == "yes"
    assert name_of("yes", "parcel-asked") == "confirm parcel"


def test_no_fallback_intent_means_no_match() -> None:
    assert match_text(Agent("test", "en", (intent("greeting", "hello"),)), "xylophone", ()) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello!", "Default Welcome Intent"),
        ("when are you open?", "opening hours"),
        ("are you open on sundays", "opening hours"),
        ("Talk to a human", "talk to a human"),
        ("no, I want to talk to a person", "talk to a human"),
        ("Thanks!", "thanks"),
        ("where is my order 4711?", "order status"),
        ("what can you do?", "what I can do"),
        ("do you sell elephants", "Default Fallback Intent"),
    ],
)
def test_the_sample_agent_understands_what_a_visitor_tries_first(text: str, expected: str) -> None:
    found = match_text(read_agent(), text, ())
    assert found is not None
    assert found.intent.name == expected
