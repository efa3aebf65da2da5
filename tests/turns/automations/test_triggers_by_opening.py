"""Automations that wait for a conversation to be opened, by each of those who can."""

from collections.abc import Callable

import pytest

from domain.actions import Open
from domain.answers import Commands
from domain.automation_parts import OPENED_BY
from domain.identities import MERGES_ID
from domain.models import Source
from handlers.users import close_conversation, open_conversation
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, welcome, write
from tests.turns.automations.automation_stage import CLOSE, OPEN, AutomationStage, add, on_text, opened_by, send
from tests.turns.stage import done


def by_contact(stage: AutomationStage) -> None:
    stage.hears()


def by_welcome_event(stage: AutomationStage) -> None:
    stage.store.receive([welcome()])
    stage.work()


def known_without_conversation(stage: AutomationStage) -> None:
    """Susan is known, and no conversation of hers is open or ever was."""
    stage.store.receive([welcome(opens=False)])
    stage.work()


def by_user(stage: AutomationStage) -> None:
    known_without_conversation(stage)
    stage.acts(lambda snapshot: open_conversation(snapshot, source=Source.USER, by=ALICE))
    stage.work()


def by_api(stage: AutomationStage) -> None:
    known_without_conversation(stage)
    stage.acts(lambda snapshot: open_conversation(snapshot, source=Source.API))
    stage.work()


def by_dialogflow(stage: AutomationStage) -> None:
    known_without_conversation(stage)
    stage.fulfill(0, None, Commands(mark_done=False))
    stage.work()


def by_automation(stage: AutomationStage) -> None:
    known_without_conversation(stage)
    stage.automate({"kind": "tag_added", "tags": ["callback"]}, OPEN)
    stage.tags("callback")


WAYS: dict[str, Callable[[AutomationStage], None]] = {
    "contact": by_contact,
    "welcome_event": by_welcome_event,
    "user": by_user,
    "automation": by_automation,
    "dialogflow": by_dialogflow,
    "api": by_api,
}


def test_there_is_a_way_for_each_source_that_a_trigger_can_name() -> None:
    assert set(WAYS) == set(OPENED_BY)


@pytest.mark.parametrize("source", WAYS)
def test_it_runs_for_the_source_that_it_names_and_for_no_other(stage: AutomationStage, source: str) -> None:
    theirs = stage.automate(opened_by(source), send("hi"))
    any_one = stage.automate("conversation_opened", add("any"))
    others = stage.automate(opened_by(*(other for other in WAYS if other != source)), send("no"))
    WAYS[source](stage)
    assert stage.conversations() == [(1, source, "")]
    assert [stage.triggered(one) for one in (theirs, any_one, others)] == [1, 1, 0]
    assert stage.said() == ["hi"] and stage.tags_of()[-1:] == ("any",)
    sent = next(entry for entry in stage.entries("message") if entry.text == "hi")
    assert sent.data["conversation"] == 1


@pytest.mark.parametrize("source", WAYS)
def test_what_changes_nothing_because_a_conversation_is_open_opens_nothing(stage: AutomationStage, source: str) -> None:
    stage.hears()
    a = stage.automate("conversation_opened", send())
    WAYS[source](stage)
    assert stage.triggered(a) == 0 and stage.conversations() == [(1, "contact", "")]


def test_vibers_conversation_started_opens_as_a_welcome_event(stage: AutomationStage) -> None:
    a = stage.automate(opened_by("welcome_event", channels=["viber"]), add("met"))
    b = stage.automate(opened_by("welcome_event", channels=["facebook"]), add("not_met"))
    stage.store.receive([welcome(who=PETAR, token="t1")])
    stage.work()
    assert (stage.triggered(a), stage.triggered(b), stage.tags_of(PETAR_ID)) == (1, 0, ("met",))


@pytest.mark.parametrize(("channel", "runs"), [("facebook", 1), (SUSAN.channel, 1), ("viber", 0), ("facebook:9", 0)])
@pytest.mark.parametrize("source", ["contact", "user"])
def test_a_channel_is_that_of_the_contact(stage: AutomationStage, source: str, channel: str, runs: int) -> None:
    a = stage.automate(opened_by(channels=[channel]), send())
    WAYS[source](stage)
    assert stage.triggered(a) == runs


def test_a_second_message_opens_nothing(stage: AutomationStage) -> None:
    a = stage.automate(opened_by("contact"), send())
    write(stage.store, "one")
    write(stage.store, "two")
    stage.work()
    stage.hears("three")
    assert stage.triggered(a) == 1


def test_the_next_conversation_is_another_one(stage: AutomationStage) -> None:
    a = stage.automate(opened_by("contact"), send())
    stage.hears()
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))
    stage.hears("again")
    assert stage.triggered(a) == 2
    assert [record.number for record in stage.history(a)] == [1, 2]


def test_a_conversation_that_opens_for_whoever_was_nearly_closed_away_is_opened_by_the_contact(
    stage: AutomationStage,
) -> None:
    a = stage.automate(opened_by("contact"), send("welcome"))
    stage.bot.answers["bye"] = done("Goodbye")
    write(stage.store, "bye")
    write(stage.store, "wait!")
    stage.work()
    assert stage.conversations() == [(1, "contact", "dialogflow"), (2, "contact", "")]
    assert stage.triggered(a) == 2 and [record.number for record in stage.history(a)] == [1, 2]
    numbers = [entry.data["conversation"] for entry in stage.entries("message") if entry.text == "welcome"]
    assert numbers == [1, 2]


def test_an_automation_for_openings_also_sees_the_later_message_that_opened(stage: AutomationStage) -> None:
    """Its conditions are about the message that the next conversation was opened for."""
    wanted = {"all": [{"subject": "message.text", "operator": "contains", "value": ["wait"]}]}
    a = stage.automate(opened_by("contact"), send(), conditions=wanted)
    stage.automate(on_text("bye"), CLOSE)
    write(stage.store, "bye")
    write(stage.store, "wait!")
    stage.work()
    assert stage.conversations() == [(1, "contact", "automation"), (2, "contact", "")]
    assert [(str(record.outcome), record.number) for record in stage.history(a)] == [("not_matched", 1), ("done", 2)]


def test_a_conversation_that_opens_for_a_later_welcome_is_opened_by_it(stage: AutomationStage) -> None:
    a = stage.automate(opened_by("welcome_event"), add("met"))
    stage.automate(on_text("bye"), CLOSE)
    write(stage.store, "bye")
    stage.store.receive([welcome()])
    stage.work()
    assert stage.conversations() == [(1, "contact", "automation"), (2, "welcome_event", "")]
    assert stage.triggered(a) == 1 and stage.history(a)[0].number == 2


def test_an_opening_that_is_over_before_the_worker_comes_still_counts(stage: AutomationStage) -> None:
    a = stage.automate(opened_by("contact"), add("met"))
    write(stage.store)
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))
    stage.work()
    assert stage.triggered(a) == 1 and stage.history(a)[0].number == 1
    assert stage.tags_of() == ("met",)


def test_an_opening_by_a_user_from_before_it_was_switched_on_does_not_concern_it(stage: AutomationStage) -> None:
    stage.automate(opened_by("user"), add("old"))
    known_without_conversation(stage)
    stage.acts(lambda snapshot: [Open(source=Source.USER, channel="facebook", by=ALICE)])
    stage.clock.pass_s(1)
    a = stage.automate(opened_by("user"), add("new"))
    stage.work()
    assert stage.tags_of(SUSAN_ID) == ("old",) and stage.triggered(a) == 0


def merged(stage: AutomationStage) -> None:
    """Susan becomes a part of Petar, who wrote on Viber first."""
    stage.store.request_merge(PETAR_ID, SUSAN_ID, by=ALICE)
    stage.turn(MERGES_ID)
    stage.work()


def test_a_message_that_a_merge_brings_opens_for_the_one_who_stays(stage: AutomationStage) -> None:
    stage.hears(who=PETAR)
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE), PETAR_ID)
    a = stage.automate(opened_by("contact"), send("hi"), add("met"))
    write(stage.store, "undecided")
    merged(stage)
    assert stage.conversations(PETAR_ID) == [(1, "contact", "user"), (2, "contact", "")]
    assert stage.triggered(a) == 1 and stage.said(contact=PETAR_ID) == ["hi"] and stage.said() == []
    assert stage.facebook.texts == ["hi", "you said undecided"], "answered where it was written"


def test_what_a_user_opens_is_on_the_channel_where_the_contact_wrote_last(stage: AutomationStage) -> None:
    stage.hears(who=PETAR)
    stage.hears(who=SUSAN)
    merged(stage)
    stage.hears("from messenger")
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE), PETAR_ID)
    on_messenger, on_viber = (stage.automate(opened_by(channels=[kind]), add(kind)) for kind in ("facebook", "viber"))
    stage.acts(lambda snapshot: open_conversation(snapshot, source=Source.USER, by=ALICE), PETAR_ID)
    stage.work()
    opened = stage.store.snapshot(PETAR_ID).open
    assert opened and opened.channel == "facebook"
    assert (stage.triggered(on_messenger), stage.triggered(on_viber)) == (1, 0)
