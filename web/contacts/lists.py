"""The list of contacts: newest first, filtered, or what a search finds."""

from typing import Any
from urllib.parse import urlencode

from flask import render_template, request

from domain.models import Contact
from domain.texts import clean
from handlers.rights import may_see
from store.listing import Page
from web.access import current_user
from web.contacts.blueprint import contacts
from web.context import context
from web.inbox.asking import MAX_TEXT_CHARS, read_position, write_position

PAGE_ROWS = 50
MOST_FOUND = 50


@contacts.get("")
def show_list() -> str:
    """Show a page of contacts, or what was searched for."""
    asked = {name: clean(request.args.get(name, ""))[:MAX_TEXT_CHARS].strip() for name in ("q", "channel", "tag")}
    page = _search(**asked) if asked["q"] else _page(asked["channel"], asked["tag"])
    asked = {name: value for name, value in asked.items() if value}
    more = {**asked, "after": write_position(page.next)} if page.next else None
    return render_template(
        "contacts/list.html",
        rows=context().store.contact_rows(page.items),
        asked=asked,
        more=f"/contacts?{urlencode(more)}" if more else "",
        is_first="after" not in request.args,
        is_cut="q" in asked and len(page.items) == MOST_FOUND,
        channels=sorted(context().channels),
        tags=context().store.tags(),
    )


def _page(channel: str, tag: str) -> Page[Any]:
    user = current_user()
    return context().store.contact_page(
        PAGE_ROWS,
        read_position(),
        channel=channel,
        tag=tag,
        shown=lambda contact, is_open: may_see(user, contact, is_open),
    )


def _search(q: str, channel: str, tag: str) -> Page[Any]:
    user = current_user()
    found = context().store.search(q, MOST_FOUND, tuple(context().channels))
    return Page([pair for pair in found if may_see(user, *pair) and _fits(pair[0], channel, tag)], None)


def _fits(contact: Contact, channel: str, tag: str) -> bool:
    has_channel = not channel or channel in [identity.channel for identity in contact.identities]
    return has_channel and (not tag or tag in contact.tags)
