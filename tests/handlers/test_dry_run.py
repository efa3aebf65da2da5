"""Rehearsing an automation: what is supposed, whether it would run, and what its steps would do one after the other."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from domain.automation_runs import Result
from domain.automations import Automation, RunState
from domain.business_hours import BusinessHours
from domain.definitions import read_definition
from domain.identities import Identity
from domain.models import Entry, Snapshot
from domain.platform_settings import PlatformSettings
from domain.users import Role, User
from handlers.automations.dry_run import Rehearsal, rehearse
from handlers.automations.steps import Team
from tests.domain.generated_automations import automations
from tests.handlers.known import conversation, entry, snapshot

NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000)
#: Until one o'clock.
HOURS = PlatformSettings(business_hours=BusinessHours(week=(((9 * 60, 13 * 60),),) * 7), time_zone="UTC")
ALICE = User(id="u1", email="alice@example.com", name="Alice", role=Role.AGENT)
AWAY = User(id="u2", email="bob@example.com", name="Bob", role=Role.AGENT, is_available=False)
COMMENT = {"kind": "comment", "text": "Look"}
ANY = {"kind": "message_received", "match": "any"}


def made(*steps: dict[str, Any], trigger: dict[str, Any] | None = None, **more: Any) -> Automation:
    definition = {"name": "It", "trigger": trigger or {"kind": "by_hand"}, "steps": list(steps) or [COMMENT], **more}
    return replace(read_definition(definition), id="it")


def rehearsed(
    automation: Automation,
    now: Snapshot,
    settings: PlatformSettings = HOURS,
    message: Entry | None = None,
    users: tuple[User, ...] = (ALICE, AWAY),
) -> Rehearsal:
    return rehearse(automation, now, settings=settings, team=Team(users=users), now_ms=NOON, message=message)


def when(subject: str, operator: str, *value: str) -> dict[str, Any]:
    condition: dict[str, Any] = {"subject": subject, "operator": operator}
    return {"all": [condition | ({"value": list(value)} if value else {})]}


def results(told: Rehearsal) -> list[Result]:
    return [one.result for one in told.steps]


def test_where_none_is_open_a_message_would_open_the_next_conversation_and_steps_see_that() -> None:
    only_new = when("conversation.source", "is", "contact")
    automation = made({"kind": "close_conversation"}, COMMENT, trigger=ANY, conditions=only_new)
    told = rehearsed(automation, snapshot(None, conversations=3), message=entry("hello"))
    assert "conversation #4 is opened" in told.supposed and told.unmet == ""
    assert told.steps[0].result is Result.DONE and told.steps[0].words == "Conversation #4"


def test_a_conversation_that_is_open_is_the_one_that_it_is_about() -> None:
    told = rehearsed(made({"kind": "close_conversation"}, trigger=ANY), snapshot(conversation(number=1)))
    assert "in conversation #1" in told.supposed and told.steps[0].words == "Conversation #1"


def test_where_it_waits_for_a_close_the_conversation_is_closed_by_then() -> None:
    automation = made(
        {"kind": "close_conversation"}, {"kind": "open_conversation"}, trigger={"kind": "conversation_closed"}
    )
    told = rehearsed(automation, snapshot(conversation(number=1)))
    assert "conversation #1 is closed" in told.supposed
    assert results(told) == [Result.NOTHING, Result.DONE] and told.steps[1].words == "Conversation #2"


def test_conditions_about_a_message_look_at_the_last_one_until_a_wait_is_over() -> None:
    orders = when("message.text", "contains", "order")
    step = {**COMMENT, "only_if": orders}
    automation = made(step, {"kind": "wait", "minutes": 1}, step, trigger=ANY, conditions=orders)
    told = rehearsed(automation, snapshot(conversation()), message=entry("my ORDER"))
    assert told.unmet == "" and results(told) == [Result.DONE, Result.DONE, Result.SKIPPED]
    other = rehearsed(automation, snapshot(conversation()), message=entry("hello"))
    assert other.unmet and results(other)[0] is Result.SKIPPED


def test_a_message_is_not_looked_at_where_the_trigger_is_none() -> None:
    told = rehearsed(made(conditions=when("message.text", "contains", "order")), snapshot(), message=entry("my order"))
    assert told.unmet and "message" not in told.supposed


@pytest.mark.parametrize(("text", "fits"), [("please STOP now", True), ("hello", False)])
def test_it_says_when_the_last_message_is_not_one_that_it_waits_for(text: str, fits: bool) -> None:
    automation = made(trigger={"kind": "message_received", "match": "contains", "texts": ["stop"]})
    told = rehearsed(automation, snapshot(conversation()), message=entry(text))
    assert (told.unmet == "") is fits
    assert text not in told.unmet
    assert rehearsed(automation, snapshot(conversation())).unmet == "", "nobody knows what they would write"


def test_it_says_when_the_contact_is_on_none_of_its_channels() -> None:
    automation = made(trigger={**ANY, "channels": ["viber"]})
    assert "channels" in rehearsed(automation, snapshot()).unmet
    viber = (Identity("viber", "shop", "someone"),)
    assert rehearsed(automation, snapshot(other_identities=viber)).unmet == ""


@pytest.mark.parametrize("kind", ["no_answer_from_contact", "no_answer_from_us"])
def test_nobody_waits_where_nothing_is_open(kind: str) -> None:
    automation = made(trigger={"kind": kind, "minutes": 5})
    assert "No conversation is open" in rehearsed(automation, snapshot()).unmet
    assert rehearsed(automation, snapshot(conversation())).unmet == ""


@pytest.mark.parametrize(
    ("once", "ran", "runs"),
    [
        ("contact", {"it": -1}, False),
        ("contact", {"other": 1}, True),
        ("conversation", {"it": 1}, False),
        ("conversation", {"it": 0}, True),
    ],
)
def test_what_may_run_once_only_would_not_run_again(once: str, ran: dict[str, int], runs: bool) -> None:
    told = rehearsed(made(once=once), snapshot(conversation(number=1), run_state=RunState(ran=ran)))
    assert (told.unmet == "") is runs


def test_a_tag_that_it_waits_for_is_there_by_then() -> None:
    automation = made(trigger={"kind": "tag_added", "tags": ["vip"]}, conditions=when("tags", "has_any", "vip"))
    assert rehearsed(automation, snapshot()).unmet == ""
    gone = made(trigger={"kind": "tag_removed", "tags": ["vip"]}, conditions=when("tags", "has_none", "vip"))
    assert rehearsed(gone, snapshot(tags=("vip",))).unmet == ""


def test_after_a_wait_it_is_later() -> None:
    outside = when("business_hours", "outside")
    automation = made({**COMMENT, "only_if": outside}, {"kind": "wait", "minutes": 61}, {**COMMENT, "only_if": outside})
    assert results(rehearsed(automation, snapshot())) == [Result.SKIPPED, Result.DONE, Result.DONE]


def test_a_conversation_needs_a_person_once_the_bot_is_silent() -> None:
    needs = {**COMMENT, "only_if": when("conversation.needs_person", "yes")}
    automation = made(needs, {"kind": "bot_off"}, needs, {"kind": "bot_on"}, needs)
    done, skipped = Result.DONE, Result.SKIPPED
    assert results(rehearsed(automation, snapshot(conversation()))) == [skipped, done, done, done, skipped]


@pytest.mark.parametrize(("comes_back", "result"), [(True, Result.NOTHING), (False, Result.DONE)])
def test_a_close_switches_the_bot_on_where_the_setting_says_so(comes_back: bool, result: Result) -> None:
    automation = made({"kind": "close_conversation"}, {"kind": "bot_on"})
    settings = replace(HOURS, bot_back_on_at_close=comes_back)
    assert results(rehearsed(automation, snapshot(conversation(), bot_off="-"), settings))[1] is result


@pytest.mark.parametrize(("to", "words"), [("round_robin", "Whoever's turn it is"), ("least_open", "has the fewest")])
def test_whose_turn_it_is_is_not_foretold(to: str, words: str) -> None:
    told = rehearsed(made({"kind": "assign", "to": to}), snapshot(conversation()))
    assert words in told.steps[0].words and "1 available" in told.steps[0].words
    nobody = rehearsed(made({"kind": "assign", "to": to}), snapshot(conversation()), users=(AWAY,))
    assert results(nobody) == [Result.FAILED]


def test_nothing_behind_a_stop_is_told() -> None:
    assert results(rehearsed(made(COMMENT, {"kind": "stop"}, COMMENT), snapshot())) == [Result.DONE, Result.DONE]


def test_of_a_part_of_another_contact_it_says_so() -> None:
    told = rehearsed(made(trigger=ANY), snapshot(merged_into="whole"), message=entry())
    assert "merged" in told.unmet and "is opened" not in told.supposed


@given(automations())
def test_every_automation_can_be_rehearsed_on_anybody(automation: Automation) -> None:
    automation = replace(automation, id="it")
    for now in (snapshot(), snapshot(conversation()), snapshot(is_blocked=True), snapshot(merged_into="whole")):
        told = rehearsed(automation, now, message=entry("hello"))
        assert 0 < len(told.steps) <= len(automation.steps) and told.supposed
