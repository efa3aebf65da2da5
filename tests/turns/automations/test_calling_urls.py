"""The step Call a URL: what is sent, how often, and what becomes of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import HookError
from domain.models import Source
from handlers.profiles import change_tags
from handlers.users import close_conversation
from tests.people import ALICE, SUSAN, SUSAN_ID
from tests.turns.automations.automation_stage import ANY_MESSAGE, CLOSE, AutomationStage, add, send
from turns.accounts import Accounts
from turns.turn import TurnRunner

CALL = {"kind": "call_url", "url": "https://example.com/hook"}
LEASE_S = 15


class Killed(BaseException):
    """What kills a worker in the middle of a call."""


def refusing(*, permanent: bool) -> Any:
    def refuse() -> int:
        raise HookError("status_500", is_permanent=permanent, words="It answered with an error.")

    return refuse


def kill() -> int:
    raise Killed


def test_it_says_why_and_about_whom(stage: AutomationStage) -> None:
    stage.hears()
    stage.tags("vip")
    stage.fields({"name": "Susan Jones", "phone": "+359888123456", "fields.SIZE": "L"})
    a = stage.automate(ANY_MESSAGE, CALL, add("called"), name="Caller")
    stage.hears()
    (body,) = stage.hooks.bodies
    moment = datetime.fromtimestamp(stage.clock.ms / 1000, UTC).isoformat(timespec="milliseconds")
    moment = moment.replace("+00:00", "Z")
    run = stage.history(a)[0].run
    assert stage.hooks.urls == ["https://example.com/hook"] and stage.hooks.deliveries == [f"{run}-s1"]
    conversation = body.pop("conversation")
    assert body == {
        "id": f"{run}-s1",
        "automation": {"id": a, "name": "Caller"},
        "trigger": "message_received",
        "at": moment,
        "contact": {
            "id": SUSAN_ID,
            "ref": str(SUSAN),
            "channel": SUSAN.channel,
            "name": "Susan Jones",
            "phone": "+359888123456",
            "email": None,
            "language": None,
            "country": None,
            "tags": ["vip"],
            "fields": {"SIZE": "L"},
        },
    }
    expected = {"id": f"{SUSAN_ID}-1", "number": 1, "status": "open", "source": "contact", "incoming_messages": 2}
    assert expected.items() <= conversation.items()
    assert stage.results(a) == [("done", "Answered with 200."), ("done", "called")]


def test_a_conversation_that_is_over_is_only_named(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, CLOSE, CALL)
    stage.hears()
    assert stage.hooks.bodies[0]["conversation"] == {"id": f"{SUSAN_ID}-1", "number": 1, "status": "closed"}


def test_one_that_fails_is_repeated_after_ten_seconds_and_after_a_minute_under_the_same_id(
    stage: AutomationStage,
) -> None:
    a = stage.automate(ANY_MESSAGE, CALL, send("after"))
    stage.hooks.on_call = refusing(permanent=False)
    stage.hears()
    assert len(stage.hooks.bodies) == 1 and stage.said() == []
    assert [question.text for question in stage.bot.asked] == ["hello"], "nobody waits for a call that is repeated"
    for minutes, calls in ((10 / 60 - 1 / 60_000, 1), (1 / 60_000, 2), (1 - 1 / 60_000, 2), (1 / 60_000, 3), (60, 3)):
        stage.pass_min(minutes)
        assert len(stage.hooks.bodies) == calls
    assert len(set(stage.hooks.deliveries)) == 1
    assert stage.results(a) == [("failed", "It answered with an error."), ("done", "")]
    assert stage.said() == ["after"] and stage.outcomes(a) == ["failed"]
    assert stage.store.automation_numbers()[a].errors == 1


def test_one_that_works_the_second_time_is_done(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, CALL)
    stage.hooks.on_call = refusing(permanent=False)
    stage.hears()
    stage.hooks.on_call = lambda: 204
    stage.pass_min(1)
    assert len(stage.hooks.bodies) == 2 and stage.results(a) == [("done", "Answered with 204.")]
    assert stage.store.automation_numbers()[a].errors == 0


def test_what_would_fail_again_is_not_repeated(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, CALL, send("after"))
    stage.hooks.on_call = refusing(permanent=True)
    stage.hears()
    stage.pass_min(60)
    assert len(stage.hooks.bodies) == 1 and stage.results(a)[0][0] == "failed" and stage.said() == ["after"]


def test_two_calls_of_one_run_and_those_of_two_runs_have_ids_of_their_own(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, CALL, CALL)
    stage.hears()
    stage.hears()
    assert len(stage.hooks.deliveries) == len(set(stage.hooks.deliveries)) == 4


def test_a_worker_that_dies_of_a_call_leads_to_the_same_call_again_three_times_at_most(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, CALL, send("after"))
    stage.hooks.on_call = kill
    with pytest.raises(Killed):
        stage.hears()
    for _ in range(2):
        stage.clock.pass_s(LEASE_S)
        with pytest.raises(Killed):
            stage.work()
    assert len(stage.hooks.deliveries) == 3 and len(set(stage.hooks.deliveries)) == 1
    stage.clock.pass_s(LEASE_S)
    stage.work()
    assert len(stage.hooks.deliveries) == 3, "whoever kills each worker is left alone"
    assert stage.results(a) == [("failed", "No answer to any of our calls."), ("done", "")]
    assert stage.said() == ["after"] and len(stage.bot.asked) == 1


def test_a_worker_that_dies_once_changes_nothing(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, add("before"), CALL, send("after"))
    stage.hooks.on_call = kill
    with pytest.raises(Killed):
        stage.hears()
    stage.hooks.on_call = lambda: 200
    stage.clock.pass_s(LEASE_S)
    stage.work()
    assert [result for result, _ in stage.results(a)] == ["done"] * 3 and stage.triggered(a) == 1
    assert len(stage.entries("tags_changed")) == 1 and stage.said() == ["after"]


def test_what_happens_during_a_call_is_kept_and_the_call_is_made_once(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, CALL, send("after"))

    def meanwhile() -> int:
        stage.acts(lambda snapshot: change_tags(snapshot, add=("vip",), by=ALICE))
        stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))
        return 200

    stage.hooks.on_call = meanwhile
    stage.hears()
    assert len(stage.hooks.bodies) == 1 and stage.tags_of() == ("vip",)
    assert stage.conversations() == [(1, "contact", "user")] and stage.outcomes(a) == ["done"]


def test_one_of_which_the_conditions_are_not_met_calls_nobody(stage: AutomationStage) -> None:
    vip = {"all": [{"subject": "tags", "operator": "has_any", "value": ["vip"]}]}
    a = stage.automate(ANY_MESSAGE, {**CALL, "only_if": vip})
    stage.hears()
    assert stage.hooks.bodies == [] and stage.results(a)[0][0] == "skipped"


def test_where_nobody_can_be_called_it_fails(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, CALL)
    channels = {SUSAN.channel: stage.facebook}
    stage.worker = TurnRunner(stage.store, Accounts(stage.store, channels), stage.bot, lambda *_: {})
    stage.hears()
    assert stage.results(a) == [("failed", "No URL can be called from here.")]


def test_one_that_is_switched_off_before_it_is_repeated_is_not(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, CALL)
    stage.hooks.on_call = refusing(permanent=False)
    stage.hears()
    stage.switch(a, is_on=False)
    stage.pass_min(60)
    assert len(stage.hooks.bodies) == 1 and stage.outcomes(a) == ["ended"]


def test_two_calls_that_fail_each_have_their_three_tries(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, CALL, CALL)
    stage.hooks.on_call = refusing(permanent=False)
    stage.hears()
    stage.pass_min(60)
    assert [stage.hooks.deliveries.count(one) for one in dict.fromkeys(stage.hooks.deliveries)] == [3, 3]
