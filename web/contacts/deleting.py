"""Deleting a contact: what goes and what stays is said first, and has to be confirmed."""

import time

from flask import flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from domain.errors import NotFound
from domain.identities import is_contact_id
from domain.users import Role
from store import Deleted
from web.access import current_user, needs, record_audit
from web.contacts.blueprint import contacts, find
from web.context import context

#: A worker is done with a contact within that, as a rule; beyond it the page says to try again.
PATIENCE_S = 2.0
LOOK_EVERY_S = 0.25
_UNCONFIRMED = "Tick the box to say that this contact is to be deleted."
_BUSY = "The contact is being answered or merged at this moment. Nothing was lost; try again in a few seconds."


@contacts.get("/<contact>/delete")
@needs(Role.MANAGER)
def ask_delete(contact: str) -> Response | str:
    """Say what will go and what will stay."""
    snapshot = find(contact)
    if snapshot.contact.merged_into:
        return redirect(f"/contacts/{contact}")
    return render_template("contacts/delete.html", contact=snapshot.contact, open=snapshot.open, problem="")


@contacts.post("/<contact>/delete")
@needs(Role.MANAGER)
def delete(contact: str) -> Response | str:
    """Delete the contact; a second try finds it gone."""
    try:
        snapshot = find(contact)
    except NotFound:
        if not is_contact_id(contact):
            raise
        return _gone("This contact is deleted already.")
    if request.form.get("confirmed") != "yes":
        page = render_template(
            "contacts/delete.html", contact=snapshot.contact, open=snapshot.open, problem=_UNCONFIRMED
        )
        return make_response(page, 400)
    deleted = _delete(contact)
    if deleted is Deleted.MERGED:
        return redirect(f"/contacts/{contact}", 303)
    if deleted is Deleted.BUSY:
        page = render_template("contacts/delete.html", contact=snapshot.contact, open=snapshot.open, problem=_BUSY)
        return make_response(page, 409)
    if deleted is Deleted.UNKNOWN:
        return _gone("This contact is deleted already.")
    record_audit("contact.deleted", contact=contact)
    return _gone("The contact is deleted.")


def _delete(contact: str) -> Deleted:
    """Try for a while: a worker that answers the contact at this moment will be done soon."""
    store, by = context().store, current_user().card
    give_up_at = time.monotonic() + PATIENCE_S
    deleted = store.delete_contact(contact, by)
    while deleted is Deleted.BUSY and time.monotonic() < give_up_at:
        time.sleep(LOOK_EVERY_S)
        deleted = store.delete_contact(contact, by)
    return deleted


def _gone(words: str) -> Response:
    flash(words, "good")
    return redirect("/contacts", 303)
