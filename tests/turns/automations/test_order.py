"""In which order automations run, when their conditions are looked at, and how often they may run."""

from dataclasses import replace
from typing import Any

import pytest

from domain.automations import Once
from domain.models import Sender, Source
from handlers.users import close_conversation
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN_ID, write
from tests.turns.automations.automation_stage import (
    ANY_MESSAGE,
    CLOSE,
    AutomationStage,
    add,
    on_text,
    opened_by,
    send,
    wait,
)
from tests.web.signed_in import add_user


def has(*tags: str) -> dict[str, Any]:
    return {"all": [{"subject": "tags", "operator": "has_any", "value": list(tags)}]}


def said_in_order(stage: AutomationStage) -> list[str]:
    ours = (Sender.BOT, Sender.AUTOMATION)
    return [entry.text for entry in stage.entries("message") if entry.data.get("sender") in ours]


def test_openings_come_before_messages_and_both_before_the_bot(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, send("message 1"))
    stage.automate("conversation_opened", send("opened 1"))
    stage.automate(ANY_MESSAGE, send("message 2"))
    stage.automate("conversation_opened", send("opened 2"))
    stage.automate("contact_created", send("new"))
    stage.hears("hi")
    assert said_in_order(stage) == ["new", "opened 1", "opened 2", "message 1", "message 2", "you said hi"]


def test_the_order_of_the_list_can_be_changed(stage: AutomationStage) -> None:
    a, b = (stage.automate(ANY_MESSAGE, send(text)) for text in ("one", "two"))
    places = {a: 1, b: 0}
    stage.store.change_automations(lambda items: tuple(replace(item, position=places[item.id]) for item in items))
    stage.hears()
    assert stage.said() == ["two", "one"]


def test_a_tag_that_the_first_one_gives_is_there_for_the_second(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, send("second, too soon"), conditions=has("vip"))
    stage.automate(opened_by("contact"), add("vip"))
    stage.automate(ANY_MESSAGE, send("second"), conditions=has("vip"))
    stage.automate(ANY_MESSAGE, {"kind": "remove_tags", "tags": ["vip"]})
    c = stage.automate(ANY_MESSAGE, send("third"), conditions=has("vip"))
    stage.hears()
    assert stage.said() == ["second, too soon", "second"] and stage.outcomes(c) == ["not_matched"]


def test_one_that_stops_does_not_stop_the_others(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, {"kind": "stop_without_bot"})
    stage.automate(ANY_MESSAGE, send("second"))
    stage.hears()
    assert said_in_order(stage) == ["second"]


def test_a_close_does_not_stop_the_others(stage: AutomationStage) -> None:
    stage.automate(on_text("bye"), CLOSE)
    b = stage.automate(ANY_MESSAGE, CLOSE, send("after"))
    stage.hears("bye")
    assert stage.results(b) == [("nothing", "Conversation #1 is not open."), ("done", "")]


def test_each_message_is_looked_at_in_its_turn(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, send("seen"))
    for text in ("one", "two"):
        write(stage.store, text)
    stage.work()
    assert said_in_order(stage) == ["seen", "you said one", "seen", "you said two"]


def test_what_an_automation_sends_leaves_before_the_bot_is_asked(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, send("first"))
    seen: list[list[str]] = []
    stage.bot.on_ask = lambda _: seen.append(list(stage.facebook.texts))
    stage.hears()
    assert seen == [["first"]]


def test_the_bot_is_asked_once_whatever_automations_do(stage: AutomationStage) -> None:
    for _ in range(5):
        stage.automate(ANY_MESSAGE, add("a"), send("x"))
    stage.hears()
    assert len(stage.bot.asked) == 1 and said_in_order(stage)[-1] == "you said hello"


def test_more_steps_than_a_turn_takes_are_all_done(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, *(send(f"m{i}") for i in range(25)))
    b = stage.automate(ANY_MESSAGE, *(send(f"n{i}") for i in range(25)))
    stage.hears()
    assert stage.said() == [f"m{i}" for i in range(25)] + [f"n{i}" for i in range(25)]
    assert stage.outcomes(a) == stage.outcomes(b) == ["done"] and len(stage.bot.asked) == 1


@pytest.mark.parametrize(
    ("step", "needs"), [({"kind": "bot_off"}, "bot_off"), ({"kind": "assign", "to": "round_robin"}, "paused")]
)
def test_who_takes_over_silences_the_bot_from_that_message_on(
    stage: AutomationStage, step: dict[str, Any], needs: str
) -> None:
    add_user(stage.store)
    stage.automate(on_text("person"), step)
    stage.hears("hi")
    stage.hears("a person, please")
    stage.hears("hello?")
    assert [question.text for question in stage.bot.asked] == ["hi"]
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened and opened.needs == needs


# -- How often


def close(stage: AutomationStage) -> None:
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))


def test_once_for_a_conversation_is_once_for_each(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send("hi"), once="conversation")
    for text in ("one", "two"):
        stage.hears(text)
        stage.clock.pass_s(1)
    assert stage.triggered(a) == 1
    assert (stage.outcomes(a), stage.reasons(a)[-1]) == (["done", "not_matched"], "It ran in this conversation before.")
    close(stage)
    stage.hears("three")
    assert stage.triggered(a) == 2


def test_once_for_a_contact_is_once_for_each(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send("hi"), once="contact")
    stage.hears()
    close(stage)
    stage.hears()
    stage.hears(who=PETAR)
    assert stage.triggered(a) == 2 and stage.said(contact=PETAR_ID) == ["hi"]
    assert "It ran for this contact before." in stage.reasons(a)


def test_what_ran_before_it_was_to_run_once_counts(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send("hi"))
    stage.hears()
    stage.change(a, lambda item: replace(item, once=Once.CONTACT))
    stage.hears()
    assert stage.triggered(a) == 1


def test_conditions_that_were_not_met_do_not_use_up_the_only_time(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send("hi"), once="contact", conditions=has("vip"))
    stage.hears()
    stage.tags("vip")
    stage.hears()
    assert stage.outcomes(a) == ["not_matched", "done"]


def test_once_counts_while_it_waits(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, wait(10), send("later"), once="conversation")
    stage.hears()
    stage.hears()
    stage.pass_min(10)
    assert stage.triggered(a) == 1 and stage.said() == ["later"]


def test_one_that_is_not_active_does_nothing(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send("hi"))
    stage.switch(a, is_on=False)
    stage.hears()
    assert stage.said() == [] and stage.history(a) == []


def test_a_message_from_before_it_was_switched_on_does_not_concern_it(stage: AutomationStage) -> None:
    write(stage.store)
    stage.clock.pass_s(1)
    a = stage.automate(ANY_MESSAGE, send("hi"))
    stage.work()
    assert stage.triggered(a) == 0 and stage.history(a) == []
