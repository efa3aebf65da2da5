"""Every error of the API has the same shape, whatever went wrong."""

import logging

import msgspec
from flask import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from domain.errors import AppError, BadPayload, Conflict, NotFound, StoreError, Unauthorized
from web.api_models import Conversation, Error, ErrorAnswer

log = logging.getLogger(__name__)

#: The longest text that we take has 20,000 characters, which fits in UTF-8 unless most are emoji or each is escaped.
MAX_BODY_BYTES = 64 * 1024
_STATUSES: dict[type[AppError], tuple[int, str]] = {
    BadPayload: (400, "bad_request"),
    Unauthorized: (401, "unauthorized"),
    NotFound: (404, "not_found"),
    Conflict: (409, "conflict"),
    StoreError: (503, "unavailable"),
}


class ConversationConflict(Conflict):
    """The conversation is not as the caller thinks; carries it as it is now."""

    def __init__(self, message: str, conversation: Conversation | None) -> None:
        super().__init__(message)
        self.conversation = conversation


def reply(answer: msgspec.Struct, status: int = 200) -> Response:
    """Make a JSON answer that nobody keeps."""
    response = Response(msgspec.json.encode(answer), status, mimetype="application/json")
    return protect(response)


def protect(response: Response) -> Response:
    """Add the headers that every answer of the API has."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def refuse(error: AppError) -> Response:
    """Answer with an error of ours."""
    status, code = next(found for kind, found in _STATUSES.items() if isinstance(error, kind))
    if status == 503:
        log.error("api.no_store error=%s", error)
        return reply(ErrorAnswer(Error(code, "The store does not answer; try again in a moment.")), status)
    details = {"conversation": error.conversation} if isinstance(error, ConversationConflict) else {}
    response = reply(ErrorAnswer(Error(code, str(error), details)), status)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def refuse_http(error: HTTPException) -> Response:
    """Answer with an error of HTTP itself, or with the one that stands for a bug."""
    match error:
        case RequestEntityTooLarge():
            answer = Error("too_large", f"A body has at most {MAX_BODY_BYTES // 1024} KiB.")
        case MethodNotAllowed(valid_methods=methods):
            allowed = ", ".join(sorted(methods or ()))
            response = reply(ErrorAnswer(Error("method_not_allowed", f"This address takes {allowed}.")), 405)
            response.headers["Allow"] = allowed
            return response
        case HTTPException(code=code) if code is not None and code >= 500:
            answer = Error("internal", "This is a mistake of ours; the log of the web process says more.")
        case HTTPException(code=400):
            answer = Error("bad_request", "The request cannot be read.")
        case _:
            answer = Error("not_found", "There is nothing at this address; /api/docs lists what there is.")
            return reply(ErrorAnswer(answer), 404)
    return reply(ErrorAnswer(answer), error.code or 500)
