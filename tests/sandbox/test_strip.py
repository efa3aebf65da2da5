from typing import Any

import pytest

from sandbox.strip import sentences

COMMON = {"at": "2026-11-22T10:00:00Z", "conversation": 3}


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"kind": "opened", "source": "welcome_event"}, "#3 opened by a welcome event"),
        ({"kind": "opened", "source": "dialogflow"}, "#3 opened by RB_MARKDONE=false"),
        ({"kind": "opened", "source": "user", "user": {"name": "Alice"}}, "#3 opened by Alice"),
        ({"kind": "opened", "source": "automation", "automation": {"name": "Night"}}, "#3 opened by Night"),
        (
            {"kind": "closed", "source": "auto_close", "resolution_time_s": 3725.4},
            "#3 closed by auto-close after 1:02:05",
        ),
        ({"kind": "closed", "source": "contact_merge"}, "#3 closed by a merge of contacts"),
        ({"kind": "needs_person", "reason": "notify", "text": "Wants a person"}, "needs a person: Wants a person"),
        (
            {"kind": "needs_person", "reason": "bot_failed", "details": {"failure": "timed_out"}},
            "the bot could not answer (timed out); needs a person",
        ),
        ({"kind": "bot_failed"}, "the bot could not answer"),
        ({"kind": "bot_off", "source": "dialogflow"}, "bot off by RB_BOTSTATUS"),
        ({"kind": "message", "status": "not_sent", "reason": "window_closed"}, "not sent: window closed"),
        ({"kind": "message", "status": "sent", "sender": "user"}, "a user replied"),
        ({"kind": "reaction", "text": "❤"}, "reaction: ❤"),
    ],
)
def test_each_thing_that_the_platform_does_has_its_words(item: dict[str, Any], words: str) -> None:
    assert [line.text for line in sentences([{**COMMON, **item}])] == [words]


def test_the_bot_is_named_once_for_several_messages_of_one_answer_and_again_for_the_next() -> None:
    reply = {"kind": "message", "direction": "outgoing", "bot": {"intent": "hours", "confidence": 0.5}}
    asked = {"kind": "message", "direction": "incoming", "text": "and now?"}
    assert len(sentences([reply, reply])) == 1
    assert len(sentences([reply, asked, reply])) == 2


@pytest.mark.parametrize("odd", [None, "x", 7, [], {}, {"kind": None}, {"kind": "opened", "at": 5, "user": "?"}])
def test_what_is_not_understood_is_never_an_error(odd: object) -> None:
    assert sentences([odd, {"kind": "bot_failed"}])[-1].text == "the bot could not answer"
