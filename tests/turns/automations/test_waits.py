"""Runs that wait: what goes on meanwhile, and what ends them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.automations import Automation
from domain.identities import MERGES_ID
from domain.models import Source
from handlers.users import block, close_conversation
from store import Deleted
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN_ID
from tests.turns.automations.automation_stage import ANY_MESSAGE, OPEN, AutomationStage, add, on_text, send, wait

MOMENT = 1 / 60_000


def waiting(stage: AutomationStage) -> str:
    """Susan's run has done its first step, waits for ten minutes, and has another one before it."""
    a = stage.automate(on_text("hello"), add("before"), wait(10), send("after"), name="Waiter")
    stage.hears()
    assert stage.outcomes(a) == ["waiting"] and stage.tags_of() == ("before",) and stage.said() == []
    return a


def test_it_goes_on_when_the_time_is_over_and_not_a_moment_sooner(stage: AutomationStage) -> None:
    a = waiting(stage)
    stage.pass_min(10 - MOMENT)
    assert stage.said() == []
    stage.pass_min(MOMENT)
    assert stage.said() == ["after"] and stage.outcomes(a) == ["waiting", "done"]
    first, last = stage.history(a)
    assert first.run == last.run and [step for step, _, _ in last.done] == ["s1", "s2", "s3"]
    assert stage.store.next_due_ms() is None and stage.triggered(a) == 1


def test_a_wait_holds_back_nothing_else(stage: AutomationStage) -> None:
    waiting(stage)
    b = stage.automate(ANY_MESSAGE, add("other"))
    assert [question.text for question in stage.bot.asked] == ["hello"], "the bot answered"
    stage.hears("more")
    assert stage.triggered(b) == 1 and [question.text for question in stage.bot.asked] == ["hello", "more"]


def test_two_waits_of_one_contact_each_end_in_their_time(stage: AutomationStage) -> None:
    stage.automate(on_text("hello"), wait(10), send("ten"))
    stage.automate(on_text("hello"), wait(5), send("five"), wait(10), send("fifteen"))
    stage.hears()
    said: list[list[str]] = []
    for _ in range(3):
        stage.pass_min(5)
        said.append(stage.said())
    assert said == [["five"], ["five", "ten"], ["five", "ten", "fifteen"]]


def test_a_wait_at_the_end_is_no_wait(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, wait(10))
    stage.hears()
    assert stage.outcomes(a) == ["done"] and stage.store.next_due_ms() is None


def _without_step(automation: Automation) -> Automation:
    return replace(automation, steps=tuple(step for step in automation.steps if step.id != "s3"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda stage, a: stage.switch(a, is_on=False), "The automation was switched off."),
        (lambda stage, a: stage.change(a, _without_step), "The automation was changed: its step is gone."),
    ],
)
def test_it_ends_when_it_is_switched_off_or_its_step_is_taken_out(
    stage: AutomationStage, change: Callable[[AutomationStage, str], None], reason: str
) -> None:
    a = waiting(stage)
    change(stage, a)
    stage.pass_min(10)
    assert stage.said() == [] and stage.outcomes(a) == ["waiting", "ended"] and stage.reasons(a)[-1] == reason
    assert stage.store.next_due_ms() is None and stage.store.automation_numbers()[a].errors == 0


def test_switched_off_and_on_again_in_time_it_goes_on(stage: AutomationStage) -> None:
    a = waiting(stage)
    stage.switch(a, is_on=False)
    stage.switch(a, is_on=True)
    stage.pass_min(10)
    assert stage.said() == ["after"]


def test_it_goes_on_at_the_same_step_of_what_was_edited(stage: AutomationStage) -> None:
    a = waiting(stage)

    def edit(automation: Automation) -> Automation:
        first, _, last = automation.steps
        edited = replace(last, values={"text": "edited"})
        return replace(automation, steps=(replace(first, id="s9"), edited, first))

    stage.change(a, edit)
    stage.pass_min(10)
    assert stage.said() == ["edited"] and [step for step, _, _ in stage.history(a)[-1].done][-1] == "s1"


def test_of_one_that_was_deleted_nothing_goes_on_and_nothing_is_kept(stage: AutomationStage) -> None:
    a = waiting(stage)
    stage.take_away(a)
    stage.store.forget_automation(a)
    stage.pass_min(10)
    assert stage.said() == [] and stage.store.snapshot(SUSAN_ID).contact.run_state.runs == ()
    assert stage.history(a) == [] and a not in stage.store.automation_numbers()
    assert stage.store.next_due_ms() is None


def test_it_ends_when_the_contact_becomes_a_part_of_another_one(stage: AutomationStage) -> None:
    a = waiting(stage)
    stage.hears("hi", who=PETAR)
    stage.store.request_merge(PETAR_ID, SUSAN_ID, by=ALICE)
    stage.turn(MERGES_ID)
    stage.pass_min(10)
    assert stage.said() == stage.said(contact=PETAR_ID) == []
    assert stage.reasons(a)[-1] == "The contact was merged into another one."


def test_the_primarys_runs_go_on_after_a_merge(stage: AutomationStage) -> None:
    waiting(stage)
    stage.hears("hi", who=PETAR)
    stage.store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    stage.turn(MERGES_ID)
    stage.pass_min(10)
    assert stage.said() == ["after"]


def test_it_goes_on_with_a_contact_that_was_blocked_but_reaches_nobody(stage: AutomationStage) -> None:
    a = waiting(stage)
    stage.acts(lambda snapshot: block(snapshot, is_blocked=True, by=ALICE))
    stage.pass_min(10)
    assert stage.said() == [] and stage.results(a)[-1] == ("nothing", "The contact is blocked.")


def test_what_it_sends_after_its_conversation_is_over_goes_out_and_opens_nothing(stage: AutomationStage) -> None:
    waiting(stage)
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))
    stage.pass_min(10)
    assert stage.said() == ["after"] and stage.conversations() == [(1, "contact", "user")]


def test_conditions_of_steps_are_those_of_the_moment(stage: AutomationStage) -> None:
    vip = {"all": [{"subject": "tags", "operator": "has_any", "value": ["vip"]}]}
    stage.automate(on_text("hello"), wait(10), send("to vips", only_if=vip))
    stage.hears()
    stage.tags("vip")
    stage.pass_min(10)
    assert stage.said() == ["to vips"]


def test_a_bot_that_has_answered_cannot_be_silenced_later(stage: AutomationStage) -> None:
    stage.automate(on_text("hello"), wait(10), {"kind": "stop_without_bot"})
    stage.hears()
    stage.pass_min(10)
    stage.hears("more")
    assert [question.text for question in stage.bot.asked] == ["hello", "more"]


def test_with_a_contact_that_is_deleted_its_runs_go(stage: AutomationStage) -> None:
    a = waiting(stage)
    b = stage.automate(ANY_MESSAGE, send(), conditions={"all": [{"subject": "contact.name", "operator": "is_set"}]})
    stage.hears("more")
    stage.hears("more", who=PETAR)
    assert {record.contact for one in (a, b) for record in stage.history(one)} == {SUSAN_ID, PETAR_ID}
    assert stage.store.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
    assert {record.contact for one in (a, b) for record in stage.history(one)} == {PETAR_ID}
    assert stage.triggered(a) == 1, "numbers name nobody"
    stage.pass_min(10)
    stage.hears("again")
    assert stage.said() == [] and stage.store.snapshot(SUSAN_ID).contact.run_state.runs == ()


def test_who_was_deleted_and_writes_again_is_somebody_new_to_what_runs_once(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, OPEN, once="contact")
    stage.hears()
    stage.hears()
    assert stage.triggered(a) == 1
    first = stage.history(a)[0].run
    stage.store.delete_contact(SUSAN_ID, ALICE)
    stage.clock.pass_s(1)
    stage.hears()
    assert stage.triggered(a) == 2 and stage.history(a)[-1].run != first
