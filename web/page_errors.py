"""What people see when something goes wrong: a page, or for htmx a notice in the page that is there."""

from flask import Flask, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from domain.errors import AppError, BadPayload, Conflict, NotFound, StoreError, Unauthorized
from domain.users import User
from web.access.guarding import viewer_or_none

_STATUS: dict[type[AppError], int] = {NotFound: 404, Conflict: 409, BadPayload: 400, Unauthorized: 401, StoreError: 503}
_TITLES = {
    400: "That did not work",
    401: "Please log in",
    403: "Not for your role",
    404: "There is nothing here",
    405: "That did not work",
    409: "Somebody was faster",
    413: "That is too large",
    429: "Too many tries",
    503: "One moment, please",
}
_TEXTS = {
    403: "An owner can give you another role.",
    404: "The page or what it showed is gone, or the address is wrong.",
    413: "Send something smaller.",
}
_STALE = "This page was open for too long, or you have logged in again meanwhile. Reload it and try again."
_STORE = "The database does not answer at this moment. Look whether it was done; if not, try again in a few seconds."


def set_up_page_errors(app: Flask) -> None:
    """Show errors to people; the API answers its own by itself."""
    app.register_error_handler(AppError, _show_app_error)
    app.register_error_handler(HTTPException, _show_http_error)


def _show_app_error(error: AppError) -> Response:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    return _show(status, _STORE if isinstance(error, StoreError) else str(error))


def _show_http_error(error: HTTPException) -> Response | HTTPException:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    is_ours = error.description != type(error).description  # not werkzeug's own words
    text = _TEXTS.get(code, "") if not is_ours else str(error.description)
    response = _show(code, _STALE if isinstance(error, CSRFError) else text or "Go back and try again.")
    for name, value in error.get_headers(request.environ):
        if name in ("Retry-After", "Allow"):
            response.headers[name] = value
    return response


def _show(status: int, text: str) -> Response:
    title = _TITLES.get(status, "Something went wrong")
    if "HX-Request" in request.headers:
        page = render_template("parts/error_notice.html", title=title, text=text)
    else:
        page = render_template("error.html", title=title, text=text, viewer=_viewer())
    return make_response(page, status)


def _viewer() -> User | None:
    try:
        return viewer_or_none()
    except StoreError:
        return None
