"""Who is asking, and whether they may: the check that stands before every page of users."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, session
from werkzeug.exceptions import Forbidden

from domain.errors import Unauthorized
from domain.users import Role, User
from store import Session
from web.context import context

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")
LOGIN_PATH = "/login"
USER, TOKEN = "user", "token"  # what the cookie holds of a session


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, and in which session."""

    user: User
    session: Session


def guard(blueprint: Blueprint, role: Role = Role.AGENT) -> None:
    """Let only users who are logged in and have at least this role use a blueprint's pages."""
    blueprint.before_request(lambda: let_in(role))


def needs(role: Role) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer]]:
    """Ask more of a single view than its blueprint does: the user must have at least this role."""

    def decorate(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
        @wraps(view)
        def guarded(*args: Parameters.args, **names: Parameters.kwargs) -> Answer:
            _demand(role)
            return view(*args, **names)

        return guarded

    return decorate


def let_in(role: Role) -> Any:
    """Return None for a user of at least this role, else where to log in. Raises: Forbidden, StoreError."""
    if signed_in() is None:
        return _to_login()
    _demand(role)
    return None


def current_user() -> User:
    """Return who asks. Raises Unauthorized when nobody is logged in: a page without guard asked."""
    found = signed_in()
    if found is None:
        raise Unauthorized("Nobody is logged in.")
    return found.user


def viewer_or_none() -> User | None:
    """Return who asks; None when nobody is logged in. Raises StoreError."""
    found = signed_in()
    return found.user if found else None


def signed_in() -> SignedIn | None:
    """Return user and session, read once a request. Raises StoreError."""
    if "signed_in" not in g:
        g.signed_in = read_session()
    found: SignedIn | None = g.signed_in
    return found


def read_session() -> SignedIn | None:
    """Read the cookie's session from the store, now: who was logged out meanwhile is None. Raises StoreError."""
    user, token = session.get(USER), session.get(TOKEN)
    if not (isinstance(user, str) and isinstance(token, str)):
        return None
    found = context().store.session(user, token)
    return SignedIn(*found) if found else None


def came_from_elsewhere() -> bool:
    """Tell whether a link on another site led here: then the browser kept the cookie back, which is SameSite=Strict."""
    headers = request.headers
    return headers.get("Sec-Fetch-Site") == "cross-site" and headers.get("Sec-Fetch-Mode") == "navigate"


def arrive(path: str) -> Response:
    """Go on by a page of ours, so that the cookie comes along.

    Guarded pages go on to the log-in, which leads back at once, and answers so once at most: nobody goes in circles.
    """
    return make_response(render_template("access/arrive.html", path=path))


def _demand(role: Role) -> None:
    user = current_user()
    if not user.role.includes(role):
        raise Forbidden(f"This page is for the role {role}; yours is {user.role}.")


def _to_login() -> Any:
    if "HX-Request" in request.headers:
        return Response("", 401, {"HX-Redirect": _login_path(*_page_of_htmx())})
    if request.method not in ("GET", "HEAD"):
        return redirect(LOGIN_PATH, 303)
    if "text/event-stream" in request.headers.get("Accept", ""):
        return Response("", 401)  # a stream that is led elsewhere would only be asked for again
    path = _login_path(request.path, request.query_string.decode("ascii", "replace"))
    return arrive(path) if came_from_elsewhere() else redirect(path)


def _page_of_htmx() -> tuple[str, str]:
    try:
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return "", ""
    return page.path, page.query


def _login_path(path: str, query: str) -> str:
    target = f"{path}?{query}" if query else path
    return LOGIN_PATH if target in ("", "/") else f"{LOGIN_PATH}?next={quote(target, safe='/')}"
