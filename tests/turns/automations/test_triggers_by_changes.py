"""Automations that wait for contacts, tags, fields and the bot; and those that a user runs by hand."""

import json

import pytest

from domain.actions import NoteLine
from domain.answers import Answer
from domain.identities import MERGES_ID
from domain.models import Letter, Source
from handlers.users import close_conversation
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN_ID, message, welcome, write
from tests.turns.automations.automation_stage import (
    ANY_MESSAGE,
    CLOSE,
    FAILED,
    NO_INTENT,
    AutomationStage,
    add,
    on_text,
    send,
)
from tests.web.signed_in import add_user

REACTION = message(letter=Letter.NOTED, data={"kind": "reaction", "text": "❤"}, opens=None)
FROM_PAGE = {"kind": "message", "text": "Hello from the page", "sender": "user", "via": "page_inbox"}


# -- A contact is new


@pytest.mark.parametrize("first", ["message", "welcome", "reaction", "echo"])
def test_a_contact_is_new_once_whatever_we_hear_first(stage: AutomationStage, first: str) -> None:
    a = stage.automate("contact_created", add("new"))
    arrivals = {
        "message": message(),
        "welcome": welcome(),
        "reaction": REACTION,
        "echo": message(letter=Letter.SENT, data=FROM_PAGE, opens=None, external_id="m_1"),
    }
    stage.store.receive([arrivals[first]])
    stage.work()
    assert stage.triggered(a) == 1 and stage.tags_of() == ("new",)
    stage.hears()
    assert stage.triggered(a) == 1


def test_who_is_new_speaks_in_the_conversation_that_began_with_them(stage: AutomationStage) -> None:
    user = add_user(stage.store)
    a = stage.automate("contact_created", send("Nice to meet you"), {"kind": "assign", "to": "user", "user": user.id})
    stage.hears()
    sent = next(entry for entry in stage.entries("message") if entry.text == "Nice to meet you")
    assert sent.data["conversation"] == 1 and stage.history(a)[0].number == 1
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened and opened.assignee == user.card


def test_who_is_new_without_a_conversation_has_none(stage: AutomationStage) -> None:
    a = stage.automate("contact_created", CLOSE, {"kind": "open_conversation"}, CLOSE)
    stage.store.receive([REACTION])
    stage.work()
    assert [result for result, _ in stage.results(a)] == ["nothing", "done", "done"]
    assert stage.conversations() == [(1, "automation", "automation")]


def test_a_channel_is_the_one_where_we_first_heard_of_them(stage: AutomationStage) -> None:
    a = stage.automate({"kind": "contact_created", "channels": ["viber"]}, add("new"))
    stage.hears()
    assert stage.triggered(a) == 0
    stage.hears(who=PETAR)
    assert stage.triggered(a) == 1 and stage.tags_of(PETAR_ID) == ("new",)


# -- Tags


@pytest.mark.parametrize("by", [ALICE, None])
def test_a_tag_is_added_and_removed_by_users_and_the_api(stage: AutomationStage, by: dict[str, str] | None) -> None:
    added = stage.automate({"kind": "tag_added", "tags": ["vip", "gold"]}, send("added"))
    any_added = stage.automate("tag_added", send("any added"))
    removed = stage.automate({"kind": "tag_removed", "tags": ["vip"]}, send("removed"))
    any_removed = stage.automate("tag_removed", send("any removed"))
    stage.hears()

    def ran() -> list[int]:
        return [stage.triggered(one) for one in (added, any_added, removed, any_removed)]

    stage.tags("vip", by=by)
    assert ran() == [1, 1, 0, 0]
    stage.tags("vip", by=by)
    assert ran() == [1, 1, 0, 0], "it was there already"
    stage.tags("silver", by=by)
    assert ran() == [1, 2, 0, 0]
    stage.tags(remove=("vip",), by=by)
    assert ran() == [1, 2, 1, 1]
    stage.tags("gold", remove=("silver",), by=by)
    assert ran() == [2, 3, 1, 2], "what is added is looked at before what is removed"
    assert stage.said()[-3:] == ["added", "any added", "any removed"]


def test_an_automations_tags_are_tags(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, add("seen"), {"kind": "remove_tags", "tags": ["new"]})
    added = stage.automate({"kind": "tag_added", "tags": ["seen"]}, send("added"))
    removed = stage.automate({"kind": "tag_removed", "tags": ["new"]}, send("removed"))
    write(stage.store)
    stage.tags("new")
    assert (stage.triggered(added), stage.triggered(removed)) == (1, 1)


def test_what_a_merge_brings_makes_nothing_run(stage: AutomationStage) -> None:
    a, b = stage.automate("tag_added", send("tag")), stage.automate("field_changed", send("field"))
    stage.hears()
    stage.hears(who=PETAR)
    stage.tags("vip")
    stage.fields({"phone": "+359888123456"})
    assert (stage.triggered(a), stage.triggered(b)) == (1, 1)
    stage.store.request_merge(PETAR_ID, SUSAN_ID, by=ALICE)
    stage.turn(MERGES_ID)
    stage.work()
    assert stage.tags_of(PETAR_ID) == ("vip",)
    assert (stage.triggered(a), stage.triggered(b)) == (1, 1)


# -- Fields


@pytest.mark.parametrize("by", [ALICE, None])
def test_a_field_changes_by_users_and_the_api(stage: AutomationStage, by: dict[str, str] | None) -> None:
    phone = stage.automate({"kind": "field_changed", "fields": ["phone"]}, add("phone"))
    size = stage.automate({"kind": "field_changed", "fields": ["SIZE", "email"]}, add("size"))
    any_field = stage.automate("field_changed", add("any"))
    stage.hears()
    for changes, ran in (
        ({"phone": "+359888123456"}, [1, 0, 1]),
        ({"phone": "+359888123456"}, [1, 0, 1]),
        ({"fields.SIZE": "L"}, [1, 1, 2]),
        ({"name": "Susan Jones"}, [1, 1, 3]),
        ({"email": "susan@example.com", "phone": ""}, [2, 2, 4]),
    ):
        stage.fields(changes, by)
        assert [stage.triggered(one) for one in (phone, size, any_field)] == ran, changes


def test_an_automations_field_is_a_change_too(stage: AutomationStage) -> None:
    fields = [{"id": "SIZE", "name": "Size", "kind": "text"}]
    stage.store.change_settings(lambda _: {"custom_fields": json.dumps(fields)})
    stage.automate(ANY_MESSAGE, {"kind": "set_field", "field": "SIZE", "value": "L"})
    a = stage.automate({"kind": "field_changed", "fields": ["SIZE"]}, add("sized"))
    stage.hears()
    assert stage.triggered(a) == 1 and stage.tags_of() == ("sized",)


# -- The bot could not answer


@pytest.mark.parametrize(
    ("reasons", "answer", "runs"),
    [
        ([], FAILED, 1),
        ([], NO_INTENT, 1),
        (["failed"], FAILED, 1),
        (["failed"], NO_INTENT, 0),
        (["no_intent"], NO_INTENT, 1),
        (["no_intent"], FAILED, 0),
        (["no_intent", "failed"], FAILED, 1),
        ([], Answer(response_id="r", intent="hours", replies=("Nine to five",)), 0),
        (["no_intent"], Answer(response_id="r", intent="", replies=("?",)), 1),
    ],
)
def test_the_bot_could_not_answer(stage: AutomationStage, reasons: list[str], answer: Answer, runs: int) -> None:
    a = stage.automate({"kind": "bot_unanswered", "reasons": reasons}, send("A person will read this"))
    stage.bot.answers["hello"] = answer
    stage.hears()
    assert stage.triggered(a) == runs and len(stage.said()) == runs
    assert len(stage.bot.asked) == 1, "nobody asks again"
    if runs:
        assert stage.history(a)[0].number == 1


def test_a_bot_that_was_not_asked_has_not_failed(stage: AutomationStage) -> None:
    a = stage.automate("bot_unanswered", send())
    stage.automate(ANY_MESSAGE, {"kind": "bot_off"})
    stage.hears()
    assert stage.bot.asked == [] and stage.triggered(a) == 0


def test_what_the_bot_missed_is_told_in_the_conversation_that_it_was_asked_in(stage: AutomationStage) -> None:
    a = stage.automate("bot_unanswered", CLOSE)
    stage.bot.answers["hello"] = NO_INTENT

    def close_and_open_again(_: object) -> None:
        stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))
        write(stage.store, "again")
        stage.bot.on_ask = lambda _: None

    stage.bot.on_ask = close_and_open_again
    stage.hears()
    assert stage.conversations() == [(1, "contact", "user"), (2, "contact", "")]
    assert stage.results(a) == [("nothing", "Conversation #1 is not open.")]


# -- By hand


def run_by_hand(stage: AutomationStage, automation: str, number: int) -> None:
    details = {"automation": {"id": automation, "name": "By hand"}, "by": ALICE}
    stage.acts(lambda _: [NoteLine(number=number, kind="run_by_hand", details=details)])
    stage.work()


def test_by_hand_runs_the_one_that_was_chosen_and_no_other(stage: AutomationStage) -> None:
    a = stage.automate("by_hand", send("from a"), CLOSE)
    b = stage.automate("by_hand", send("from b"))
    stage.hears()
    run_by_hand(stage, a, 1)
    assert (stage.triggered(a), stage.triggered(b)) == (1, 0)
    assert stage.said() == ["from a"] and stage.conversations() == [(1, "contact", "automation")]


def test_by_hand_says_why_it_did_not_run(stage: AutomationStage) -> None:
    vip = {"all": [{"subject": "tags", "operator": "has_any", "value": ["vip"]}]}
    a = stage.automate("by_hand", send(), conditions=vip)
    stage.hears()
    run_by_hand(stage, a, 1)
    assert stage.outcomes(a) == ["not_matched"] and "vip" in stage.reasons(a)[0]
    stage.tags("vip")
    run_by_hand(stage, a, 1)
    assert stage.outcomes(a) == ["not_matched", "done"]


def test_one_that_was_switched_off_meanwhile_does_not_run_by_hand(stage: AutomationStage) -> None:
    a = stage.automate("by_hand", send())
    stage.automate("by_hand", send("other"))
    stage.hears()
    details = {"automation": {"id": a, "name": "By hand"}, "by": ALICE}
    stage.acts(lambda _: [NoteLine(number=1, kind="run_by_hand", details=details)])
    stage.switch(a, is_on=False)
    stage.work()
    assert stage.said() == [] and stage.store.snapshot(SUSAN_ID).undecided is None


def test_words_are_looked_for_in_messages_only(stage: AutomationStage) -> None:
    a = stage.automate(on_text("vip"), send())
    stage.automate("tag_added", send("tagged vip"))
    stage.hears()
    stage.tags("vip")
    assert stage.triggered(a) == 0
