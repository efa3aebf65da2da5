"""A manager makes automations in the form, without any script: nothing that was typed is ever lost."""

from dataclasses import replace
from html import unescape

from flask import Flask

from app import create_app
from domain.automations import MOST_AUTOMATIONS, MOST_STEPS, Condition, Group, Once, TriggerKind
from domain.definitions import read_definition
from domain.users import Role
from handlers.automations import editing
from store import Store
from tests.conftest import BOT, PAGE, settings_for
from tests.servers import Valkey
from tests.web.automations.doings import items, keep
from tests.web.automations.forms import Editor, focus_in, ids_in, problems_in, read_form
from tests.web.signed_in import Visitor, add_user, sign_in
from web.automations.examples import EXAMPLES

NEW = "/automations/new"


def after_hours(maria: Visitor) -> Editor:
    editor = Editor(maria, NEW).type(name="After hours", trigger__kind="conversation_opened")
    editor.press("refresh trigger.kind").type(trigger__sources=["contact", "welcome_event"])
    editor.press("add-condition conditions").type(conditions__0__subject="business_hours")
    editor.press("refresh conditions.0.subject").type(conditions__0__operator="outside")
    editor.press("add-step send_message").type(steps__0__text="We are back at 9.\r\nThank you!")
    return editor.press("add-step add_tags").type(steps__1__tags=["night", ""])


def test_an_automation_is_made_step_by_step(maria: Visitor, store: Store) -> None:
    editor = after_hours(maria).press("save", 303)
    (made,) = items(store)
    assert editor.answer.location == f"/automations?saved={made.id}"
    assert (made.name, made.is_active, made.once) == ("After hours", False, Once.ALWAYS)
    assert (made.trigger.kind, made.trigger.texts("sources")) == (
        TriggerKind.CONVERSATION_OPENED,
        ("contact", "welcome_event"),
    )
    assert made.conditions == Group((Condition("business_hours", "outside"),))
    assert [(step.id, step.kind) for step in made.steps] == [("s1", "send_message"), ("s2", "add_tags")]
    assert made.steps[0].text("text") == "We are back at 9.\nThank you!"
    assert made.steps[1].texts("tags") == ("night",)
    page = maria.get(editor.answer.location).text
    assert "It is off: nothing happens until you switch it on." in page
    assert store.audit(1)[0]["automation"] == "added “After hours”"


def test_it_can_be_saved_and_switched_on_at_once(maria: Visitor, store: Store) -> None:
    after_hours(maria).press("save-on", 303)
    (made,) = items(store)
    assert made.is_active and made.active_since_ms == made.created_at_ms > 0
    assert store.audit(1)[0]["automation"] == "added and switched on “After hours”"


def test_every_button_shows_where_one_goes_on(maria: Visitor) -> None:
    editor = Editor(maria, NEW)
    assert focus_in(editor.answer.text) == "name"
    for do, focus in (
        ("refresh trigger.kind", "trigger.kind"),
        ("add-step send_message", "steps.0.text"),
        ("add-step add_tags", "steps.1.tags"),
        ("add-step stop", "steps.2"),
        ("up steps.2", "steps.1.up"),
        ("up steps.1", "steps.0.down"),
        ("down steps.0", "steps.1.down"),
        ("remove-step steps.1", "steps.1"),
        ("add-condition steps.1.only_if", "steps.1.only_if.0.subject"),
        ("remove steps.1.only_if.0", "steps.1.only_if.add"),
        ("add-condition conditions", "conditions.0.subject"),
        ("add-group conditions", "conditions.1.0.subject"),
        ("add-condition conditions.1", "conditions.1.1.subject"),
        ("remove conditions.0", "conditions.0.mode"),
        ("remove-step steps.0", "steps.0"),
        ("remove-step steps.0", "steps.add"),
    ):
        editor.press(do)
        assert focus_in(editor.answer.text) == focus, do
        assert focus in ids_in(editor.answer.text)


def test_htmx_gets_the_form_alone(maria: Visitor) -> None:
    editor = Editor(maria, NEW)
    part = maria.post(NEW, {**editor.fields, "do": "add-step wait"}, headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<form class="stack" id="editor"')
    assert "steps.0.minutes" in read_form(part.text)


def test_lengths_are_typed_in_any_unit_and_come_back_in_the_largest(maria: Visitor, store: Store) -> None:
    editor = Editor(maria, NEW).type(name="Quiet", trigger__kind="no_answer_from_contact").press("refresh trigger.kind")
    editor.type(trigger__minutes="48", trigger__minutes__unit="60").press("add-step close_conversation")
    assert editor.fields["trigger.minutes"] == ["48"], "nothing is counted anew while one types"
    editor.press("save", 303)
    (made,) = items(store)
    assert made.trigger.number("minutes") == 2880
    again = Editor(maria, f"/automations/{made.id}/edit").fields
    assert (again["trigger.minutes"], again["trigger.minutes.unit"]) == (["2"], ["1440"])


def test_what_is_wrong_is_said_at_its_field_and_above_with_a_way_there(maria: Visitor, store: Store) -> None:
    editor = Editor(maria, NEW).press("add-step wait").press("add-step assign").press("add-condition conditions")
    editor.type(description="Kept", steps__0__minutes="soon", steps__1__to="user").press("save", 400)
    found = problems_in(editor.answer.text)
    assert found == {
        "name": "Name: write what the automation is called.",
        "trigger.kind": "When it runs: choose what it waits for.",
        "conditions.0.subject": "Condition 1: choose what it is about.",
        "steps.0.minutes": found["steps.0.minutes"],
        "steps.1.user": found["steps.1.user"],
    }
    assert found["steps.0.minutes"].startswith("Step 1, Wait: For how long:")
    assert set(found) <= ids_in(editor.answer.text)
    for place in found:
        assert f'id="{place}-error"' in editor.answer.text, place
    assert focus_in(editor.answer.text) == "problems"
    assert (editor.fields["description"], editor.fields["steps.0.minutes"]) == (["Kept"], ["soon"])
    assert items(store) == ()


def test_what_was_chosen_but_not_looked_at_is_not_saved(maria: Visitor, store: Store) -> None:
    """Without a script the page shows the fields of a choice only after a button was pressed."""
    editor = after_hours(maria).type(trigger__kind="conversation_closed", conditions__0__subject="bot")
    editor.press("save", 400)
    assert set(problems_in(editor.answer.text)) == {"trigger.kind", "conditions.0.subject"}
    assert editor.fields["conditions.0.operator"] == ["on"]
    assert items(store) == ()
    editor.press("save", 303)
    assert items(store)[0].conditions == Group((Condition("bot", "on"),))


def test_a_value_is_not_taken_over_by_another_subject_but_kept_by_another_operator(maria: Visitor) -> None:
    editor = Editor(maria, NEW).press("add-condition conditions").type(conditions__0__subject="contact.name")
    editor.press("refresh").type(conditions__0__operator="is", conditions__0__value="Susan")
    editor.type(conditions__0__operator="is_set").press("refresh").type(conditions__0__operator="is").press("refresh")
    assert editor.fields["conditions.0.value"] == ["Susan"]
    editor.type(conditions__0__subject="contact.email").press("refresh")
    assert editor.fields["conditions.0.value"] == ["Susan"]
    editor.type(conditions__0__subject="tags").press("refresh")
    assert editor.fields["conditions.0.value"] == [""]


def test_what_depends_on_a_choice_is_shown_with_it_and_not_saved_without_it(maria: Visitor, store: Store) -> None:
    bob = add_user(store, name="Bob")
    editor = Editor(maria, NEW).type(name="To Bob", trigger__kind="by_hand").press("refresh").press("add-step assign")
    assert 'for="steps.0.user"' not in editor.answer.text
    editor.type(steps__0__to="user").press("refresh steps.0.to").type(steps__0__user=bob.id)
    editor.type(steps__0__to="round_robin").press("refresh steps.0.to")
    assert editor.fields["steps.0.user"] == [bob.id], "kept, in case it is one user after all"
    editor.press("save", 303)
    assert dict(items(store)[0].steps[0].values) == {"to": "round_robin"}


def test_the_choices_are_those_of_the_platform(maria: Visitor, store: Store) -> None:
    store.know_tags(["vip"])
    bob = add_user(store, name="Bob")
    page = Editor(maria, NEW).type(trigger__kind="welcome").press("refresh").press("add-step notify").answer.text
    for word in (f'value="facebook:{PAGE}"', f'value="viber:{BOT}"', f'value="{bob.id}"', '<option value="vip">'):
        assert word in page


def test_an_automation_is_edited_in_its_place(maria: Visitor, store: Store) -> None:
    keep(store)
    store.change_automations(lambda now: editing.set_active(now, "aaaa1111", True, 5))
    editor = Editor(maria, "/automations/aaaa1111/edit").type(name="At night")
    assert "Save and switch on" not in editor.answer.text
    editor.press("save", 303)
    assert editor.answer.location == "/automations#automation-aaaa1111"
    (now,) = items(store)
    assert (now.name, now.is_active, now.active_since_ms) == ("At night", True, 5)
    assert store.audit(1)[0]["automation"] == "changed “At night”"


def test_of_two_who_edit_one_the_second_is_told_and_loses_nothing(maria: Visitor, bob: Visitor, store: Store) -> None:
    path = f"/automations/{keep(store)}/edit"
    first, second = Editor(bob, path).type(name="Bob's"), Editor(maria, path).type(name="Maria's")
    first.press("save", 303)
    second.press("add-step stop").press("save", 409)
    assert "Somebody else changed this meanwhile." in second.answer.text
    assert "“Bob&#39;s”" in second.answer.text and "What they saved" in second.answer.text
    assert second.fields["name"] == ["Maria's"] and "steps.2.kind" in second.fields
    second.press("save", 303)
    assert items(store)[0].name == "Maria's"


def test_what_somebody_deleted_meanwhile_can_be_added_again(maria: Visitor, store: Store) -> None:
    editor = Editor(maria, f"/automations/{keep(store)}/edit").type(name="Mine")
    store.change_automations(lambda now: ())
    editor.press("save", 409)
    assert "Somebody has deleted this automation meanwhile." in editor.answer.text
    editor.path = NEW
    editor.press("save", 303)
    assert [item.name for item in items(store)] == ["Mine"]


def test_a_form_that_is_sent_twice_adds_once(maria: Visitor, store: Store) -> None:
    editor = after_hours(maria).press("save", 303).press("save", 303)
    assert len(items(store)) == 1
    editor.type(name="Another").press("save", 409)
    assert "was added already" in editor.answer.text
    editor.press("save", 303)
    assert [item.name for item in items(store)] == ["After hours", "Another"]


def test_there_is_an_end_to_automations_and_to_steps(maria: Visitor, store: Store) -> None:
    editor = after_hours(maria)
    for _ in range(MOST_STEPS):
        editor.press("add-step stop")
    assert f"steps.{MOST_STEPS - 1}.kind" in editor.fields and f"steps.{MOST_STEPS}.kind" not in editor.fields
    assert "There are as many steps as one automation can have." in editor.answer.text
    one = replace(read_definition(EXAMPLES["after-hours"].definition), id="x")
    many = tuple(replace(one, id=f"{at:08x}", position=at) for at in range(MOST_AUTOMATIONS))
    store.change_automations(lambda now: many)
    editor.press("save", 400)
    assert "There are 100 automations already" in editor.answer.text
    assert editor.fields["name"] == ["After hours"]


def test_conditions_that_stand_deeper_stay_as_they_are(maria: Visitor, store: Store) -> None:
    deep = Group((Group((Group((Condition("bot", "on"), Condition("tags", "has_any", ("a",)))),), is_any=True),))
    keep(store, conditions=deep)
    editor = Editor(maria, "/automations/aaaa1111/edit")
    assert "Conditions within conditions" in editor.answer.text and "/automations/aaaa1111/json" in editor.answer.text
    editor.press("add-step stop").type(name="Deep").press("save", 303)
    assert items(store)[0].conditions == deep


def test_what_is_not_there_any_more_is_shown_and_named(maria: Visitor, store: Store) -> None:
    keep(store, conditions=Group((Condition("field:GONE", "is", "x"),)))
    editor = Editor(maria, "/automations/aaaa1111/edit")
    assert "Field GONE (not there any more)" in editor.answer.text
    editor.press("save", 400)
    assert "GONE" in unescape(problems_in(editor.answer.text)["conditions.0.subject"])


def test_each_example_can_be_saved_as_it_is(maria: Visitor, store: Store) -> None:
    for key, example in EXAMPLES.items():
        Editor(maria, f"{NEW}?example={key}").press("save", 303)
        assert items(store)[-1] == replace(
            read_definition(example.definition),
            id=items(store)[-1].id,
            created_at_ms=items(store)[-1].created_at_ms,
            position=len(items(store)) - 1,
        )


def test_what_was_typed_is_shown_as_text(maria: Visitor) -> None:
    editor = after_hours(maria).type(name='"><script>alert(1)</script>', steps__0__text="</textarea><script>")
    editor.press("add-step stop")
    assert "<script>alert" not in editor.answer.text and "<script></" not in editor.answer.text
    assert editor.fields["steps.0.text"] == ["</textarea><script>"]


def test_http_is_for_the_hosts_that_were_allowed(valkey: Valkey, store: Store) -> None:
    app = create_app(settings_for(valkey.url, automation_hosts=frozenset({"crm.internal"})))
    editor = Editor(sign_in(app, store, Role.MANAGER), NEW).type(name="Call", trigger__kind="by_hand").press("refresh")
    editor.press("add-step call_url").type(steps__0__url="http://crm.example/hook").press("save", 400)
    assert "https://" in problems_in(editor.answer.text)["steps.0.url"]
    editor.type(steps__0__url="http://crm.internal/hook").press("save", 303)


def test_agents_have_no_automations(app: Flask, store: Store) -> None:
    agent = sign_in(app, store, Role.AGENT, name="Charlie")
    assert agent.get("/automations").status_code == agent.get(NEW).status_code == 403
    assert agent.post(NEW, {"name": "x"}).status_code == 403
    assert "/automations" not in agent.get("/contacts").text
    manager = sign_in(app, store, Role.MANAGER, name="Maria")
    assert 'href="/automations"' in manager.get("/contacts").text
