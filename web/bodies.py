"""How long a request's body may stand still: a few clients that send half of one must not keep every thread waiting."""

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import ClientDisconnected

log = logging.getLogger(__name__)

#: Platforms send a body at once. A proxy in front that buffers bodies makes this a second line.
BODY_WAIT_S = 10.0


def limit_body_wait(app: Flask) -> None:
    """Answer 408 to a request whose body stops coming. Works under gunicorn, which hands us its socket."""
    app.before_request(_set_time_out)
    app.register_error_handler(ClientDisconnected, _give_up)  # what werkzeug makes of the time-out


def _set_time_out() -> None:
    sock = request.environ.get("gunicorn.socket")
    if sock is not None:
        sock.settimeout(BODY_WAIT_S)


def _give_up(_: ClientDisconnected) -> Response:
    log.warning("request.stalled path=%s", request.path)
    return Response("The body did not come.", 408, {"Connection": "close"}, mimetype="text/plain")
