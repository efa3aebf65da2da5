"""Merging two contacts: choose the other one, see what will happen, confirm, see that it did."""

import secrets

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from domain.errors import BadPayload, Conflict, NotFound
from domain.texts import clean
from domain.users import Role
from handlers.merges import outcome_text, preview
from store import MergeState
from web.access import current_user, needs, record_audit
from web.contacts.blueprint import contacts, find
from web.contacts.suggestions import similar
from web.context import context
from web.inbox.asking import MAX_TEXT_CHARS

MOST_FOUND = 20
MAX_OPERATION_CHARS = 64
MAX_NUMBER_CHARS = 12
#: A merge takes some milliseconds; beyond this the page looks again by itself.
WAIT_S = 1.0


@contacts.get("/<contact>/merge")
@needs(Role.MANAGER)
def choose(contact: str) -> Response | str:
    """Offer the contacts that may be the same person, and a search for others."""
    snapshot, store = find(contact), context().store
    if snapshot.contact.merged_into:
        return redirect(f"/contacts/{contact}")
    text = clean(request.args.get("q", ""))[:MAX_TEXT_CHARS].strip()
    found = store.search(text, MOST_FOUND, tuple(context().channels)) if text else []
    return render_template(
        "contacts/merge_choose.html",
        contact=snapshot.contact,
        text=text,
        found=[one for one, _ in found if one.id != contact],
        suggestions=similar(snapshot.contact, MOST_FOUND),
    )


@contacts.get("/<contact>/merge/<other>")
@needs(Role.MANAGER)
def show_preview(contact: str, other: str) -> Response | str:
    """Show what a merge will do."""
    primary, secondary = find(contact), find(other)
    if primary.contact.merged_into or secondary.contact.merged_into:
        return redirect(f"/contacts/{contact}/merge")
    return render_template(
        "contacts/merge_preview.html",
        primary=primary.contact,
        secondary=secondary.contact,
        operation=secrets.token_urlsafe(16),
        preview=preview(primary, secondary, undecided=context().store.count_undecided(secondary)),
        labels=_labels(),
        outcome_text=outcome_text,
    )


@contacts.post("/<contact>/merge/<other>")
@needs(Role.MANAGER)
def merge(contact: str, other: str) -> Response:
    """Ask for the merge; a form that is sent twice asks once."""
    primary, secondary = find(contact), find(other)
    operation = request.form.get("operation", "")
    if not operation or len(operation) > MAX_OPERATION_CHARS:
        raise BadPayload("The form is not complete; go back and reload the page.")
    if primary.contact.id == secondary.contact.id:
        raise Conflict("These are one contact already.")
    entry, is_new = context().store.request_merge_once(contact, other, by=current_user().card, operation=operation)
    if is_new:
        record_audit("contact.merged", contact=other, into=contact, merge=entry)
    return redirect(f"/contacts/merges/{entry}", 303)


@contacts.get("/merges/<entry>")
@needs(Role.MANAGER)
def show_state(entry: str) -> str:
    """Say what became of a merge; the page asks again while it is under way."""
    if not (entry.isascii() and entry.isdigit() and len(entry) < MAX_NUMBER_CHARS):
        raise NotFound("There is no such merge.")
    number = int(entry)
    is_fragment = "HX-Request" in request.headers
    store = context().store
    state = store.merge_state(number) if is_fragment else store.wait_for_merge(number, WAIT_S)
    page = "contacts/merge_state_part.html" if is_fragment else "contacts/merge_state.html"
    return render_template(page, entry=number, state=state, words=outcome_text(state.outcome), is_good=_is_good(state))


def _is_good(state: MergeState) -> bool:
    return state.outcome in ("merged", "same")


def _labels() -> dict[str, str]:
    fields = context().store.platform_settings().custom_fields
    plain = {"name": "Name", "phone": "Phone", "email": "Email", "language": "Language", "country": "Country"}
    return {**plain, **{f"fields.{one.id}": one.name for one in fields}}
