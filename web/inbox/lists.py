"""The list of the inbox: its page, the rows of it that come while one scrolls, and how many there are."""

import zlib
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template

from domain.inbox import InboxRow, View
from domain.models import Contact, OpenConversation
from domain.users import User
from handlers.rights import may_see
from store import Position
from web.access import current_user
from web.context import context
from web.inbox import words
from web.inbox.asking import SORTS, VIEWS, Asked, read_asked, read_number, read_position, write_position
from web.inbox.blueprint import inbox
from web.inbox.entries import snippet
from web.inbox.panes import note_of

PAGE = 40
#: A list that is fetched again is fetched as long as it was, so many rows at a time (static/rows.js).
MOST_ROWS = 200
MOST_FOUND = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list. picked: what a checkbox sends; empty where nothing can be done to it."""

    contact: Contact
    number: int
    picked: str = ""
    who: str = ""
    text: str = ""
    at_ms: int = 0
    waiting_since_ms: int = 0
    closed_at_ms: int = 0
    unread: int = 0
    assignee: str = ""
    is_mine: bool = False
    needs: str = ""
    with_bot: bool = False
    starts_at: int | None = None  # the entry to show first; None: the end of the timeline

    @property
    def version(self) -> str:
        """Changes when the row would look different."""
        return f"{zlib.crc32(repr(self).encode('utf-8', 'replace')):x}"


@inbox.get("/")
def show_inbox() -> str:
    """Show the inbox with no conversation beside the list."""
    return render_template("inbox/inbox.html", **list_context(read_asked(), current_user()))


@inbox.get("/inbox/list")
def show_rows() -> Response:
    """Return rows: what goes on behind a position, or the list again; the counts come with the latter."""
    asked, user, after = read_asked(), current_user(), read_position()
    length = min(max(read_number("length") or PAGE, PAGE), MOST_ROWS)
    found = _context_of_rows(asked, user, length, after)
    if after is None:
        found.update(_counts(user))
    return make_response(render_template("inbox/rows.html", asked=asked, is_first=after is None, **found))


def list_context(asked: Asked, user: User) -> dict[str, Any]:
    """Return what the list's part of a page shows."""
    return {
        "asked": asked,
        "views": VIEWS,
        "sorts": SORTS,
        "channels": sorted(context().channels),
        "known_tags": context().store.tags(),
        "users": context().store.assignable_users(),
        "settings": context().store.platform_settings(),
        **_context_of_rows(asked, user, PAGE, None),
        **_counts(user),
    }


def _context_of_rows(asked: Asked, user: User, limit: int, after: Position | None) -> dict[str, Any]:
    if asked.text:
        found = context().store.search(asked.text, MOST_FOUND + 1, tuple(context().channels))
        seen = [pair for pair in found if may_see(user, *pair)]
        rows = [_found_row(contact, is_open, user) for contact, is_open in seen[:MOST_FOUND]]
        return {"rows": rows, "next": None, "is_cut": len(found) > MOST_FOUND}
    page = context().store.inbox(asked.query(user), limit, after)
    rows = [_row(row, user) for row in page.items]
    return {"rows": rows, "next": write_position(page.next) if page.next else None, "is_cut": False}


def _counts(user: User) -> dict[str, Any]:
    counts = context().store.inbox_counts(user)
    return {"counts": {view: _short(counts[view]) for view in View if view in counts}, "unread": _unread(user)}


def _unread(user: User) -> int:
    return context().store.unread_of_mine(user.id)


def _short(count: int) -> str:
    return f"{count // 1000}k" if count >= 10_000 else f"{count:,}"


def _row(row: InboxRow, user: User) -> Row:
    conversation, last = row.conversation, row.last
    who, text = snippet(last)
    assignee = conversation.assignee or {}
    common: dict[str, Any] = {
        "contact": row.contact,
        "number": conversation.number,
        "who": "You" if last and _is_by(last.data.get("by"), user) else who,
        "text": text,
        "assignee": words.name_of(assignee),
        "is_mine": str(assignee.get("id", "")) == user.id,
        "unread": row.unread,
    }
    if isinstance(conversation, OpenConversation):
        seen_until = last.number if last else conversation.first_entry
        return Row(
            **common,
            picked=f"{row.contact.id}-{conversation.number}.{seen_until}",
            at_ms=conversation.last_at_ms or conversation.opened_at_ms,
            waiting_since_ms=conversation.waiting_since_ms or 0,
            needs=words.needs(conversation.needs) if conversation.needs else "",
            with_bot=not conversation.needs,
        )
    is_last = conversation.number == row.contact.conversations
    if not is_last or note_of(conversation):
        common.update(who="", text=note_of(conversation))  # the latest message is another conversation's
    return Row(
        **common,
        at_ms=conversation.closed_at_ms,
        closed_at_ms=conversation.closed_at_ms,
        starts_at=None if is_last else conversation.first_entry,
    )


def _found_row(contact: Contact, is_open: OpenConversation | None, user: User) -> Row:
    assignee = (is_open.assignee if is_open else None) or {}
    about = [contact.phone, contact.email]
    state = f"#{is_open.number} is open" if is_open else "nothing open"
    return Row(
        contact=contact,
        number=is_open.number if is_open else contact.conversations,
        text=" · ".join(filter(None, (*about, state))),
        at_ms=is_open.last_at_ms or is_open.opened_at_ms if is_open else 0,
        waiting_since_ms=(is_open.waiting_since_ms or 0) if is_open else 0,
        assignee=words.name_of(assignee),
        is_mine=str(assignee.get("id", "")) == user.id,
        needs=words.needs(is_open.needs) if is_open and is_open.needs else "",
        with_bot=bool(is_open and not is_open.needs),
    )


def _is_by(card: Any, user: User) -> bool:
    return isinstance(card, dict) and str(card.get("id", "")) == user.id
