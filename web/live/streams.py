"""Tells pages that something changed, by server-sent events or, where those fail, when they ask.

Nothing is told but that: no ids, no content. A page fetches what its user may see.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, jsonify, request

from domain.errors import NotFound, StoreError
from domain.identities import is_contact_id
from domain.users import User
from handlers.rights import may_see
from settings import Settings
from store import hear
from web.access import current_user, guard, viewer_or_none
from web.context import context
from web.live.gate import Gate
from web.live.hub import NOTIFIED, Hub, Stream

live = Blueprint("live", __name__)
guard(live)

KEY = "markdone.live"
#: A comment this often, so that no proxy takes the connection for dead.
PING_S = 15.0
#: How often it is looked whether the session still lasts.
CHECK_S = 30.0
#: Then the page connects again: nothing keeps a process that is to end.
LONGEST_S = 600.0
#: After so long a page without a stream may try again; static/live.js says what it does meanwhile.
TRY_AGAIN_S = 60
#: Processes hear the same hint up to so much apart, and a page may ask one and then the other.
APART_MS = 2000


def set_up_live(app: Flask, settings: Settings) -> None:
    """Give an application with its context streams, and let only `web_threads` requests work at once beside them.

    gunicorn.conf.py has the threads for both, and tells the hub when its process is to end.
    """
    with app.app_context():
        store = context().store
    app.extensions[KEY] = Hub(partial(hear, settings.redis_url), lambda: store.now_ms(), settings.live_streams)
    app.wsgi_app = Gate(app.wsgi_app, settings.web_threads)  # type: ignore[method-assign]


@live.get("/live")
def stream() -> Response:
    """Tell a page until it goes, its session ends or LONGEST_S are over; 503 where there is no place."""
    if request.method == "HEAD":
        return _no_store(Response(mimetype="text/event-stream"))
    user = current_user()
    found = _hub().join(user.id, _visible_contacts(user), request.environ.get("gunicorn.socket"))
    if found is None:
        response = Response("No place for another stream; ask /live/state.", 503, mimetype="text/plain")
        response.headers["Retry-After"] = str(TRY_AGAIN_S)
        return _no_store(response)
    is_signed_in = partial(_is_signed_in, current_app._get_current_object(), dict(request.environ), user.id)  # type: ignore[attr-defined]
    response = Response(events(found, is_signed_in), mimetype="text/event-stream")
    response.call_on_close(partial(_hub().leave, found))
    response.headers["X-Accel-Buffering"] = "no"
    return _no_store(response)


@live.get("/live/state")
def state() -> Response:
    """Tell a page what changed since the ETag that it had; 304 when nothing did. Costs the store next to nothing."""
    user = current_user()
    since_ms = next((int(tag) for tag in request.if_none_match.as_set() if tag.isdecimal() and len(tag) < 16), -1)
    now_ms = context().store.now_ms()
    words = _hub().changes_since(since_ms, user.id, _visible_contacts(user))
    response = jsonify(changed=words) if words else Response(status=304)
    response.set_etag(str(now_ms - APART_MS))
    return _no_store(response)


def events(
    found: Stream, is_signed_in: Callable[[], bool], *, ping_s: float = PING_S, check_s: float = CHECK_S
) -> Iterator[bytes]:
    """Yield what a stream is told, as server-sent events named `list`, `contact` and `notified`."""
    began = checked = time.monotonic()
    yield b"retry: 2000\n\n"
    while True:
        words = found.wait(ping_s)
        now = time.monotonic()
        if found.is_over or now - began > LONGEST_S:
            return
        # Who was logged out is told something, too (store/audit.py), so that it is looked at at once.
        if now - checked >= check_s or NOTIFIED in words:
            checked = now
            if not is_signed_in():
                return
        # An event without data would not be told to the page.
        said = "".join(f"event: {word}\ndata: 1\n\n" for word in words)
        yield said.encode() if said else b": here\n\n"


def _hub() -> Hub:
    return cast(Hub, current_app.extensions[KEY])


def _visible_contacts(user: User) -> tuple[str, ...]:
    """Return the contact that the page shows and its parts, nothing where the user may not know what happens to it."""
    contact = request.args.get("contact", "")
    if not is_contact_id(contact):
        return ()
    try:
        snapshot = context().store.snapshot(contact)
    except NotFound:  # by now: somebody who was deleted may write again
        return (contact,) if user.sees_all else ()
    return (contact, *snapshot.contact.parts) if may_see(user, snapshot.contact, snapshot.open) else ()


def _is_signed_in(app: Flask, environ: dict[str, Any], user: str) -> bool:
    with app.request_context(environ):
        try:
            viewer = viewer_or_none()
        except StoreError:
            return True  # nobody can tell; while the store is away there is nothing to hear either
        return viewer is not None and viewer.id == user


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
