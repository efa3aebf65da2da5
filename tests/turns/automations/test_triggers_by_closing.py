"""Automations that wait for a conversation to be closed, by each of those who can."""

from collections.abc import Callable

import pytest

from domain.automation_parts import CLOSED_BY
from domain.identities import MERGES_ID
from domain.models import Source
from handlers.users import block, close_conversation
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.turns.automations.automation_stage import ANY_MESSAGE, CLOSE, AutomationStage, add, closed_by, on_text, send
from tests.turns.stage import done
from turns.auto_close import close_idle


def by_user(stage: AutomationStage) -> None:
    stage.hears()
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))
    stage.work()


def by_api(stage: AutomationStage) -> None:
    stage.hears()
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.API))
    stage.work()


def by_dialogflow(stage: AutomationStage) -> None:
    stage.bot.answers["bye"] = done("Goodbye")
    stage.hears("bye")


def by_automation(stage: AutomationStage) -> None:
    stage.automate(on_text("bye"), CLOSE)
    stage.hears("bye")


def by_merge(stage: AutomationStage) -> None:
    stage.hears()
    stage.hears(who=PETAR)
    stage.store.request_merge(PETAR_ID, SUSAN_ID, by=ALICE)
    stage.turn(MERGES_ID)
    stage.work()


def by_auto_close(stage: AutomationStage) -> None:
    stage.store.change_setting("auto_close_after_h", "24")
    stage.hears()
    stage.clock.pass_s(24 * 3600 + 2)
    assert close_idle(stage.store) == 1
    stage.work()


WAYS: dict[str, Callable[[AutomationStage], None]] = {
    "user": by_user,
    "automation": by_automation,
    "dialogflow": by_dialogflow,
    "api": by_api,
    "contact_merge": by_merge,
    "auto_close": by_auto_close,
}
TOLD = {"kind": "notify", "text": "closed"}


def test_there_is_a_way_for_each_source_that_a_trigger_can_name() -> None:
    assert set(WAYS) == set(CLOSED_BY)


@pytest.mark.parametrize("source", WAYS)
def test_it_runs_for_the_source_that_it_names_and_for_no_other(stage: AutomationStage, source: str) -> None:
    theirs = stage.automate(closed_by(source), add("theirs"))
    any_one = stage.automate("conversation_closed", send("Bye"))
    others = stage.automate(closed_by(*(other for other in WAYS if other != source)), add("others"))
    WAYS[source](stage)
    assert stage.conversations() == [(1, "contact", source)]
    assert [stage.triggered(one) for one in (theirs, any_one, others)] == [1, 1, 0]
    assert stage.history(theirs)[0].number == 1
    if source == "contact_merge":
        assert stage.results(theirs) == [("nothing", "The contact was merged into another one.")]
        assert stage.said() == [] and stage.said(contact=PETAR_ID) == []
    else:
        assert stage.tags_of() == ("theirs",) and stage.said() == ["Bye"]


def test_blocking_closes_by_the_user_and_nothing_is_sent_any_more(stage: AutomationStage) -> None:
    a = stage.automate(closed_by("user"), send("Bye"), add("blocked"))
    stage.hears()
    stage.acts(lambda snapshot: block(snapshot, is_blocked=True, by=ALICE))
    stage.work()
    assert stage.results(a) == [("nothing", "The contact is blocked."), ("done", "blocked")]
    assert stage.said() == [] and stage.tags_of() == ("blocked",)


@pytest.mark.parametrize(
    ("categories", "category", "runs"),
    [
        ([], "", 1),
        ([], "Order", 1),
        (["Order"], "Order", 1),
        (["Order", "Complaint"], "Complaint", 1),
        (["Order"], "Complaint", 0),
        (["Order"], "", 0),
    ],
)
def test_the_category_is_that_of_the_closing_note(
    stage: AutomationStage, categories: list[str], category: str, runs: int
) -> None:
    a = stage.automate(closed_by("user", categories=categories), add("seen"))
    stage.hears()
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE, category=category))
    stage.work()
    assert stage.triggered(a) == runs


def test_the_category_of_an_automations_close_counts_as_well(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, {**CLOSE, "category": "Spam", "summary": "by {{contact.name}}!"})
    a = stage.automate(closed_by("automation", categories=["Spam"]), add("spam"))
    stage.hears()
    assert stage.triggered(a) == 1
    closed = stage.store.conversation(SUSAN_ID, 1)
    assert getattr(closed, "note", None) == {"category": "Spam", "summary": "by!"}


def test_two_closes_in_a_row_are_two(stage: AutomationStage) -> None:
    a = stage.automate("conversation_closed", add("seen"))
    for _ in range(2):
        write(stage.store, who=SUSAN)
        stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))
    stage.work()
    assert [record.number for record in stage.history(a)] == [1, 2]


def test_closing_what_is_closed_starts_nothing(stage: AutomationStage) -> None:
    by_user(stage)
    a = stage.automate("conversation_closed", add("seen"))
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.API))
    stage.work()
    assert stage.triggered(a) == 0


def test_what_follows_a_close_goes_to_the_conversation_that_is_over(stage: AutomationStage) -> None:
    """A survey after the close: it opens nothing."""
    stage.automate("conversation_closed", send("How was it?"))
    by_user(stage)
    assert stage.conversations() == [(1, "contact", "user")] and stage.said() == ["How was it?"]
    assert stage.entries("message")[-1].data["conversation"] == 1
    assert stage.facebook.texts[-1] == "How was it?"
