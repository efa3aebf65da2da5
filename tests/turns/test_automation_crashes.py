"""Wherever a worker dies, stalls or is not heard between two steps of automations, the outcome is the same."""

from typing import Any

import pytest

from tests.people import message
from tests.servers import Valkey
from tests.turns.automation_worlds import Day, Trouble
from tests.turns.automations.automation_stage import ANY_MESSAGE, CLOSE, OPEN, add, on_text, opened_by, send, wait
from turns import patience

ASSIGN = {"kind": "assign", "to": "round_robin"}
NIGHT = {"all": [{"subject": "tags", "operator": "has_any", "value": ["night"]}]}


def comment(text: str) -> dict[str, Any]:
    return {"kind": "comment", "text": text}


def call(path: str) -> dict[str, Any]:
    return {"kind": "call_url", "url": f"https://example.com/{path}"}


GREETS = {
    "name": "Greets",
    "trigger": opened_by("contact"),
    "once": "contact",
    "steps": [
        send("Good day!"),
        {"kind": "set_field", "field": "email", "value": "susan@example.com"},
        add("new"),
        {**comment("never"), "only_if": NIGHT},
        call("new"),
    ],
}
NEW = {
    "name": "Who is new",
    "trigger": {"kind": "tag_added", "tags": ["new"]},
    "steps": [{"kind": "notify", "text": "Somebody is new"}, {"kind": "remove_tags", "tags": ["new"]}],
}
ORDERS = {
    "name": "Orders",
    "trigger": on_text("order"),
    "steps": [ASSIGN, call("flaky"), send("It is on its way.")],
}
QUIET = {"name": "Quiet", "trigger": ANY_MESSAGE, "steps": [{"kind": "stop_without_bot"}]}
GOODBYE = {
    "name": "Goodbye",
    "trigger": on_text("bye", match="is"),
    "steps": [send("Bye!"), {"kind": "close_conversation", "summary": "Said goodbye"}, comment("closed")],
}
AFTERWARDS = {
    "name": "Afterwards",
    "trigger": {"kind": "conversation_closed", "sources": ["automation"]},
    "steps": [OPEN, wait(10), send("How was it?"), CLOSE],
}
SILENT = {
    "name": "Silent",
    "trigger": {"kind": "no_answer_from_contact", "minutes": 30},
    "steps": [send("Still there?"), CLOSE],
}
LOST = {
    "name": "Lost",
    "trigger": {"kind": "bot_unanswered"},
    "steps": [{"kind": "bot_off"}, comment("The bot is lost."), {"kind": "bot_on"}, {"kind": "unassign"}],
}
ALL: list[dict[str, Any]] = [GREETS, NEW, ORDERS, GOODBYE, AFTERWARDS, SILENT, LOST]


def meet(valkey: Valkey, trouble: Trouble = Trouble.NONE, at: int = -1) -> Day:
    """The bot answers, greets and calls; tags, which another automation takes away."""
    day = Day(valkey, trouble, at)
    day.automate(ALL)
    day.write(message("hello"))
    day.work(5)
    day.write(message("what?"))
    day.work()
    return day


def order(valkey: Valkey, trouble: Trouble = Trouble.NONE, at: int = -1) -> Day:
    """Somebody is assigned, a call that fails is made again, the bot is silent."""
    day = Day(valkey, trouble, at)
    day.automate([{**LOST, "trigger": ANY_MESSAGE}, QUIET, ORDERS])
    day.write(message("an order"))
    day.work()
    return day


def part(valkey: Valkey, trouble: Trouble = Trouble.NONE, at: int = -1) -> Day:
    """Closed while somebody still writes, a run that waits, silence."""
    day = Day(valkey, trouble, at)
    day.automate([GOODBYE, AFTERWARDS, SILENT])
    day.write(message("hello"))
    day.work(2)
    day.write(message("bye"), message("wait!"))
    day.work(5)
    day.write(message("bye"))
    day.work()
    return day


PLAYS = {"meet": meet, "order": order, "part": part}


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE_S", 0.0)


@pytest.mark.parametrize("trouble", [trouble for trouble in Trouble if trouble is not Trouble.NONE])
@pytest.mark.parametrize("play", PLAYS)
def test_whatever_happens_to_a_worker_at_any_step_the_outcome_is_the_same(
    valkey: Valkey, play: str, trouble: Trouble
) -> None:
    undisturbed = PLAYS[play](valkey)
    expected, steps = undisturbed.outcome(), undisturbed.steps
    for step in range(steps):
        day = PLAYS[play](valkey, trouble, step)
        found = day.outcome()
        for what, value in expected.items():
            assert found[what] == value, f"{what}: {trouble} at step {step} of {steps}"
        assert all(day.calls.count(delivery) <= 3 for delivery in day.calls)


def test_the_plays_are_about_what_they_say(valkey: Valkey) -> None:
    """So that what is compared above is something."""
    met = meet(valkey)
    results = {result for runs in met.histories().values() for *_, done in runs for _, result, _ in done}
    assert results == {"done", "nothing", "skipped"}
    assert met.stage.facebook.texts == ["Good day!", "you said hello", "Sorry?", "Still there?", "How was it?"]
    ordered = order(valkey)
    assert ordered.stage.facebook.texts == ["It is on its way."]
    assert len(ordered.calls) == 2, "the call is made again"
    assert part(valkey).stage.facebook.texts == [
        "you said hello",
        "Bye!",
        "you said wait!",
        "Bye!",
        "How was it?",
        "How was it?",
    ]
