"""The list of automations, and what one does to them there: switch on and off, move, copy, delete."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from domain.automation_runs import AutomationNumbers
from domain.automations import MOST_AUTOMATIONS
from domain.errors import Conflict
from handlers.automations import editing
from web.automations.blueprint import automations_pages
from web.automations.choices import read_choices
from web.automations.examples import EXAMPLES
from web.automations.saving import LIST, find_automation, is_new_id, new_id, record, switch_automation
from web.automations.words import trigger_words
from web.context import context

#: So many are looked through with the eyes; above that one can search.
SEARCHED_ABOVE = 10
_NEVER = AutomationNumbers()


@automations_pages.get("")
def show_list() -> str:
    """Show all of them in their order; ?q= those whose name holds it."""
    store, q = context().store, request.args.get("q", "").strip()[:200]
    items, numbers, choices = store.automations(is_fresh=True).items, store.automation_numbers(), read_choices()
    found = [item for item in items if q.casefold() in item.name.casefold()]
    return render_template(
        "automations/list.html",
        rows=[(item, trigger_words(item.trigger, choices), numbers.get(item.id, _NEVER)) for item in found],
        count=len(items),
        first=items[0].id if items else "",
        last=items[-1].id if items else "",
        q=q,
        can_search=len(items) > SEARCHED_ABOVE or bool(q),
        has_room=len(items) < MOST_AUTOMATIONS,
        most=MOST_AUTOMATIONS,
        examples=EXAMPLES,
        saved=store.automations().find(request.args.get("saved", "")),
        moved=request.args.get("moved", ""),
        new_id=new_id,
    )


@automations_pages.post("/<automation_id>/active")
def switch(automation_id: str) -> Response:
    """Switch one on or off."""
    is_active = request.form.get("active") == "1"
    before = switch_automation(automation_id, is_active)
    words = "on. It holds within 2 seconds." if is_active else "off. What it was waiting for ends."
    flash(f"“{before.name}” is {words}", "good")
    return redirect(f"{LIST}#automation-{automation_id}", 303)


@automations_pages.post("/<automation_id>/move")
def move(automation_id: str) -> Response:
    """Move one up or down by one place."""
    word = "up" if request.form.get("to") == "up" else "down"
    context().store.change_automations(lambda items: editing.move(items, automation_id, -1 if word == "up" else 1))
    record(find_automation(automation_id), f"moved {word}:")
    return redirect(f"{LIST}?moved={automation_id}.{word}#automation-{automation_id}", 303)


@automations_pages.post("/<automation_id>/clone")
def clone(automation_id: str) -> Response:
    """Put a copy behind it, switched off, and show that to be edited."""
    copied, given, now_ms = find_automation(automation_id), request.form.get("new_id", ""), context().store.now_ms()
    own = given if is_new_id(given) else new_id()
    context().store.change_automations(lambda items: editing.clone(items, automation_id, own, now_ms))
    record(copied, "cloned")
    flash("This is the copy. It is off until you switch it on.", "good")
    return redirect(f"{LIST}/{own}/edit", 303)


@automations_pages.get("/<automation_id>/delete")
def ask_delete(automation_id: str) -> str:
    """Ask before it is deleted."""
    return _delete_page(automation_id)


@automations_pages.post("/<automation_id>/delete")
def delete(automation_id: str) -> Response | tuple[str, int]:
    """Delete it, with its numbers and its history."""
    store, seen = context().store, request.form.get("seen", "")
    before = store.automations(is_fresh=True).find(automation_id)
    try:
        store.change_automations(lambda items: editing.remove(items, automation_id, seen))
    except Conflict as error:
        return _delete_page(automation_id, f"{error} Delete it again if you still want to."), 409
    if before is not None:
        store.forget_automation(automation_id)
        record(before, "deleted")
    flash("The automation is deleted.", "good")
    return redirect(LIST, 303)


def _delete_page(automation_id: str, problem: str = "") -> str:
    automation = find_automation(automation_id)
    return render_template(
        "automations/delete.html", automation=automation, seen=editing.mark_of(automation), problem=problem
    )
