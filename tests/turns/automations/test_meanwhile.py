"""What happens to automations while they are under way, or because others are: each of these went wrong once."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.identities import MERGES_ID
from domain.models import Source
from handlers.automations.runs import MAX_WORDS_CHARS
from store import Committed
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID
from tests.turns.automations.automation_stage import ANY_MESSAGE, AutomationStage, add, on_text, send, wait
from tests.web.inbox.plays import arrive
from turns.auto_close import close_idle

OPEN, CLOSE = {"kind": "open_conversation"}, {"kind": "close_conversation"}
CALL = {"kind": "call_url", "url": "https://example.com/x"}


def reorder(stage: AutomationStage, *ids: str) -> None:
    stage.store.change_automations(lambda items: tuple(replace(one, position=ids.index(one.id)) for one in items))
    stage.store.automations(is_fresh=True)


def meanwhile(do: Callable[[], object]) -> Callable[[], int]:
    """A call during which something happens."""

    def call() -> int:
        do()
        return 200

    return call


def test_a_list_that_is_put_in_another_order_meanwhile_makes_nothing_run_twice_or_never(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send("from a"))
    b = stage.automate(ANY_MESSAGE, CALL)
    c = stage.automate(ANY_MESSAGE, send("from c"))
    stage.hooks.on_call = meanwhile(lambda: reorder(stage, c, b, a))
    stage.hears()
    assert [stage.triggered(one) for one in (a, b, c)] == [1, 1, 1]
    assert stage.said() == ["from a", "from c"]


def test_one_that_is_switched_off_while_it_is_under_way_does_not_take_those_behind_it_along(
    stage: AutomationStage,
) -> None:
    a = stage.automate(ANY_MESSAGE, CALL, send("never"))
    c = stage.automate(ANY_MESSAGE, send("from c"))
    stage.hooks.on_call = meanwhile(lambda: stage.switch(a, is_on=False))
    stage.hears()
    assert stage.said() == ["from c"] and stage.triggered(c) == 1


def test_auto_close_and_one_that_opens_again_do_not_go_on_for_ever(
    stage: AutomationStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = stage.automate("conversation_closed", OPEN, send("How was it?"))
    rules = replace(stage.store.platform_settings(), auto_close_after_h=1)
    monkeypatch.setattr(stage.store, "platform_settings", lambda **_: rules)
    monkeypatch.setattr(stage.store, "claim_auto_close", lambda: True)
    stage.hears()
    for _ in range(5):
        stage.pass_min(61)
        close_idle(stage.store)
        stage.work()
    assert stage.triggered(a) == 1 and stage.said() == ["How was it?"]
    assert stage.conversations()[-1] == (2, "automation", "auto_close")


def test_what_ran_for_a_message_does_not_run_again_where_a_merge_takes_it(stage: AutomationStage) -> None:
    arrive(stage.store, PETAR, needs=False)
    stage.work()
    a = stage.automate(ANY_MESSAGE, send("from a"), CALL, send("second"))

    def merge() -> int:
        stage.hooks.on_call = lambda: 200
        stage.store.request_merge(PETAR_ID, SUSAN_ID, by=ALICE)
        stage.turn(MERGES_ID)
        return 200

    stage.hooks.on_call = merge
    stage.hears()
    stage.work()
    assert stage.triggered(a) == 1
    assert stage.said() + stage.said(contact=PETAR_ID) == ["from a"]


def test_once_per_contact_holds_for_the_person_after_a_merge(stage: AutomationStage) -> None:
    arrive(stage.store, PETAR, needs=False)
    stage.work()
    a = stage.automate(ANY_MESSAGE, send("once"), once="contact")
    stage.hears()
    stage.store.request_merge(PETAR_ID, SUSAN_ID, by=ALICE)
    stage.work()
    stage.hears("again")
    assert stage.triggered(a) == 1


def test_a_pile_of_messages_is_no_loop(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, add("x"), {"kind": "remove_tags", "tags": ["x"]})
    b = stage.automate({"kind": "tag_removed", "tags": ["x"]}, {"kind": "comment", "text": "removed"})
    for i in range(30):
        arrive(stage.store, SUSAN, f"message {i}", needs=False)
    stage.work()
    assert stage.triggered(b) == 30 and "guarded" not in stage.outcomes(b)


def test_what_waits_ends_also_where_the_automation_is_on_again_by_then(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, wait(60), send("late"))
    stage.hears()
    for is_on in (False, True):
        stage.pass_min(10)
        stage.switch(a, is_on=is_on)
    stage.pass_min(60)
    assert stage.said() == [] and stage.outcomes(a)[-1] == "ended"


def test_whoever_answers_at_the_very_moment_is_not_silent(
    stage: AutomationStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = stage.automate({"kind": "no_answer_from_contact", "minutes": 60}, CLOSE)
    stage.hears()
    commit, answered = stage.store.commit, list[str]()

    def answering(*args: Any, **words: Any) -> Committed:
        if not answered:
            answered.append(arrive(stage.store, SUSAN, "I am here", needs=False))
        return commit(*args, **words)

    monkeypatch.setattr(stage.store, "commit", answering)
    stage.pass_min(60)
    assert answered and stage.triggered(a) == 0
    assert stage.conversations() == [(1, Source.CONTACT, "")]


def test_slow_answers_to_calls_hold_up_no_more_threads_than_may_call(stage: AutomationStage) -> None:
    a = stage.automate(on_text("call"), CALL)
    held, let_go = threading.Barrier(5, timeout=20), threading.Event()

    def slow() -> int:
        held.wait()
        assert let_go.wait(20)
        return 200

    stage.hooks.on_call = slow
    runner, others = stage.runner(), [SUSAN._replace(contact_ref=f"90000000000000{i}") for i in range(5)]
    ids = [arrive(stage.store, one, "call", needs=False) for one in others]
    threads = [threading.Thread(target=runner.run, args=(one,)) for one in ids[:4]]
    for thread in threads:
        thread.start()
    held.wait()
    runner.run(ids[4])  # comes back at once, though nobody answered the four
    assert len(stage.hooks.deliveries) == 4
    assert stage.store.snapshot(ids[4]).contact.run_state.runs[0].calls == 0
    let_go.set()
    for thread in threads:
        thread.join()
    stage.hooks.on_call = lambda: 200
    stage.pass_min(1)
    assert stage.triggered(a) == 5 and len(stage.hooks.deliveries) == 5


def test_a_steps_words_are_kept_short(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, add(*(f"tag number {i}" for i in range(40))))
    stage.hears()
    assert [len(words) for _, words in stage.results(a)] == [MAX_WORDS_CHARS]


def test_a_worker_whose_list_is_old_does_not_end_what_another_one_began(
    stage: AutomationStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = stage.automate(ANY_MESSAGE, wait(60), send("after"))
    stage.hears()
    stage.switch(a, is_on=False)
    old = stage.store.automations(is_fresh=True)
    stage.change(a, lambda one: replace(one, is_active=True))
    fresh = stage.store.automations(is_fresh=True)
    monkeypatch.setattr(stage.store, "automations", lambda *, is_fresh=False: fresh if is_fresh else old)
    stage.pass_min(60)
    assert stage.said() == ["after"] and SUSAN_ID
