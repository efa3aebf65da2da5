"""A contact's conversations beside the list: the page, and its panes alone when the list stays as it is."""

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from domain.models import Contact, Snapshot
from domain.users import User
from handlers.canned import fill
from handlers.rights import may_see
from web.access import current_user
from web.context import context
from web.inbox.asking import read_asked, read_place
from web.inbox.blueprint import find, inbox, is_fragment
from web.inbox.entries import key_of
from web.inbox.lists import list_context
from web.inbox.panes import Stretch, pane_context, stretch_around, stretch_before


@inbox.get("/conversations/<contact>")
def show_conversation(contact: str) -> AnyResponse | str:
    """Show a contact's whole timeline, at its end or around the entry `at`."""
    snapshot, user, asked = find(contact), current_user(), read_asked()
    at = read_place()
    if primary := snapshot.contact.merged_into:
        place = f"{at[0] or contact}-{at[1]}" if at else None
        return redirect(asked.url(f"/conversations/{primary}", at=place))
    panes = {
        **pane_context(snapshot, user),
        "stretch": _stretch(snapshot.contact, at),
        "at": key_of(at[0] or contact, at[1], snapshot.contact) if at else "",
    }
    note_seen(snapshot, user)
    if is_fragment():
        return render_template("inbox/panes.html", asked=asked, **panes)
    return render_template("inbox/inbox.html", **{**list_context(asked, user), **panes})


@inbox.get("/conversations/<contact>/assignees")
def list_assignees(contact: str) -> str:
    """List whom the conversation can be given to."""
    snapshot = find(contact)
    users = context().store.assignable_users()
    # Whoever is available first; the list is by name already.
    users.sort(key=lambda user: not user.is_available)
    return render_template("inbox/assignees.html", users=users, open=snapshot.open, contact=snapshot.contact)


@inbox.get("/conversations/<contact>/suggestions")
def list_suggestions(contact: str) -> dict[str, Any]:
    """List what the composer offers: canned replies, filled in, and the colleagues who can be mentioned."""
    snapshot, user = find(contact), current_user()
    replies = context().store.platform_settings().canned_replies
    return {
        "canned": [{"name": one.name, "text": fill(one.text, snapshot.contact, user)} for one in replies],
        "people": [
            {"name": one.name or one.email, "text": f"@{one.name or one.email}"}
            for one in context().store.users()
            if one.is_active and one.id != user.id and may_see(one, snapshot.contact, snapshot.open)
        ],
    }


def note_seen(snapshot: Snapshot, user: User) -> None:
    """The user looks at the conversation: it holds nothing unread for them, and the bell need not say it."""
    store = context().store
    if snapshot.open and request.args.get("looks", "1") == "1":
        store.mark_seen(user.id, snapshot.contact.id, snapshot.open.number, snapshot.open.incoming)
    if request.args.get("looks", "1") == "1":
        for part in (snapshot.contact.id, *snapshot.contact.parts):
            store.read_contact(user.id, part)


def _stretch(contact: Contact, at: tuple[str, int] | None) -> Stretch:
    return stretch_around(contact, at[0] or contact.id, at[1]) if at else stretch_before(contact, None)
