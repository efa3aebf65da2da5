"""The pages of a list that people keep in Settings: add, edit, move, delete. Each list says what its items are."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import Form

from domain.errors import BadPayload, Conflict
from domain.platform_settings import PlatformSettings
from domain.setting_lists import Item
from handlers.platform_settings import add_item, change_item, mark_of, move_item, remove_item
from store.setting_words import write_list
from web.access import record_audit
from web.context import context
from web.settings.pages import saved, settings_pages

#: From the form, the id and the items that there are, makes an item.
Make = Callable[[Form, str, tuple[Any, ...]], Item]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One list: where its pages are and how an item is read from a form and shown in one."""

    setting: str  # its stored name
    path: str  # below /settings
    word: str  # what one item is called
    form: type[Form]
    make: Make
    fill: Callable[[Any], Mapping[str, Any]]  # an item as the form takes it
    new: Mapping[str, Any] = field(default_factory=dict)  # what the form of a new one begins with
    more: Callable[[PlatformSettings], Mapping[str, Any]] = lambda settings: {}  # what else its templates show

    @property
    def address(self) -> str:
        return f"/settings/{self.path}"

    def items(self) -> tuple[Any, ...]:
        """Return the items as they are at this moment. Raises StoreError."""
        found: tuple[Any, ...] = getattr(context().store.platform_settings(is_fresh=True), self.setting)
        return found

    def find(self, item_id: str) -> Any:
        """Return one item. Raises NotFound, StoreError."""
        found = next((item for item in self.items() if item.id == item_id), None)
        if found is None:
            raise NotFound("Somebody has deleted it.")
        return found

    def change(self, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> None:
        """Write what `change` makes of the items. Raises what that raises, Conflict, StoreError."""

        def wanted(settings: PlatformSettings) -> dict[str, str]:
            before = getattr(settings, self.setting)
            after = change(before)
            return {} if after == before else {self.setting: write_list(after)}

        context().store.change_settings(wanted)

    def record(self, did: str, name: str) -> None:
        """Keep in the audit what the current user did to an item."""
        record_audit("settings.changed", **{self.word.replace(" ", "_"): f"{did} “{name}”"})


def add_pages(shelf: Shelf) -> None:
    """Give a list its pages; the page of the whole list is its module's own."""
    name = shelf.setting
    settings_pages.add_url_rule(f"/{shelf.path}/new", f"{name}_new", lambda: _show_new(shelf))
    settings_pages.add_url_rule(f"/{shelf.path}/new", f"{name}_add", lambda: _add(shelf), methods=["POST"])
    one = f"/{shelf.path}/<item_id>"
    settings_pages.add_url_rule(one, f"{name}_edit", lambda item_id: _show(shelf, item_id))
    settings_pages.add_url_rule(one, f"{name}_save", lambda item_id: _save(shelf, item_id), methods=["POST"])
    settings_pages.add_url_rule(
        f"{one}/delete", f"{name}_delete", lambda item_id: _delete(shelf, item_id), methods=["POST"]
    )
    settings_pages.add_url_rule(f"{one}/move", f"{name}_move", lambda item_id: _move(shelf, item_id), methods=["POST"])


def _show_new(shelf: Shelf) -> str:
    return _page(shelf, shelf.form(data=dict(shelf.new)), secrets.token_hex(4))


def _add(shelf: Shelf) -> Response | tuple[str, int]:
    form, item_id = shelf.form(request.form), request.form.get("id", "")
    problem = ""
    if form.validate():
        try:
            shelf.change(lambda items: add_item(items, shelf.make(form, item_id, items)))
        except BadPayload as error:
            problem = str(error)
        else:
            shelf.record("added", form["name"].data)
            return saved(shelf.address)
    return _page(shelf, form, item_id, problem=problem), 400


def _show(shelf: Shelf, item_id: str) -> str:
    item = shelf.find(item_id)
    return _page(shelf, shelf.form(data=dict(shelf.fill(item))), item_id, item)


def _save(shelf: Shelf, item_id: str) -> Response | tuple[str, int]:
    form, seen = shelf.form(request.form), request.form.get("seen", "")
    problem, status = "", 400
    if form.validate():
        try:
            shelf.change(lambda items: change_item(items, shelf.make(form, item_id, items), seen))
        except BadPayload as error:
            problem = str(error)
        except Conflict:
            problem, status = "Somebody else changed this meanwhile; what they saved stands below the form.", 409
        else:
            shelf.record("changed", form["name"].data)
            return saved(shelf.address)
    return _page(shelf, form, item_id, shelf.find(item_id), problem=problem, is_conflict=status == 409), status


def _delete(shelf: Shelf, item_id: str) -> Response | tuple[str, int]:
    seen, names = request.form.get("seen", ""), {item.id: item.name for item in shelf.items()}
    try:
        shelf.change(lambda items: remove_item(items, item_id, seen))
    except Conflict as error:
        item = shelf.find(item_id)
        form = shelf.form(data=dict(shelf.fill(item)))
        return _page(shelf, form, item_id, item, problem=f"{error} Delete it again if you still want to."), 409
    if item_id in names:
        shelf.record("deleted", names[item_id])
    return saved(shelf.address, "Deleted.")


def _move(shelf: Shelf, item_id: str) -> Response:
    places = -1 if request.form.get("to") == "up" else 1
    shelf.change(lambda items: move_item(items, item_id, places))
    return saved(shelf.address, "Moved.")


def _page(
    shelf: Shelf,
    form: Form,
    item_id: str,
    item: Any = None,
    *,
    problem: str = "",
    is_conflict: bool = False,
) -> str:
    """The form of one item; item: None for a new one."""
    return render_template(
        f"settings/{shelf.path.replace('-', '_')}_form.html",
        shelf=shelf,
        form=form,
        item_id=item_id,
        item=item,
        seen=mark_of(item) if item else "",
        problem=problem,
        theirs=shelf.fill(item) if is_conflict else None,
        **shelf.more(context().store.platform_settings()),
    )
