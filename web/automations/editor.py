"""The pages on which an automation is made and edited: one form, which works without any script."""

from collections.abc import Sequence
from dataclasses import replace

from flask import render_template, request
from werkzeug.wrappers import Response

from domain import errors
from domain.automation_parts import STEPS
from domain.automations import Automation
from domain.definitions import BadDefinition, Problem, read_definition, write_definition
from handlers.automations.editing import mark_of
from web.automations.blueprint import automations_pages
from web.automations.choices import Choices, read_choices
from web.automations.draft_changes import REFRESH, change_draft
from web.automations.draft_definitions import definition_of, draft_of
from web.automations.drafts import Draft
from web.automations.examples import EXAMPLES
from web.automations.exchange import as_json
from web.automations.form_problems import in_form_words
from web.automations.form_views import view_form
from web.automations.reading import read_draft, unseen_parts
from web.automations.saving import (
    LIST,
    add_automation,
    change_automation,
    find_automation,
    is_new_id,
    new_id,
    saved,
)
from web.context import context

#: What the buttons that save say, and whether it is switched on as well.
_SAVE = {"save": False, "save-on": True}
_UNSEEN = "This was changed, and what else can be said of it was not shown yet. Look at it, then save again."
_GONE = "Somebody has deleted this automation meanwhile. Save to add it again, as a new one."
_CHANGED = (
    "Somebody else changed this meanwhile. What you typed is still here; save again to put it in the place of theirs."
)

Page = Response | str | tuple[str, int]


@automations_pages.get("/new")
def show_new() -> str:
    """Show an empty form, or one that is filled in with an example."""
    example = EXAMPLES.get(request.args.get("example", ""))
    draft = draft_of(read_definition(example.definition)) if example else Draft()
    return _page(draft, None, focus="" if example else "name")


@automations_pages.post("/new")
def save_new() -> Page:
    """Add it, or show the form as one of its buttons changes it."""
    return _save(None)


@automations_pages.get("/<automation_id>/edit")
def edit(automation_id: str) -> str:
    """Show one as it is."""
    automation = find_automation(automation_id)
    return _page(draft_of(automation), automation, seen=mark_of(automation))


@automations_pages.post("/<automation_id>/edit")
def save(automation_id: str) -> Page:
    """Save it, or show the form as one of its buttons changes it."""
    return _save(automation_id)


def _save(automation_id: str | None) -> Page:
    there = context().store.automations(is_fresh=True).find(automation_id) if automation_id else None
    draft, do = read_draft(request.form), request.form.get("do", "save")
    if do not in _SAVE:
        return _page(draft, there, seen=request.form.get("seen", ""), focus=change_draft(draft, do))
    choices = read_choices()
    made, problems = _read(draft, choices)
    if made is None:
        change_draft(draft, REFRESH)
        return _page(draft, there, choices, problems, seen=request.form.get("seen", ""), focus="problems"), 400
    return _write(automation_id, made, draft, there, is_active=_SAVE[do])


def _read(draft: Draft, choices: Choices) -> tuple[Automation | None, Sequence[Problem]]:
    if unseen := unseen_parts(request.form):
        return None, [Problem(where, _UNSEEN) for where in unseen]
    try:
        return read_definition(definition_of(draft), choices.known), ()
    except BadDefinition as error:
        return None, [in_form_words(problem, draft) for problem in error.problems]


def _write(
    automation_id: str | None, made: Automation, draft: Draft, there: Automation | None, *, is_active: bool
) -> Page:
    own = automation_id or request.form.get("new_id", "")
    own = own if automation_id or is_new_id(own) else new_id()
    try:
        if automation_id:
            change_automation(made, own, request.form.get("seen", ""), is_active=is_active)
        else:
            add_automation(replace(made, id=own), is_active=is_active)
    except errors.BadPayload as error:
        return _page(draft, there, notice=str(error)), 400
    except errors.NotFound:
        return _page(draft, None, notice=_GONE), 409
    except errors.Conflict as error:
        now = find_automation(own) if automation_id else None
        words = _CHANGED if now else str(error)
        return _page(draft, now, seen=mark_of(now) if now else "", notice=words), 409
    return saved(own, made.name, is_active=is_active or bool(there and there.is_active))


def _page(
    draft: Draft,
    automation: Automation | None,
    choices: Choices | None = None,
    problems: Sequence[Problem] = (),
    *,
    seen: str = "",
    focus: str = "",
    notice: str = "",
) -> str:
    """The form alone where a button within it asks, else the whole page. automation: None for a new one."""
    own = request.form.get("new_id", "")
    is_part = "HX-Request" in request.headers
    return render_template(
        f"automations/{'form' if is_part else 'editor'}.html",
        form=view_form(draft, choices or read_choices(), problems),
        automation=automation,
        address=f"{LIST}/{automation.id}/edit" if automation else f"{LIST}/new",
        seen=seen,
        new_id=own if is_new_id(own) and not notice else new_id(),
        focus=focus,
        notice=notice,
        theirs=as_json(write_definition(automation)) if automation and notice else "",
        step_kinds=STEPS,
    )
