"""The pages of custom fields."""

from typing import Any

from flask import render_template
from wtforms import Form

from domain.setting_lists import CustomField, FieldKind, field_id
from web.settings.forms import FIELD_KINDS, CustomFieldForm
from web.settings.pages import settings_pages
from web.settings.shelves import Shelf, add_pages


def _make(form: Form, item_id: str, items: tuple[Any, ...]) -> CustomField:
    """A field that is there keeps its id and what it holds: canned replies and contacts' values rely on both."""
    kind, options = FieldKind(form["kind"].data), _lines(form["options"].data)
    before = next((item for item in items if item.id == item_id), None)
    made = before.id if before else field_id(form["name"].data, [item.id for item in items])
    kind = before.kind if before else kind
    return CustomField(id=made, name=form["name"].data, kind=kind, options=options if kind is FieldKind.LIST else ())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))


def _fill(item: CustomField) -> dict[str, Any]:
    return {"name": item.name, "kind": item.kind.value, "options": "\n".join(item.options)}


SHELF = Shelf(
    setting="custom_fields",
    path="custom-fields",
    word="custom field",
    form=CustomFieldForm,
    make=_make,
    fill=_fill,
    more=lambda settings: {"kinds": FIELD_KINDS},
)


@settings_pages.get("/custom-fields")
def show_custom_fields() -> str:
    """Show all of them."""
    return render_template("settings/custom_fields.html", shelf=SHELF, items=SHELF.items(), kinds=FIELD_KINDS)


add_pages(SHELF)
