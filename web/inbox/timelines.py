"""Parts of a timeline that a page fetches: older and newer lines, news, and what a search in it finds."""

from flask import render_template, request

from domain.models import Contact
from domain.search_terms import fold
from web.access import current_user
from web.context import context
from web.inbox.asking import read_asked
from web.inbox.blueprint import find, inbox
from web.inbox.conversations import note_seen
from web.inbox.entries import Line, lines_of
from web.inbox.panes import pane_context, stretch_before, stretch_from

#: News are the newest lines: those whose status may still change are among them.
NEWS = 60
#: A search looks at so many entries, newest first, and shows so many matches.
SEARCHED = 5_000
CHUNK = 500
MOST_MATCHES = 50


@inbox.get("/conversations/<contact>/lines")
def show_lines(contact: str) -> str:
    """Return the lines before or from a position on."""
    known = find(contact).contact
    before, start = request.args.get("before"), request.args.get("from", "0")
    found = stretch_from(known, start) if before is None else stretch_before(known, before)
    return render_template("inbox/lines.html", stretch=found, contact=known, goes_up=before is not None)


@inbox.get("/conversations/<contact>/news")
def show_news(contact: str) -> str:
    """Return the newest lines, and the other parts of the panes as they are now."""
    snapshot, user = find(contact), current_user()
    found = stretch_before(snapshot.contact, None, NEWS)
    note_seen(snapshot, user)
    return render_template("inbox/news.html", stretch=found, asked=read_asked(), **pane_context(snapshot, user))


@inbox.get("/conversations/<contact>/search")
def search_timeline(contact: str) -> str:
    """List the newest lines that hold a text."""
    known, asked = find(contact).contact, read_asked()
    wanted = fold(asked.text)
    found, is_cut = _search(known, wanted) if wanted else ([], False)
    return render_template("inbox/found.html", found=found, is_cut=is_cut, text=asked.text, contact=known, asked=asked)


def _search(contact: Contact, wanted: str) -> tuple[list[Line], bool]:
    found: list[Line] = []
    position: str | None = None
    for _ in range(SEARCHED // CHUNK):
        page = context().store.history(contact.id, position, CHUNK)
        found += [line for line in reversed(lines_of(page.entries, contact)) if _holds(line, wanted)]
        if len(found) > MOST_MATCHES:
            return found[:MOST_MATCHES], True
        position = page.before
        if position is None:
            return found, False
    return found, True


def _holds(line: Line, wanted: str) -> bool:
    said = f"{line.text} {' '.join(piece.label for piece in line.pieces)}"
    return line.form != "event" and wanted in fold(said)
