"""A contact's page: who they are, what users wrote about them, and their conversations with what they came to."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from domain.errors import BadPayload
from domain.models import Conversation, OpenConversation, Snapshot
from domain.users import Role
from web.access import current_user
from web.contacts.blueprint import contacts, find
from web.contacts.suggestions import similar
from web.context import context
from web.inbox.panes import note_of
from web.inbox.profile import save_profile, tag
from web.inbox.words import by_whom, name_of, needs

MOST_CONVERSATIONS = 100
MOST_SUGGESTIONS = 10
_WRITTEN = ("name", "phone", "email")


@contacts.get("/<contact>")
def show(contact: str) -> Response | str:
    """Show everything about one contact; one that was merged into another leads there."""
    snapshot = find(contact)
    if snapshot.contact.merged_into:
        flash("That contact was merged into this one.")
        return redirect(f"/contacts/{context().store.resolve(contact)}")
    return _page(snapshot)


@contacts.post("/<contact>/profile")
def change(contact: str) -> Response | str:
    """Write what the user changed; what cannot be kept is shown again with what is wrong."""
    snapshot = find(contact)
    try:
        save_profile(contact)
    except BadPayload as error:
        return make_response(_page(snapshot, written=request.form.to_dict(), problem=str(error)), 400)
    flash("Saved.", "good")
    return redirect(f"/contacts/{contact}", 303)


@contacts.post("/<contact>/tags")
def change_tags(contact: str) -> Response | str:
    """Give the contact tags, parted by commas, or take one away."""
    snapshot = find(contact)
    added = tuple(part for part in request.form.get("add", "").split(",") if part.strip())
    try:
        tag(contact, added, tuple(request.form.getlist("remove")))
    except BadPayload as error:
        return make_response(_page(snapshot, tag_problem=str(error)), 400)
    return redirect(f"/contacts/{contact}", 303)


def _page(
    snapshot: Snapshot, *, written: dict[str, str] | None = None, problem: str = "", tag_problem: str = ""
) -> str:
    contact, store, user = snapshot.contact, context().store, current_user()
    settings = store.platform_settings()
    conversations = store.all_conversations(contact.id)
    known = {**{name: getattr(contact, name) for name in _WRITTEN}, **_fields(contact.fields)}
    return render_template(
        "contacts/contact.html",
        contact=contact,
        open=snapshot.open,
        needs=needs(snapshot.open.needs) if snapshot.open and snapshot.open.needs else "",
        custom_fields=settings.custom_fields,
        other_fields=_others(contact.fields, {one.id for one in settings.custom_fields}),
        known=known,
        shown={**known, **(written or {})},
        problem=problem,
        tag_problem=tag_problem,
        known_tags=store.tags(),
        conversations=[_line(owner, one) for owner, one in conversations[:MOST_CONVERSATIONS]],
        earlier=max(len(conversations) - MOST_CONVERSATIONS, 0),
        last_at_ms=store.contact_rows([(contact, snapshot.open)])[0].last_at_ms,
        suggestions=similar(contact, MOST_SUGGESTIONS),
        is_manager=user.role.includes(Role.MANAGER),
    )


def _fields(values: dict[str, str]) -> dict[str, str]:
    return {f"fields.{name}": value for name, value in values.items()}


def _others(values: dict[str, str], known: set[str]) -> dict[str, str]:
    """Values of fields that are not in the settings any more."""
    return {name: value for name, value in values.items() if name not in known}


def _line(owner: str, one: Conversation) -> dict[str, Any]:
    """What the table says of a conversation. owner: the contact it began with, before any merge."""
    is_open = isinstance(one, OpenConversation)
    return {
        "number": one.number,
        "url": f"/conversations/{owner}?at={one.first_entry}",
        "is_open": is_open,
        "channel": one.channel,
        "opened_at_ms": one.opened_at_ms,
        "opened_by": by_whom({"by": one.by, "source": one.source}),
        "closed_at_ms": None if isinstance(one, OpenConversation) else one.closed_at_ms,
        "closed_by": ""
        if isinstance(one, OpenConversation)
        else by_whom({"by": one.closed_by, "source": one.closed_source}),
        "resolution_ms": None if isinstance(one, OpenConversation) else one.resolution_ms,
        "response_ms": one.first_response_ms,
        "incoming": one.incoming,
        "outgoing": one.outgoing,
        "assignee": name_of(one.assignee),
        "note": note_of(one),
    }
