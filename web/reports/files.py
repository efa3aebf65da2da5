"""Reports and lists as CSV files, streamed as they are made; never more than a few at once."""

import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from flask import Blueprint, Response, request
from werkzeug.exceptions import ServiceUnavailable

from domain.errors import NotFound
from domain.metrics import ReportName
from domain.users import Role
from web.access import guard
from web.context import context
from web.reports.making import conversations_file, file_name, parse_wanted, report_file
from web.reports.reading import parse_filters, parse_period, today_of

log = logging.getLogger(__name__)
report_files = Blueprint("report_files", __name__, url_prefix="/reports")
guard(report_files, Role.MANAGER)

#: So many are made at once in a process, each by a thread of its own: webhooks and pages need the others.
MOST_AT_ONCE = 2
RETRY_AFTER_S = 10
#: Who has not taken a piece of the file after so long, read slowly or not at all, gets no more of it.
STALLED_S = 10.0
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


@report_files.get("/list.csv")
def fetch_list() -> Response:
    """Return every conversation behind a number, one a line."""
    store = context().store
    wanted = parse_wanted(request.args, store.platform_settings().zone, today_of(store))
    return _stream(conversations_file(store, wanted), file_name(f"conversations-{wanted.what}", wanted.period))


@report_files.get("/<name>.csv")
def fetch_report(name: str) -> Response:
    """Return a report: one value a line."""
    try:
        report = ReportName(name)
    except ValueError:
        raise NotFound("There is no such report.") from None
    store = context().store
    period, _ = parse_period(request.args, today_of(store))
    filters = parse_filters(request.args, report)
    return _stream(report_file(store, report, period, filters), file_name(report, period))


def _stream(pieces: Iterable[bytes], name: str) -> Response:
    if request.method == "HEAD":
        return _named(Response(), name)
    if not _places.acquire(blocking=False):
        raise ServiceUnavailable(
            f"{MOST_AT_ONCE} files are being made already. Try again in a moment.", retry_after=RETRY_AFTER_S
        )
    made = Download(pieces, request.environ.get("gunicorn.socket"), _places.release)
    response = _named(Response(iter(made)), name)
    response.call_on_close(made.end)  # also where nobody takes the first piece
    return response


def _named(response: Response, name: str) -> Response:
    response.content_type = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["X-Accel-Buffering"] = "no"  # else a proxy would keep back what is there already
    return response


class Download:
    """A file on its way. If anything ends it half-way, it does not look as if it were all there."""

    def __init__(self, pieces: Iterable[bytes], sock: socket.socket | None, leave: Callable[[], None]) -> None:
        self._pieces, self._sock, self._leave = pieces, sock, leave
        self._is_whole = self._has_ended = False
        self._bytes, self._began = 0, time.monotonic()
        if sock is not None:
            sock.settimeout(STALLED_S)  # for a piece as a whole, however slowly it is taken

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._pieces:
                self._bytes += len(piece)
                yield piece
            self._is_whole = True
        finally:
            self.end()

    def end(self) -> None:
        """Give the place back and say how it ended; cut the connection where that was before the end of the file.

        A proxy that speaks HTTP/1.0 to us knows no chunks, and takes a connection that is closed in order for the end.
        """
        if self._has_ended:
            return
        self._has_ended = True
        self._leave()
        took_s = time.monotonic() - self._began
        log.info("export.ended is_whole=%s bytes=%d took_s=%.1f", self._is_whole, self._bytes, took_s)
        if not self._is_whole and self._sock is not None:
            with suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._sock.close()
