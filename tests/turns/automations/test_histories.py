"""What is kept of runs for people: numbers, how each run went, and why others did not come about."""

import pytest

from domain.automation_runs import AutomationNumbers
from domain.models import Source
from handlers.users import close_conversation
from store import Store
from tests.conftest import make_store
from tests.people import ALICE, SUSAN_ID, message, write
from tests.servers import Valkey
from tests.turns.automations.automation_stage import ANY_MESSAGE, AutomationStage, add, on_text, send, wait
from turns.misses import MOST_OF_EACH

VIP = {"all": [{"subject": "tags", "operator": "has_any", "value": ["vip"]}]}
TOO_MANY = add(*(f"t{i}" for i in range(50)))


def test_a_run_is_counted_once_however_many_steps_it_has_and_however_it_goes(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, TOO_MANY, add("x"), wait(10), add("y"), send())
    stage.hears()
    assert stage.store.automation_numbers()[a] == AutomationNumbers(triggered=1, last_at_ms=stage.clock.ms)
    began_ms = stage.clock.ms
    stage.pass_min(10)
    assert stage.store.automation_numbers()[a] == AutomationNumbers(
        triggered=1, last_at_ms=began_ms, errors=1, last_error_at_ms=stage.clock.ms
    )
    waiting, failed = stage.history(a)
    assert (waiting.outcome, failed.outcome, waiting.run == failed.run) == ("waiting", "failed", True)
    assert [result for _, result, _ in failed.done] == ["done", "failed", "done", "failed", "done"]


def test_a_record_says_who_where_why_and_when_and_nothing_that_a_contact_wrote(stage: AutomationStage) -> None:
    a = stage.automate(on_text("secret"), send("Got {{contact.name}}"), {"kind": "comment", "text": "said secret"})
    stage.hears("my secret word")
    (record,) = stage.history(a)
    assert (record.contact, record.number, record.trigger) == (SUSAN_ID, 1, "message_received")
    assert (record.at_ms, record.outcome, record.reason) == (stage.clock.ms, "done", "")
    assert "secret" not in str(record)


def test_why_it_did_not_run_is_kept_with_the_conversation(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send(), conditions=VIP)
    stage.hears()
    (record,) = stage.history(a)
    assert (record.outcome, record.number, record.run, record.done) == ("not_matched", 1, "", ())
    assert "vip" in record.reason and stage.triggered(a) == 0


def test_a_trigger_that_is_about_something_else_is_no_miss(stage: AutomationStage) -> None:
    a = stage.automate(on_text("order"), send(), conditions=VIP)
    stage.hears("hello")
    assert stage.history(a) == []


def test_a_message_that_is_looked_at_once_is_missed_once(stage: AutomationStage) -> None:
    """Also where a run of the same contact goes on at that very moment, and others run for the same message."""
    stage.automate(on_text("hello"), wait(10), send("later"))
    a = stage.automate(ANY_MESSAGE, send(), conditions=VIP)
    stage.automate(ANY_MESSAGE, add("seen"))
    b = stage.automate(ANY_MESSAGE, send(), conditions=VIP)
    stage.hears()
    stage.clock.pass_s(600)
    stage.hears("more")
    assert stage.outcomes(a) == stage.outcomes(b) == ["not_matched"] * 2


def test_of_many_misses_some_are_kept(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send(), conditions=VIP)
    for _ in range(MOST_OF_EACH + 3):
        stage.hears()
    assert len(stage.history(a)) == MOST_OF_EACH
    for _ in range(6):
        for _ in range(MOST_OF_EACH):
            stage.hears()
        stage.worker.misses.write()
    assert len(stage.history(a)) == 20


def test_misses_never_push_out_runs(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send(), conditions=VIP)
    stage.hears()
    stage.tags("vip")
    stage.hears()
    stage.tags(remove=("vip",))
    for _ in range(30):
        stage.hears()
        stage.worker.misses.write()
    assert "done" in stage.outcomes(a)


def test_of_runs_the_last_fifty_are_kept(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, add("x"))
    for _ in range(55):
        stage.store.receive([message()])
        stage.clock.pass_s(1)
        stage.work()
    found = stage.store.run_history(a, 100)
    assert len(found) == 50 and found[0].at_ms == stage.clock.ms
    assert stage.triggered(a) == 55
    assert [record.at_ms for record in stage.store.run_history(a, 2)] == [stage.clock.ms, stage.clock.ms - 1000]


def test_a_user_who_acts_between_two_steps_sees_what_was_done_and_loses_nothing(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, add("one"), send("two"), add("three"))
    seen: list[tuple[str, ...]] = []

    def act(text: str, tag: str) -> None:
        seen.append(stage.tags_of())
        stage.facebook.on_send = lambda text, tag: None
        stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))

    stage.facebook.on_send = act
    stage.hears()
    assert seen == [("one",)] and stage.tags_of() == ("one", "three")
    assert stage.conversations() == [(1, "contact", "user")] and stage.outcomes(a) == ["done"]


@pytest.mark.parametrize("kept", ["misses", "numbers"])
def test_what_is_forgotten_is_gone_for_that_one_alone(stage: AutomationStage, kept: str) -> None:
    a = stage.automate(ANY_MESSAGE, send(), conditions=VIP if kept == "misses" else {"all": []})
    b = stage.automate(ANY_MESSAGE, send(), conditions=VIP if kept == "misses" else {"all": []})
    stage.hears()
    assert stage.history(a) and stage.history(b)
    stage.store.forget_automation(a)
    assert stage.history(a) == [] and a not in stage.store.automation_numbers()
    assert stage.history(b) and (kept == "misses" or stage.triggered(b) == 1)


def test_an_automation_of_another_process_is_known_at_once_to_who_asks_for_it_fresh(
    stage: AutomationStage, store: Store, valkey: Valkey
) -> None:
    other = make_store(valkey)
    other.now_ms = stage.clock
    assert other.automations().items == ()
    a = stage.automate(ANY_MESSAGE, send())
    assert other.automations().items == (), "what was read lasts two seconds"
    assert [item.id for item in other.automations(is_fresh=True).items] == [a]
    write(other)
    stage.work()
    assert stage.triggered(a) == 1
