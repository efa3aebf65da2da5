"""What was said and done, in order, also with the contacts that were merged into one."""

from flask import request

from domain.errors import BadPayload, NotFound
from store import HistoryPage
from web.api_entries import entry_body
from web.api_models import EntryPage
from web.api_references import find_contact
from web.api_requests import Mark, pagination, read_cursor, read_entry_id, read_limit
from web.context import context


def show_timeline(ref: str) -> EntryPage:
    """List a contact's timeline, oldest first; `last` begins so far from its end, `after` behind an entry."""
    if "last" in request.args and {"cursor", "after", "limit"} & set(request.args):
        raise BadPayload("last stands alone: leave out cursor, after and limit.")
    contact = find_contact(ref).contact.id
    name, limit = f"timeline of {contact}", read_limit("last" if "last" in request.args else "limit")
    page = _page(contact, name, limit)
    items = [entry_body(found, contact) for found in page.entries]
    path = f"/api/v1/contacts/id:{contact}/timeline"
    return EntryPage(items, pagination(name, path, Mark(page.after) if page.has_more else None, limit=limit))


def _page(contact: str, name: str, limit: int) -> HistoryPage:
    store = context().store
    if "last" in request.args:
        return store.history(contact, limit=limit)
    if place := read_cursor(name, Mark):
        return store.history_from(contact, place.position, limit)
    if "after" not in request.args:
        return store.history_from(contact, limit=limit)
    part, number = read_entry_id("after", request.args["after"])
    try:
        return store.history_behind(contact, part or contact, number, limit)
    except NotFound:
        raise BadPayload("after is not an entry of this contact's timeline.") from None
