"""Files that users sent: public to whoever knows an address, because the platforms fetch them from here."""

import errno
import io
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, send_file
from werkzeug.exceptions import NotFound

from channels.base import Channel, is_loopback
from domain.errors import StoreError
from domain.identities import is_contact_id
from store import StoredFile
from web.context import context

log = logging.getLogger(__name__)
files = Blueprint("files", __name__, url_prefix="/files")

#: What a browser may show by itself. Everything else is saved: a page or a drawing could hold a script.
SHOWN = frozenset(("image/jpeg", "image/png", "image/gif", "image/webp"))
#: What lies under an address never changes, but it goes when the contact is deleted.
CACHED_S = 3600
#: So many are on their way at once: whoever reads slowly holds a thread, and webhooks need those.
MOST_AT_ONCE = 4
#: Then whoever reads has had the file, or the place is given to somebody else. A platform waits for 75 s at most.
LONGEST_S = 120.0
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


@files.get("/<contact>/<token>/<name>")
def fetch(contact: str, token: str, name: str) -> Response:
    """Return a file, whole or the part that is asked for; 404 for everything that is not exactly one of ours."""
    if not _places.acquire(blocking=False):
        return _come_back()
    try:
        response = _respond(contact, token, name)
    except BaseException:
        _places.release()
        raise
    response.direct_passthrough = False  # passed through, its end would not be told
    response.response = _in_time(response.response)
    response.call_on_close(_places.release)
    return response


def _respond(contact: str, token: str, name: str) -> Response:
    found = context().store.read_file(contact, token) if is_contact_id(contact) else None
    if found is None or found[0].name != name:
        raise NotFound
    kept, content = found
    response = send_file(
        io.BytesIO(content),
        mimetype=kept.content_type,
        as_attachment=kept.content_type not in SHOWN,
        download_name=kept.name,
        etag=kept.token,
        last_modified=kept.at_ms // 1000,
        max_age=CACHED_S,
    )
    response.cache_control.public, response.cache_control.private = False, True
    return response


def _in_time(chunks: Iterable[Any]) -> Iterator[Any]:
    """Yield what is to be sent until LONGEST_S are over; then break off, which the other side sees as cut short.

    A single chunk that is not taken ends by the socket's own time-out, see bodies.py.
    """
    began = time.monotonic()
    for chunk in chunks:
        if time.monotonic() - began > LONGEST_S:
            log.warning("files.slow seconds=%.0f", LONGEST_S)
            raise ConnectionResetError(errno.ECONNRESET, "read too slowly")  # gunicorn closes, without a traceback
        yield chunk


def _come_back() -> Response:
    response = Response("Many files are being fetched; try again.", 503, mimetype="text/plain")
    response.headers["Retry-After"] = "2"
    return response


@files.after_request
def confine(response: Response) -> Response:
    """Whatever it is, it runs nothing here, is not guessed at and is not listed by search engines."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@files.errorhandler(NotFound)
def answer_nothing(_: NotFound) -> Response:
    """Say the same to every wrong address."""
    return Response("There is no such file.", 404, mimetype="text/plain")


@files.errorhandler(StoreError)
def answer_later(error: StoreError) -> Response:
    """The platform tries again, or says that it could not fetch it."""
    log.error("files.no_store error=%s", error)
    return Response("The store does not answer; try again.", 503, mimetype="text/plain")


def file_details(kept: StoredFile) -> dict[str, Any]:
    """Return what domain.actions.Send holds of a file: where the platform fetches it, name, kind and size."""
    url = context().public_base + quote(kept.path)
    return {"url": url, "name": kept.name, "kind": kept.kind, "size": kept.size_bytes}


def can_fetch_files(channel: Channel) -> bool:
    """Tell whether a channel's platform can reach our files: not on the internet, where PUBLIC_URL is not set."""
    return channel.is_on_this_machine or not is_loopback(urlsplit(context().public_base).hostname or "")
