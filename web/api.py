"""The JSON API, /api/v1: its routes, who may use it, and its description."""

import hmac
import logging
import time
from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, g, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException

from domain.errors import AppError, Unauthorized
from web.api_errors import MAX_BODY_BYTES, protect, refuse, refuse_http, reply
from web.api_openapi import document
from web.api_operations import OPERATIONS, Operation
from web.api_references import ReferenceConverter
from web.context import context

log = logging.getLogger(__name__)
api = Blueprint("api", __name__, url_prefix="/api", template_folder="templates")

_PUBLIC = {"api.describe", "api.show_documents"}


@api.record_once
def _know_references(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["reference"] = ReferenceConverter


def _serve(operation: Operation) -> Callable[..., Response]:
    def view(**names: str) -> Response:
        answer = operation.view(**names)
        return reply(*answer) if isinstance(answer, tuple) else reply(answer, operation.status)

    return view


for _one in OPERATIONS:
    _rule = "/v1" + _one.path.replace("{ref}", "<reference:ref>").replace("{conversation}", "<conversation>")
    _rule = _rule.replace("{report}", "<report>")
    api.add_url_rule(
        _rule,
        _one.name,
        _serve(_one),
        methods=[_one.method],
        provide_automatic_options=False,
    )


@api.get("/v1/openapi.json")
def describe() -> Response:
    """Return the OpenAPI document; anybody may read it."""
    return protect(Response(msgspec.json.encode(document()), mimetype="application/json"))


@api.get("/docs")
def show_documents() -> Response:
    """Show the same to people."""
    response = protect(Response(render_template("api_docs.html", api=document()), mimetype="text/html"))
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'"
    return response


@api.before_app_request
def answer_unrouted() -> Response | None:
    """Answer what no route takes: such requests belong to no blueprint, and would get a page."""
    error = request.routing_exception
    is_ours = request.path == "/api" or request.path.startswith("/api/")
    return refuse_http(error) if is_ours and isinstance(error, HTTPException) else None


@api.before_request
def let_in() -> None:
    """Check the token; nothing of the body has been read yet."""
    g.began = time.monotonic()
    request.max_content_length = MAX_BODY_BYTES
    if request.endpoint not in _PUBLIC:
        authenticate(request.headers.get("Authorization", ""), context().api_tokens)


@api.after_request
def record(response: Response) -> Response:
    """Write the one line of a request: which operation it was, never what it said."""
    now = time.monotonic()
    duration_ms = (now - g.get("began", now)) * 1000
    log.info("api operation=%s status=%d duration_ms=%.1f", request.endpoint, response.status_code, duration_ms)
    return response


def authenticate(header: str, tokens: tuple[str, ...]) -> None:
    """Check an `Authorization` header: one of `tokens` as Bearer token. Raises Unauthorized."""
    scheme, _, rest = header.strip().partition(" ")
    given = rest.strip().encode("utf-8", "surrogatepass") if scheme.lower() == "bearer" else b""
    # Each is compared, so that the time says nothing about which one it was.
    matches = [hmac.compare_digest(given, token.encode()) for token in tokens]
    if not any(matches):
        raise Unauthorized("The API token is missing or wrong: send Authorization: Bearer <API_TOKEN>.")


@api.errorhandler(AppError)
def answer_error(error: AppError) -> Response:
    """Say what went wrong."""
    return refuse(error)


@api.errorhandler(HTTPException)
def answer_http_error(error: HTTPException) -> Response:
    """Say so in the same shape."""
    return refuse_http(error)
