"""The page of the Dashboard, the part of it that is fetched again, and what can be done there."""

import hashlib

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from domain.errors import BadPayload
from domain.identities import is_contact_id
from domain.users import Role
from web.access import guard
from web.context import context
from web.dashboard.board import read_board
from web.dashboard.drawing import draw_days
from web.reports.words import PRESETS, change_of, value_words

dashboard = Blueprint("dashboard", __name__, url_prefix="/dashboard")
guard(dashboard, Role.MANAGER)


@dashboard.get("")
def show() -> str:
    """Show all of it."""
    return _render("dashboard/dashboard.html")


@dashboard.get("/widgets")
def show_widgets() -> Response:
    """Return the widgets as they are now; nothing where they are as the page has them."""
    widgets = _render("dashboard/widgets.html")
    response = make_response(widgets)
    response.set_etag(hashlib.sha256(widgets.encode("utf-8", "replace")).hexdigest()[:16])
    response.headers["Cache-Control"] = "no-store"
    return response.make_conditional(request)  # type: ignore[return-value]


@dashboard.post("/suggestions/dismiss")
def dismiss() -> AnyResponse:
    """Say of two contacts that they are not the same person."""
    one, _, other = request.form.get("pair", "").partition("-")
    if not (is_contact_id(one) and is_contact_id(other)) or one == other:
        raise BadPayload("Say which two contacts are not the same person.")
    context().store.dismiss_suggestion(one, other)
    if "HX-Request" in request.headers:
        return Response("", 204)  # the page says it, and fetches the widgets
    flash("These two are not suggested again.", "good")
    return redirect("/dashboard", 303)


def _render(template: str) -> str:
    board = read_board()
    return render_template(
        template,
        board=board,
        drawing=draw_days(board.numbers.days),
        presets=PRESETS,
        value_words=value_words,
        change_of=change_of,
    )
