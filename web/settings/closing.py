"""The page of closing notes: what is asked at a close, and the categories to choose from."""

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response
from wtforms import Form

from domain.setting_lists import ClosingCategory
from web.context import context
from web.settings.forms import CategoryForm, NoteModeForm
from web.settings.pages import save_values, saved, settings_pages, written
from web.settings.shelves import Shelf, add_pages


def _make(form: Form, item_id: str, items: tuple[Any, ...]) -> ClosingCategory:
    return ClosingCategory(
        id=item_id, name=form["name"].data, description=form["description"].data, is_active=form["is_active"].data
    )


def _fill(item: ClosingCategory) -> dict[str, Any]:
    return {"name": item.name, "description": item.description, "is_active": item.is_active}


SHELF = Shelf(
    setting="closing_categories",
    path="closing-notes",
    word="category",
    form=CategoryForm,
    make=_make,
    fill=_fill,
    new={"is_active": True},
)


@settings_pages.get("/closing-notes")
def show_closing_notes() -> str:
    """Show the mode and the categories."""
    return _page(NoteModeForm(obj=context().store.platform_settings(is_fresh=True)))


@settings_pages.post("/closing-notes")
def save_note_mode() -> Response | tuple[str, int]:
    """Save what is asked at a close."""
    form = NoteModeForm(request.form)
    if not form.validate():
        return _page(form), 400
    return saved(SHELF.address) if save_values(form, written(form)) else (_page(form), 409)


def _page(form: NoteModeForm) -> str:
    settings = context().store.platform_settings(is_fresh=True)
    seen = {"closing_note_mode": settings.text_of("closing_note_mode")}
    return render_template(
        "settings/closing_notes.html", shelf=SHELF, form=form, seen=seen, items=settings.closing_categories
    )


add_pages(SHELF)
