"""What was said and done, in order."""

from flask import request

from domain.errors import BadPayload
from web.api_entries import entry_bodies
from web.api_models import EntryPage, Pagination
from web.api_references import find_contact
from web.api_requests import Number, pagination, read_cursor, read_limit, read_number
from web.context import context


def show_timeline(ref: str) -> EntryPage:
    """List a contact's timeline, oldest first; `last` begins so far from its end, `after` behind an entry."""
    if "last" in request.args and {"cursor", "after", "limit"} & set(request.args):
        raise BadPayload("last stands alone: leave out cursor, after and limit.")
    contact = find_contact(ref).contact.id
    if "last" in request.args:
        count = read_limit("last")
        return EntryPage(entry_bodies(context().store.timeline(contact, -count, count)), Pagination(None))
    name = f"timeline of {contact}"
    limit, place = read_limit(), read_cursor(name, Number)
    page = context().store.timeline(contact, place.number if place else _after(), limit)
    following = page.entries[-1][0].number + 1 if page.entries else page.end
    path = f"/api/v1/contacts/id:{contact}/timeline"
    more = pagination(name, path, Number(following) if following < page.end else None, limit=limit)
    return EntryPage(entry_bodies(page), more)


def _after() -> int:
    return read_number("after", request.args["after"]) + 1 if "after" in request.args else 0
