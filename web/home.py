"""The first page. Users have no pages yet, so that it leads to what there is: the API."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

home = Blueprint("home", __name__)


@home.get("/")
def index() -> Response:
    """Lead to the description of the API."""
    return redirect("/api/docs")
