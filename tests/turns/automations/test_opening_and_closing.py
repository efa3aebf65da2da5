"""The steps Open Conversation and Close Conversation: under each trigger, and where they must do nothing."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.actions import NoteLine
from domain.answers import Commands
from domain.identities import MERGES_ID
from domain.models import ClosedConversation, Letter, Source
from handlers.users import block, close_conversation, open_conversation
from tests.conftest import API_TOKEN
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN_ID, message, welcome, write
from tests.store.counting import counted
from tests.turns.automations.automation_stage import (
    ANY_MESSAGE,
    CLOSE,
    FAILED,
    OPEN,
    AutomationStage,
    add,
    closed_by,
    named,
    on_text,
    opened_by,
    send,
    wait,
)
from tests.turns.stage import done


def known(stage: AutomationStage) -> None:
    """Susan is known, without any conversation."""
    stage.store.receive([message(letter=Letter.NOTED, data={"kind": "reaction", "text": "❤"}, opens=None)])
    stage.work()


def user_closes(stage: AutomationStage, contact: str = SUSAN_ID) -> None:
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE), contact)


def by_hand(stage: AutomationStage, automation: str, number: int) -> None:
    details = {"automation": {"id": automation, "name": "x"}, "by": ALICE}
    stage.acts(lambda _: [NoteLine(number=number, kind="run_by_hand", details=details)])
    stage.work()


def happen(stage: AutomationStage, trigger: str, automation: str) -> None:
    """Let a trigger come about while no conversation is open."""
    match trigger:
        case "contact_created":
            known(stage)
        case "welcome":
            stage.store.receive([welcome(opens=False)])
        case "tag_added":
            known(stage)
            stage.tags("vip")
        case "tag_removed":
            known(stage)
            stage.tags("vip")
            stage.tags(remove=("vip",))
        case "field_changed":
            known(stage)
            stage.fields({"phone": "+359888123456"})
        case "by_hand":
            known(stage)
            by_hand(stage, automation, 0)
        case "conversation_closed":
            write(stage.store)
            user_closes(stage)
        case "bot_unanswered":
            stage.bot.answers["FACEBOOK_WELCOME"] = FAILED
            stage.store.receive([welcome(opens=False)])
    stage.work()


OUTSIDE = (
    *("contact_created", "welcome", "tag_added", "tag_removed"),
    *("field_changed", "by_hand", "conversation_closed", "bot_unanswered"),
)


# -- Open Conversation


@pytest.mark.parametrize("trigger", OUTSIDE)
def test_where_none_is_open_each_trigger_can_open_one(stage: AutomationStage, trigger: str) -> None:
    a = stage.automate(trigger, OPEN, send("We call you back"), name="Opener")
    happen(stage, trigger, a)
    opened = stage.store.snapshot(SUSAN_ID).open
    number = 2 if trigger == "conversation_closed" else 1
    assert opened and (opened.number, opened.source) == (number, Source.AUTOMATION)
    assert named(opened.by) == {"id": a, "name": "Opener"} and opened.needs == ""
    assert stage.results(a)[0] == ("done", f"Conversation #{number}")
    sent = [entry for entry in stage.entries("message") if entry.text == "We call you back"]
    assert [entry.data["conversation"] for entry in sent] == [number], "what follows is said in the new one"
    opened_counts = [name for name in counted(stage.store, "opened") if "|automation|" in name]
    assert len(opened_counts) == 1, opened_counts


@pytest.mark.parametrize("trigger", [ANY_MESSAGE, opened_by("contact")])
def test_where_one_is_open_it_does_nothing_and_goes_on_in_that_one(stage: AutomationStage, trigger: Any) -> None:
    a = stage.automate(trigger, OPEN, send("hi"))
    stage.hears()
    assert stage.results(a)[0] == ("nothing", "Conversation #1 is open already.")
    assert stage.conversations() == [(1, "contact", "")] and stage.said() == ["hi"]


def test_a_run_whose_conversation_is_over_leaves_the_one_that_it_finds_open_alone(stage: AutomationStage) -> None:
    a = stage.automate(on_text("hello"), wait(10), OPEN, CLOSE)
    stage.hears()
    user_closes(stage)
    stage.hears("again")
    stage.pass_min(10)
    assert [result for result, _ in stage.results(a)] == ["done", "nothing", "nothing"]
    assert stage.conversations() == [(1, "contact", "user"), (2, "contact", "")]


def test_a_conversation_that_somebody_else_opens_at_the_same_moment_is_the_only_one(stage: AutomationStage) -> None:
    """Somebody opens one between what the step saw and what it writes."""
    known(stage)
    a = stage.automate("tag_added", OPEN)
    commit = stage.store.commit
    raced: list[bool] = []

    def commit_late(snapshot: Any, actions: Any, **options: Any) -> Any:
        if any(type(action).__name__ == "Open" for action in actions) and not raced:
            raced.append(True)
            now = stage.store.snapshot(SUSAN_ID)
            assert commit(now, open_conversation(now, source=Source.USER, by=ALICE)).is_done
        return commit(snapshot, actions, **options)

    stage.store.commit = commit_late  # type: ignore[method-assign]
    stage.tags("vip")
    assert raced and stage.conversations() == [(1, "user", "")]
    assert stage.results(a) == [("nothing", "Conversation #1 is open already.")]


def test_for_who_is_blocked_none_is_opened(stage: AutomationStage) -> None:
    a = stage.automate(closed_by("user"), OPEN)
    stage.hears()
    stage.acts(lambda snapshot: block(snapshot, is_blocked=True, by=ALICE))
    stage.work()
    assert stage.results(a) == [("nothing", "The contact is blocked.")]
    assert stage.conversations() == [(1, "contact", "user")]


def test_for_who_was_merged_none_is_opened(stage: AutomationStage) -> None:
    a = stage.automate(closed_by("contact_merge"), OPEN)
    stage.hears(who=PETAR)
    stage.hears()
    stage.store.request_merge(PETAR_ID, SUSAN_ID, by=ALICE)
    stage.turn(MERGES_ID)
    stage.work()
    assert stage.results(a) == [("nothing", "The contact was merged into another one.")]
    assert stage.conversations() == [(1, "contact", "contact_merge")]
    assert stage.conversations(PETAR_ID) == [(1, "contact", "")]


# -- Close Conversation


@pytest.mark.parametrize("source", ["contact", "welcome_event", "user", "automation", "dialogflow", "api"])
def test_a_conversation_can_be_closed_by_the_automation_that_waits_for_its_opening(
    stage: AutomationStage, source: str
) -> None:
    known(stage)
    a = stage.automate(opened_by(source), CLOSE)
    match source:
        case "contact":
            stage.hears()
        case "welcome_event":
            stage.store.receive([welcome()])
        case "user" | "api":
            by = ALICE if source == "user" else None
            stage.acts(lambda snapshot: open_conversation(snapshot, source=Source(source), by=by))
        case "automation":
            stage.automate("tag_added", OPEN)
            stage.tags("x")
        case "dialogflow":
            stage.fulfill(0, None, Commands(mark_done=False))
    stage.work()
    assert stage.conversations() == [(1, source, "automation")]
    assert stage.results(a) == [("done", "Conversation #1")]


@pytest.mark.parametrize("trigger", ["tag_added", "tag_removed", "field_changed", "bot_unanswered", "by_hand"])
def test_what_happens_in_a_conversation_can_close_it(stage: AutomationStage, trigger: str) -> None:
    stage.bot.answers["hello"] = FAILED
    stage.hears("first")
    stage.tags("old")
    a = stage.automate(trigger, CLOSE)
    match trigger:
        case "tag_added":
            stage.tags("vip")
        case "tag_removed":
            stage.tags(remove=("old",))
        case "field_changed":
            stage.fields({"name": "Susan"})
        case "by_hand":
            by_hand(stage, a, 1)
        case "bot_unanswered":
            stage.hears("hello")
    assert stage.conversations() == [(1, "contact", "automation")] and stage.triggered(a) == 1


def test_a_close_says_who_with_what_note_and_is_counted(stage: AutomationStage) -> None:
    a = stage.automate(on_text("bye"), {**CLOSE, "category": "Done", "summary": "As asked"}, name="Closer")
    stage.hears("bye")
    closed = stage.store.conversation(SUSAN_ID, 1)
    assert isinstance(closed, ClosedConversation)
    assert named(closed.closed_by) == {"id": a, "name": "Closer"} and closed.note == {
        "category": "Done",
        "summary": "As asked",
    }
    (name,) = counted(stage.store, "closed")
    assert name.startswith("closed|facebook|automation||") and name.endswith("|Done")


def test_the_bot_says_nothing_about_the_message_that_an_automation_closed_for(stage: AutomationStage) -> None:
    stage.automate(on_text("bye"), send("Goodbye"), CLOSE)
    stage.hears("bye")
    assert stage.bot.asked == [] and stage.facebook.texts == ["Goodbye"]
    stage.hears("hello again")
    assert [question.text for question in stage.bot.asked] == ["hello again"]
    assert stage.conversations() == [(1, "contact", "automation"), (2, "contact", "")]


def test_nobody_is_closed_away_by_a_messages_automation(stage: AutomationStage) -> None:
    stage.automate(on_text("bye"), CLOSE)
    for text in ("bye", "wait!", "please"):
        write(stage.store, text)
    stage.work()
    assert stage.conversations() == [(1, "contact", "automation"), (2, "contact", "")]
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened and opened.incoming == 2 and [question.text for question in stage.bot.asked] == ["wait!", "please"]
    closed = stage.store.conversation(SUSAN_ID, 1)
    assert closed.incoming == 1


def test_nobody_is_closed_away_by_a_run_that_waited(stage: AutomationStage) -> None:
    stage.automate(on_text("hello"), wait(10), CLOSE)
    stage.hears()
    stage.clock.pass_s(600)
    write(stage.store, "are you there?")
    stage.work()
    assert stage.conversations() == [(1, "contact", "automation"), (2, "contact", "")]
    assert [question.text for question in stage.bot.asked] == ["hello", "are you there?"]
    assert stage.bot.asked[1].session.endswith("-2")


@pytest.mark.parametrize("opens_again", [False, True])
def test_one_that_is_over_meanwhile_is_left_alone_and_another_is_never_closed_in_its_place(
    stage: AutomationStage, opens_again: bool
) -> None:
    a = stage.automate(on_text("hello"), wait(10), CLOSE)
    stage.hears()
    user_closes(stage)
    if opens_again:
        stage.hears("again")
    stage.pass_min(10)
    assert stage.results(a)[1] == ("nothing", "Conversation #1 is not open.")
    assert stage.conversations() == [(1, "contact", "user"), *([(2, "contact", "")] if opens_again else [])]
    assert stage.outcomes(a)[-1] == "done"


def test_outside_of_any_conversation_there_is_none_to_close(stage: AutomationStage) -> None:
    known(stage)
    a = stage.automate("tag_added", CLOSE)
    stage.tags("vip")
    assert stage.results(a) == [("nothing", "None is open.")] and stage.conversations() == []


def test_a_second_close_does_nothing(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, CLOSE, CLOSE)
    stage.hears()
    assert stage.results(a) == [("done", "Conversation #1"), ("nothing", "Conversation #1 is not open.")]
    assert len(stage.entries("closed")) == 1


def test_of_a_close_by_a_user_at_the_same_moment_one_counts(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, CLOSE)
    commit = stage.store.commit
    raced: list[bool] = []

    def commit_late(snapshot: Any, actions: Any, **options: Any) -> Any:
        if any(type(action).__name__ == "Close" for action in actions) and not raced:
            raced.append(True)
            now = stage.store.snapshot(SUSAN_ID)
            assert commit(now, close_conversation(now, source=Source.USER, by=ALICE)).is_done
        return commit(snapshot, actions, **options)

    stage.store.commit = commit_late  # type: ignore[method-assign]
    stage.hears()
    assert raced and stage.conversations() == [(1, "contact", "user")]
    assert stage.results(a) == [("nothing", "Conversation #1 is not open.")]
    assert stage.bot.asked == [], "somebody else's close ends it for the bot, too"


def test_who_was_merged_has_nothing_left_to_close(stage: AutomationStage) -> None:
    a = stage.automate(closed_by("contact_merge"), CLOSE, {"kind": "comment", "text": "x"}, add("x"))
    stage.hears()
    stage.hears(who=PETAR)
    stage.store.request_merge(PETAR_ID, SUSAN_ID, by=ALICE)
    stage.turn(MERGES_ID)
    stage.work()
    assert stage.results(a) == [("nothing", "The contact was merged into another one.")] * 3
    assert stage.conversations(PETAR_ID) == [(1, "contact", "")]


def test_closing_and_opening_again_is_a_new_conversation_for_the_same_message(stage: AutomationStage) -> None:
    stage.automate(on_text("new"), CLOSE, OPEN, send("A new one"))
    stage.hears("new topic")
    assert stage.conversations() == [(1, "contact", "automation"), (2, "automation", "")]
    assert [entry.data["conversation"] for entry in stage.entries("message")[1:]] == [2]


def test_the_bots_own_close_leaves_the_automation_nothing(stage: AutomationStage) -> None:
    stage.bot.answers["bye"] = done("Goodbye")
    a = stage.automate(closed_by("dialogflow"), CLOSE, OPEN)
    stage.hears("bye")
    assert [result for result, _ in stage.results(a)] == ["nothing", "done"]
    assert stage.conversations() == [(1, "contact", "dialogflow"), (2, "automation", "")]


def test_the_api_says_which_automation_opened_and_closed(stage: AutomationStage, client: FlaskClient) -> None:
    opener = stage.automate({"kind": "tag_added", "tags": ["vip"]}, OPEN, name="Opener")
    closer = stage.automate(opened_by("automation"), CLOSE, name="Closer")
    known(stage)
    stage.tags("vip")
    answer = client.get(
        f"/api/v1/contacts/id:{SUSAN_ID}/conversations", headers={"Authorization": f"Bearer {API_TOKEN}"}
    )
    (one,) = answer.get_json()["items"]
    assert one["opened_by"] == {"source": "automation", "user": None, "automation": {"id": opener, "name": "Opener"}}
    assert one["closed_by"] == {"source": "automation", "user": None, "automation": {"id": closer, "name": "Closer"}}
