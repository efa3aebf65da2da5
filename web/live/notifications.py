"""What a user is told and has not read: the page of it, the number on the bell, and what the browser shows of it."""

from typing import NamedTuple

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from domain.errors import NotFound, StoreError
from domain.identities import is_contact_id
from domain.users import User
from handlers.rights import may_see
from store import Notice
from web.access import current_user, guard
from web.context import context
from web.inbox.words import name_of

notifications = Blueprint("notifications", __name__, url_prefix="/notifications")
guard(notifications)

SHOWN = 100
#: So many of the newest are for the browser to show at once.
NEWS = 5
_WORDS = {
    "needs_person": "{name} needs a person",
    "mentioned": "{by} mentioned you about {name}",
    "assigned": "{by} assigned {name} to you",
    "automation": "{by} tells you about {name}",
}


class Line(NamedTuple):
    """A notice as people read it; nothing that was written stands in it."""

    contact: str
    entry: int
    text: str
    url: str
    at_ms: int


@notifications.get("")
def index() -> str:
    """List what the user has not read."""
    return _page(is_shown_again=False)


@notifications.get("/news")
def news() -> Response:
    """Say how much is unread, and the newest of it; pages that are not looked at ask for it every 30 seconds."""
    user = current_user()
    items = [
        {"tag": f"{line.contact}-{line.entry}", "text": line.text, "url": line.url, "at_ms": line.at_ms}
        for line in _lines(user, NEWS)
    ]
    response = jsonify(unread=context().store.count_notices(user.id), items=items)
    response.add_etag()
    response.headers["Cache-Control"] = "no-store"
    return response.make_conditional(request)  # type: ignore[return-value]


@notifications.get("/bell")
def bell() -> str:
    """Return the number on the bell."""
    return render_template("live/bell.html")


@notifications.app_template_global("unread_notices")
def unread_notices() -> int:
    """Return how much the viewer has not read; 0 where the store is away, so that an error page has a bell, too."""
    try:
        return context().store.count_notices(current_user().id)
    except StoreError:
        return 0


@notifications.post("/read")
def read() -> AnyResponse:
    """Take one away: it is read."""
    contact, entry = request.form.get("contact", ""), request.form.get("entry", "")
    if not is_contact_id(contact) or not entry.isdecimal() or len(entry) > 15:
        raise BadRequest("Which notification is meant?")
    context().store.read_notice(current_user().id, contact, int(entry))
    return _shown_again()


@notifications.post("/read-all")
def read_all() -> AnyResponse:
    """Take away all that stood in the list that the user saw."""
    until_ms = request.form.get("until_ms", "")
    if not until_ms.isdecimal() or len(until_ms) > 15:
        raise BadRequest("Up to when shall they be read?")
    context().store.read_all_notices(current_user().id, int(until_ms))
    return _shown_again()


def _shown_again() -> AnyResponse:
    if "HX-Request" not in request.headers:
        return redirect("/notifications", 303)
    response = Response(_page(is_shown_again=True))
    response.headers["HX-Trigger"] = "markdone:read"  # the bell counts anew
    return response


def _page(*, is_shown_again: bool) -> str:
    lines = _lines(current_user(), SHOWN)
    until_ms = max((line.at_ms for line in lines), default=0)
    return render_template("live/notifications.html", lines=lines, until_ms=until_ms, is_shown_again=is_shown_again)


def _lines(user: User, limit: int) -> list[Line]:
    found = context().store.notices(user.id, limit)
    return [_line(one) for one in found if user.sees_all or _may_still_see(user, one)]


def _may_still_see(user: User, notice: Notice) -> bool:
    """Somebody else may have the conversation by now; then the notice goes."""
    store = context().store
    try:
        snapshot = store.snapshot(notice.contact.id)
        if may_see(user, snapshot.contact, snapshot.open):
            return True
    except NotFound:
        pass
    store.read_contact(user.id, notice.contact.id)
    return False


def _line(notice: Notice) -> Line:
    contact = notice.contact
    words = _WORDS.get(notice.kind, "Something happened with {name}")
    by = name_of(notice.by) or "Somebody"
    by = by[:1].upper() + by[1:]
    # A merge gives the entries other numbers.
    place = contact.merged_into or f"{contact.id}?at={notice.entry}"
    text = words.format(name=contact.name or "A contact", by=by)
    return Line(contact.id, notice.entry, text, f"/conversations/{place}", notice.at_ms)
