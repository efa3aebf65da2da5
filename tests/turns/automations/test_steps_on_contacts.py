"""Steps that change what is known of a contact, who answers, and what people are told: done, nothing to do, failed."""

import json
from typing import Any

import pytest

from domain.models import Letter, OpenConversation
from handlers.users import block, set_bot
from tests.people import ALICE, SUSAN_ID, write
from tests.turns.automations.automation_stage import ANY_MESSAGE, AutomationStage, add, named, send
from tests.web.signed_in import add_user

FIELDS = [
    {"id": "SIZE", "name": "Size", "kind": "list", "options": ["S", "L"]},
    {"id": "AGE", "name": "Age", "kind": "number"},
]


def of(stage: AutomationStage) -> OpenConversation:
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened
    return opened


def run(stage: AutomationStage, *steps: dict[str, Any], times: int = 1) -> list[tuple[str, str]]:
    """Let the steps run for messages of Susan's, and return how they went the last time."""
    a = stage.automate(ANY_MESSAGE, *steps)
    for _ in range(times):
        stage.hears()
    return stage.results(a)


def test_tags_are_added_and_removed_and_those_that_are_so_already_are_nothing(stage: AutomationStage) -> None:
    remove = {"kind": "remove_tags", "tags": ["b", "c"]}
    assert run(stage, add("a", "b"), add("b"), remove, remove) == [
        ("done", "a, b"),
        ("nothing", "They are there already."),
        ("done", "b, c"),
        ("nothing", "They are not there."),
    ]
    assert stage.tags_of() == ("a",)
    by = [named(entry.data["by"]) for entry in stage.entries("tags_changed")]
    assert by == [{"id": "a1", "name": "Automation 1"}] * 2


def test_one_tag_too_many_fails_and_what_stands_behind_it_goes_on(stage: AutomationStage) -> None:
    assert run(stage, add(*(f"t{i}" for i in range(50))), add("one_more"), send("after")) == [
        ("done", ", ".join(f"t{i}" for i in range(50))[:120]),
        ("failed", "A contact has at most 50 tags; take some away first."),
        ("done", ""),
    ]
    assert stage.said() == ["after"]
    numbers = stage.store.automation_numbers()["a1"]
    assert (numbers.triggered, numbers.errors, numbers.last_error_at_ms) == (1, 1, stage.clock.ms)
    assert stage.outcomes("a1") == ["failed"]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("name", "Susan Jones", "done"),
        ("name", "{{contact.name}}", "nothing"),
        ("phone", "+359 88 812 3456", "done"),
        ("phone", "call me", "failed"),
        ("email", "Susan@Example.com", "done"),
        ("email", "susan", "failed"),
        ("SIZE", "L", "done"),
        ("SIZE", "XXL", "failed"),
        ("SIZE", "", "nothing"),
        ("AGE", "41", "done"),
        ("AGE", "old", "failed"),
        ("GONE", "x", "failed"),
    ],
)
def test_a_field_takes_what_it_may_hold(stage: AutomationStage, field: str, value: str, expected: str) -> None:
    stage.store.change_settings(lambda _: {"custom_fields": json.dumps(FIELDS)})
    step = {"kind": "set_field", "field": field, "value": value}
    (result,) = run(stage, step)
    assert result[0] == expected and (result[1] != "") == (expected != "done")
    assert len(stage.entries("profile_changed")) == (expected == "done")
    stage.hears()
    assert stage.results("a1")[0][0] == ("failed" if expected == "failed" else "nothing"), "it is so by now"


def test_a_field_is_cleared_by_an_empty_value(stage: AutomationStage) -> None:
    stage.hears()
    stage.fields({"phone": "+359888123456"})
    assert run(stage, {"kind": "set_field", "field": "phone"}) == [("done", "")]
    assert stage.store.snapshot(SUSAN_ID).contact.phone == ""


def test_the_bot_off_is_felt_at_once_and_asks_for_a_person(stage: AutomationStage) -> None:
    off = {"kind": "bot_off"}
    assert run(stage, off, off) == [("done", ""), ("nothing", "It is so already.")]
    assert stage.bot.asked == [] and of(stage).needs == "bot_off"
    assert stage.entries("bot_off")[0].data["source"] == "automation"


def test_the_bot_on_lets_it_answer_the_very_message(stage: AutomationStage) -> None:
    stage.hears("one")
    stage.acts(lambda snapshot: set_bot(snapshot, is_on=False, by=ALICE))
    on = {"kind": "bot_on"}
    assert run(stage, on, on) == [("done", ""), ("nothing", "It is so already.")]
    assert [question.text for question in stage.bot.asked] == ["one", "hello"] and of(stage).needs == ""


def test_a_comment_is_for_users_only(stage: AutomationStage) -> None:
    stage.hears()
    stage.fields({"name": "Susan Jones"})
    text = {"kind": "comment", "text": "{{contact.first_name}} is here"}
    assert run(stage, text) == [("done", "")]
    (entry,) = stage.entries("comment")
    assert (entry.data["text"], named(entry.data["by"])) == ("Susan is here", {"id": "a1", "name": "Automation 1"})
    assert "Susan is here" not in stage.facebook.texts


def test_a_comment_of_which_nothing_is_left_fails(stage: AutomationStage) -> None:
    assert run(stage, {"kind": "comment", "text": "{{contact.name}}"})[0][0] == "failed"
    assert stage.entries("comment") == []


def test_notify_tells_who_is_named_or_has_it_or_everybody(stage: AutomationStage) -> None:
    alice, bob, carol = (add_user(stage.store, name=name) for name in ("Alice", "Bob", "Carol"))

    def told() -> list[int]:
        return [stage.store.count_notices(user.id) for user in (alice, bob, carol)]

    stage.hears()
    to_bob = {"kind": "notify", "text": "Look, {{contact.name}}!", "users": [bob.id]}
    assert run(stage, to_bob) == [("done", "Bob")] and told() == [0, 1, 0]
    (line,) = stage.entries("notified")
    assert line.data["text"] == "Look,!"
    (notice,) = stage.store.notices(bob.id)
    assert (notice.kind, notice.entry, notice.number) == ("automation", line.number, 1)
    assert named(notice.by) == {"id": "a1", "name": "Automation 1"}
    stage.switch("a1", is_on=False)
    run(stage, {"kind": "notify", "text": "x"})
    assert told() == [1, 2, 1]
    stage.switch("a2", is_on=False)
    run(stage, {"kind": "assign", "to": "user", "user": carol.id}, {"kind": "notify", "text": "x"})
    assert told() == [1, 2, 3], "the assignment, and what she was told"


def test_nobody_can_be_notified_where_nobody_is(stage: AutomationStage) -> None:
    gone = {"kind": "notify", "text": "x", "users": ["gone"]}
    assert run(stage, gone) == [("failed", "There is nobody to notify.")]
    assert stage.entries("notified") == []


def test_stop_ends_it_where_its_conditions_are_met(stage: AutomationStage) -> None:
    vip = {"all": [{"subject": "tags", "operator": "has_any", "value": ["vip"]}]}
    a = stage.automate(ANY_MESSAGE, send("first"), {"kind": "stop", "only_if": vip}, send("second"))
    stage.hears()
    assert stage.said() == ["first", "second"] and stage.results(a)[1][0] == "skipped"
    stage.tags("vip")
    stage.hears("more")
    assert stage.said() == ["first", "second", "first"] and stage.outcomes(a) == ["done", "stopped"]
    assert [question.text for question in stage.bot.asked] == ["hello", "more"], "the bot goes on"


def test_stop_without_bot_silences_it_about_that_message_only(stage: AutomationStage) -> None:
    a = stage.automate({"kind": "message_received", "match": "is", "texts": ["stop"]}, {"kind": "stop_without_bot"})
    later = stage.automate(ANY_MESSAGE, add("seen"))
    write(stage.store, "stop")
    write(stage.store, "go on")
    stage.work()
    assert [question.text for question in stage.bot.asked] == ["go on"]
    assert stage.outcomes(a) == ["stopped"] and stage.triggered(later) == 2
    assert of(stage).needs == "", "nobody is asked for"


def test_a_step_of_which_the_conditions_are_not_met_says_why(stage: AutomationStage) -> None:
    vip = {"all": [{"subject": "tags", "operator": "has_any", "value": ["vip"]}]}
    skipped, done = run(stage, send("to vips", only_if=vip), add("x"))
    assert skipped[0] == "skipped" and "vip" in skipped[1] and done == ("done", "x")
    assert stage.said() == [] and stage.outcomes("a1") == ["done"]


def test_a_step_sees_what_the_one_before_it_did(stage: AutomationStage) -> None:
    vip = {"all": [{"subject": "tags", "operator": "has_any", "value": ["vip"]}]}
    run(stage, add("vip"), send("to vips", only_if=vip))
    assert stage.said() == ["to vips"]


def test_to_a_blocked_contact_nothing_goes_and_nothing_opens(stage: AutomationStage) -> None:
    a = stage.automate("tag_added", send(), {"kind": "open_conversation"}, {"kind": "comment", "text": "x"})
    stage.hears()
    stage.acts(lambda snapshot: block(snapshot, is_blocked=True, by=ALICE))
    stage.tags("seen")
    blocked = ("nothing", "The contact is blocked.")
    assert stage.results(a) == [blocked, blocked, ("done", "")]
    assert stage.conversations() == [(1, "contact", "user")] and stage.said() == []


def test_what_was_pending_when_the_contact_was_blocked_is_not_sent(stage: AutomationStage) -> None:
    """The step is done; the message fails like any other."""
    stage.automate(ANY_MESSAGE, send("too late"))

    def block_them(text: str, tag: str) -> None:
        stage.facebook.on_send = lambda text, tag: None
        stage.acts(lambda snapshot: block(snapshot, is_blocked=True, by=ALICE))

    stage.automate(ANY_MESSAGE, send("never"))
    stage.facebook.on_send = block_them
    stage.hears()
    letters = {entry.text: entry.letter for entry in stage.entries("message")}
    assert letters["too late"] is Letter.SENT and "never" not in stage.facebook.texts
