"""The pages of canned replies."""

from typing import Any

from flask import render_template, request
from wtforms import Form

from domain.errors import BadPayload
from domain.identities import Identity
from domain.models import Contact
from domain.platform_settings import PlatformSettings
from domain.setting_lists import CannedReply
from handlers.canned import FIELDS, VARIABLES, fill, unknown_variables
from web.access import current_user
from web.context import context
from web.settings.forms import CannedForm, tidy
from web.settings.pages import settings_pages
from web.settings.shelves import Shelf, add_pages

_EXAMPLE_NAME = "Susan Miller"


def _make(form: Form, item_id: str, items: tuple[Any, ...]) -> CannedReply:
    settings = context().store.platform_settings()
    if unknown := unknown_variables(form["text"].data, [field.id for field in settings.custom_fields]):
        known = ", ".join(f"{{{{{name}}}}}" for name in _more(settings)["variables"])
        raise BadPayload(f"Nothing can be filled in for {', '.join(unknown)}. What can be filled in: {known}.")
    return CannedReply(id=item_id, name=form["name"].data, text=form["text"].data)


def _fill(item: CannedReply) -> dict[str, Any]:
    return {"name": item.name, "text": item.text}


def _more(settings: PlatformSettings) -> dict[str, Any]:
    return {"variables": [*VARIABLES, *(f"{FIELDS}{field.id}" for field in settings.custom_fields)]}


SHELF = Shelf(
    setting="canned_replies",
    path="canned-replies",
    word="canned reply",
    form=CannedForm,
    make=_make,
    fill=_fill,
    more=_more,
)


@settings_pages.get("/canned-replies")
def show_canned_replies() -> str:
    """Show all of them."""
    return render_template("settings/canned_replies.html", shelf=SHELF, items=SHELF.items())


@settings_pages.post("/canned-replies/preview")
def preview_canned_reply() -> str:
    """Show a text as an imagined contact would get it."""
    text, fields = tidy(request.form.get("text")), context().store.platform_settings().custom_fields
    imagined = Contact(
        id="", identity=Identity("", "", ""), name=_EXAMPLE_NAME, fields={field.id: field.name for field in fields}
    )
    return render_template(
        "settings/preview.html",
        text=fill(text, imagined, current_user()),
        unknown=unknown_variables(text, [field.id for field in fields]),
        example=_EXAMPLE_NAME,
    )


add_pages(SHELF)
