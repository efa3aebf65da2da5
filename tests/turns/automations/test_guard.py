"""Automations never set each other off without end."""

from domain.automations import MOST_CASCADE, MOST_RUNS
from domain.models import Source
from handlers.users import close_conversation
from tests.people import ALICE, SUSAN_ID, write
from tests.turns.automations.automation_stage import (
    ANY_MESSAGE,
    CLOSE,
    OPEN,
    AutomationStage,
    add,
    closed_by,
    named,
    opened_by,
    send,
    wait,
)

TAKE_X = {"kind": "remove_tags", "tags": ["x"]}


def added(*tags: str) -> dict[str, object]:
    return {"kind": "tag_added", "tags": list(tags)}


def test_its_own_change_does_not_make_it_run_again(stage: AutomationStage) -> None:
    a = stage.automate("tag_added", TAKE_X, add("x"), add("y"))
    stage.hears()
    stage.tags("start")
    assert stage.triggered(a) == 1 and stage.tags_of() == ("start", "x", "y")
    assert stage.outcomes(a).count("own_change") == 2
    assert "It had led to this itself." in stage.reasons(a)


def test_two_that_undo_each_other_run_once_each(stage: AutomationStage) -> None:
    a = stage.automate(added("x"), TAKE_X)
    b = stage.automate({"kind": "tag_removed", "tags": ["x"]}, add("x"))
    stage.hears()
    stage.tags("x")
    assert (stage.triggered(a), stage.triggered(b)) == (1, 1) and stage.tags_of() == ("x",)
    assert sorted(stage.outcomes(a)) == ["done", "own_change"]
    assert named(stage.entries("tags_changed")[-1].data["by"]) == {"id": b, "name": "Automation 2", "chain": [a]}


def test_close_and_open_again_ends(stage: AutomationStage) -> None:
    opener = stage.automate("conversation_closed", OPEN)
    closer = stage.automate("conversation_opened", CLOSE)
    stage.hears()
    assert stage.conversations() == [(1, "contact", "automation"), (2, "automation", "")]
    assert (stage.triggered(opener), stage.triggered(closer)) == (1, 1)
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))
    stage.work()
    assert stage.conversations()[2:] == [(3, "automation", "automation")], "somebody did something again"
    assert stage.store.next_due_ms() is None


def test_a_chain_has_as_many_links_as_there_are_automations(stage: AutomationStage) -> None:
    chain = [stage.automate(added(f"t{i}"), add(f"t{(i + 1) % 8}"), TAKE_X) for i in range(8)]
    stage.hears()
    stage.tags("t0")
    assert [stage.triggered(one) for one in chain] == [1] * 8
    by = [entry.data["by"] for entry in stage.entries("tags_changed")][-1]
    assert named(by) == {"id": chain[6], "name": "Automation 7", "chain": chain[:6]}


def test_a_wait_in_between_does_not_make_anybody_forget_who_led_to_it(stage: AutomationStage) -> None:
    a = stage.automate(added("x"), wait(10), TAKE_X)
    b = stage.automate({"kind": "tag_removed", "tags": ["x"]}, wait(10), add("x"))
    stage.hears()
    stage.tags("x")
    stage.pass_min(600)
    assert (stage.triggered(a), stage.triggered(b)) == (1, 1)


def test_a_fan_of_many_is_stopped_counted_and_told(stage: AutomationStage) -> None:
    fan = [stage.automate(added("go"), add(f"t{i}")) for i in range(6)]
    wide = [stage.automate("tag_added", send(f"s{i}")) for i in range(6)]
    first = stage.automate(ANY_MESSAGE, add("go"))
    stage.hears()
    ran = sum(stage.triggered(one) for one in (*fan, *wide))
    assert stage.triggered(first) == 1 and ran == MOST_CASCADE
    numbers = stage.store.automation_numbers()
    guarded = [one for one in (*fan, *wide) if one in numbers and numbers[one].guarded]
    assert guarded and all(numbers[one].guarded_at_ms == stage.clock.ms for one in guarded)
    assert "guarded" in stage.outcomes(guarded[0])
    assert "Automations set each other off too often." in stage.reasons(guarded[0])
    assert stage.store.next_due_ms() is None and stage.store.snapshot(SUSAN_ID).undecided is None
    assert len(stage.bot.asked) == 1, "the bot answers as ever"


def test_after_the_guard_they_run_again_as_soon_as_somebody_does_something(stage: AutomationStage) -> None:
    for i in range(6):
        stage.automate(added("go"), add(f"t{i}"))
    for i in range(6):
        stage.automate("tag_added", send(f"s{i}"))
    stage.automate(ANY_MESSAGE, add("go"))
    stage.hears()
    before = len(stage.said())
    stage.tags("by_alice")
    assert len(stage.said()) == before + 6


def test_a_contact_has_only_so_many_runs_that_wait(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, wait(60), send("later"))
    for _ in range(MOST_RUNS + 2):
        stage.hears()
    numbers = stage.store.automation_numbers()[a]
    assert (numbers.triggered, numbers.guarded) == (MOST_RUNS, 2)
    assert len(stage.store.snapshot(SUSAN_ID).contact.run_state.runs) == MOST_RUNS
    assert stage.reasons(a).count("Too many runs wait.") == 2
    stage.pass_min(60)
    assert len(stage.said()) == MOST_RUNS
    stage.hears()
    assert stage.triggered(a) == MOST_RUNS + 1


def test_an_opening_for_whoever_was_nearly_closed_away_is_the_contacts_not_an_automations(
    stage: AutomationStage,
) -> None:
    a = stage.automate(opened_by("contact"), CLOSE)
    b = stage.automate(closed_by("automation"), send("Bye"))
    for text in ("one", "two", "three"):
        write(stage.store, text)
    stage.work()
    assert stage.conversations() == [(number, "contact", "automation") for number in (1, 2, 3)]
    assert (stage.triggered(a), stage.triggered(b)) == (3, 3)
