"""The blueprint of the inbox, and what its views share: who may see a contact, and how an action answers."""

import json
import zlib
from contextlib import suppress

from flask import Blueprint, Response, flash, redirect, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from domain.errors import NotFound
from domain.identities import is_contact_id
from domain.models import Snapshot
from domain.users import User
from handlers.rights import may_see
from web.access import current_user, guard
from web.context import context
from web.inbox.pieces import split_links

inbox = Blueprint("inbox", __name__)
guard(inbox)
inbox.app_template_filter("split_links")(split_links)

#: What the page does when something was done: it fetches what changed (static/timeline.js and inbox.js).
DONE = "markdone:done"


def find(contact: str) -> Snapshot:
    """Return a contact that the user may see; to everybody else it is not there. Raises NotFound, StoreError."""
    if is_contact_id(contact):
        with suppress(NotFound):
            snapshot = context().store.snapshot(contact)
            if may_see(current_user(), snapshot.contact, snapshot.open):
                return snapshot
    raise NotFound("There is no such contact, or somebody else has the conversation with them.")


def check_rights(user: User, snapshot: Snapshot) -> None:
    """Raise Forbidden where a restricted agent may not see the contact; asked again before every commit."""
    if not may_see(user, snapshot.contact, snapshot.open):
        raise Forbidden("Somebody else has this conversation, and you see only your own and those that nobody has.")


def is_fragment() -> bool:
    """Tell whether a script of the page asks, for a part of it."""
    return "HX-Request" in request.headers


def done(contact: str, words: str = "") -> AnyResponse:
    """Answer an action: the page fetches the news by itself; a plain form is led back to the conversation."""
    if is_fragment():
        told = json.dumps({DONE: {"contact": contact, "said": words}})
        return Response("", 204, {"HX-Trigger": told})
    if words:
        flash(words, "good")
    return redirect(f"/conversations/{contact}", 303)


@inbox.app_template_filter("fingerprint")
def fingerprint(text: str) -> str:
    """Return a word that changes when `text` does, by which the page knows what to replace."""
    return f"{zlib.crc32(text.encode('utf-8', 'replace')):x}"
