"""What was typed goes through the form without a loss, and back into a definition."""

from dataclasses import replace

import pytest
from flask import Flask, render_template
from hypothesis import HealthCheck, given, settings
from werkzeug.datastructures import MultiDict

from domain.automation_parts import STEPS
from domain.automations import Automation, Condition, Group
from domain.definitions import read_definition
from tests.domain.generated_automations import CATEGORIES, CHANNELS, FIELDS, KNOWN, USERS, automations
from tests.web.automations.forms import Fields, ids_in, read_form
from web.automations.choices import Choices
from web.automations.draft_changes import change_draft
from web.automations.draft_definitions import definition_of, draft_of
from web.automations.drafts import Draft, Length, Row, Rows, StepDraft
from web.automations.form_views import view_form
from web.automations.reading import read_draft

CHOICES = Choices(
    users=dict.fromkeys(USERS, "Somebody"),
    fields={field: field.title() for field in FIELDS},
    channels={name: name for name in ("facebook", "viber", *CHANNELS)},
    categories={name: name for name in CATEGORIES},
)


@settings(max_examples=50)
@given(automations())
def test_an_automation_comes_back_from_a_draft_as_it_was(automation: Automation) -> None:
    assert read_definition(definition_of(draft_of(automation)), KNOWN) == automation


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(automations())
def test_it_comes_back_from_the_form_as_it_was(app: Flask, automation: Automation) -> None:
    page, fields = shown(app, draft_of(automation))
    ids_in(page)
    saved = read_definition(definition_of(read_draft(form(fields))), KNOWN)
    assert in_order(saved) == in_order(automation)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(automations())
def test_no_button_loses_what_the_others_are_about(app: Flask, automation: Automation) -> None:
    draft = read_draft(form(shown(app, draft_of(automation))[1]))
    added = f"steps.{len(draft.steps)}"
    conditions = len(draft.conditions.members)
    for do in (
        *("refresh trigger.kind", "down steps.0", "up steps.1", "add-step stop", f"remove-step {added}"),
        *("add-condition conditions", "add-group conditions"),
        *[f"remove conditions.{conditions}"] * 2,
    ):
        change_draft(draft, do)
    assert in_order(read_definition(definition_of(draft), KNOWN)) == in_order(automation)


def test_what_is_not_complete_comes_back_as_it_was_typed(app: Flask) -> None:
    draft = Draft(name="  ", description="a\n\nb", trigger=None, last_step=4)
    draft.conditions.members = [Row(), Rows(is_any=True, members=[Row("tags", "has_any", ["vip"])])]
    draft.steps = [StepDraft("s4", kind) for kind in STEPS]
    draft.steps[0].values = {"text": "<b>&\n </textarea>"}
    wait = next(step for step in draft.steps if step.kind == "wait")
    wait.values = {"minutes": Length("soon", 60)}
    again = read_draft(form(shown(app, draft)[1]))
    assert (again.description, again.conditions, again.last_step) == (draft.description, draft.conditions, 4)
    assert again.steps[0].values == draft.steps[0].values
    assert next(step for step in again.steps if step.kind == "wait").values == wait.values


@pytest.mark.parametrize(
    "fields",
    [
        {"trigger.kind": "nothing", "steps.0.kind": "explode", "steps.x.kind": "stop", "steps.99999.kind": "stop"},
        {"steps.0.kind": "wait", "steps.0.minutes": "9" * 5000, "steps.0.minutes.unit": "-1", "last_step": "²"},
        {"conditions.0.0.0.0.subject": "bot", "conditions.0.mode": "any", "conditions.1.kept": "[" * 100_000},
        {"conditions.0.subject": "__class__", "conditions.1.subject": "field:", "conditions.1.operator": "is"},
        {"do": "\ud800", "name": "\x00\x07", "steps.0.kind": "add_tags", "steps.0.tags": "\ud800,\x00,,"},
    ],
)
def test_what_no_page_of_ours_sends_does_no_harm(app: Flask, fields: dict[str, str]) -> None:
    draft = read_draft(MultiDict(fields))
    for do in ("up steps.0", "down steps.-1", "remove conditions.9", "add-step ?", "add-group steps.7", "what", ""):
        change_draft(draft, do)
    shown(app, draft)


def test_a_step_that_is_added_never_gets_the_id_of_one_that_was_taken_away() -> None:
    draft = Draft()
    for do in ("add-step stop", "add-step wait", "remove-step steps.1", "add-step stop"):
        change_draft(draft, do)
    assert [step.id for step in draft.steps] == ["s1", "s3"]


def test_a_group_goes_with_the_last_condition_in_it() -> None:
    draft = Draft()
    change_draft(draft, "add-condition conditions")
    assert change_draft(draft, "add-group conditions") == "conditions.1.0.subject"
    assert change_draft(draft, "remove conditions.1.0") == "conditions.0.subject"
    assert draft.conditions == Rows(members=[Row()])


def shown(app: Flask, draft: Draft) -> tuple[str, Fields]:
    with app.test_request_context():
        page = render_template(
            "automations/form.html",
            form=view_form(draft, CHOICES),
            automation=None,
            address="/",
            focus="",
            step_kinds=STEPS,
        )
    return page, read_form(page)


def form(fields: Fields) -> MultiDict[str, str]:
    return MultiDict([(name, value) for name, values in fields.items() for value in values])


def in_order(automation: Automation) -> Automation:
    """The same with several values of one kind in an order of their own: ticks have none."""
    trigger = replace(automation.trigger, values=_sorted(dict(automation.trigger.values)))
    steps = tuple(
        replace(step, values=_sorted(dict(step.values)), only_if=_group(step.only_if)) for step in automation.steps
    )
    return replace(automation, trigger=trigger, steps=steps, conditions=_group(automation.conditions))


def _sorted(values: dict[str, object]) -> dict[str, object]:
    return {name: tuple(sorted(value)) if isinstance(value, tuple) else value for name, value in values.items()}


def _group(group: Group) -> Group:
    return Group(tuple(_member(member) for member in group.members), group.is_any)


def _member(member: Condition | Group) -> Condition | Group:
    if isinstance(member, Group):
        return _group(member)
    return replace(member, value=tuple(sorted(member.value))) if isinstance(member.value, tuple) else member
