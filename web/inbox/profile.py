"""The contact beside the conversation: tags, profile, custom fields."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from domain.setting_lists import FieldKind
from handlers import profiles
from handlers.field_values import read_field
from web.access import current_user
from web.acting import act
from web.context import context
from web.inbox.blueprint import done, find, inbox
from web.inbox.deeds import allowed

_PROFILE = ("name", "phone", "email")


@inbox.post("/conversations/<contact>/tags")
def tag_one(contact: str) -> AnyResponse:
    """Give the contact tags, or take one away."""
    find(contact)
    tag(contact, _tags("add"), tuple(request.form.getlist("remove")))
    return done(contact)


@inbox.post("/conversations/<contact>/profile")
def change_profile(contact: str) -> AnyResponse:
    """Write name, phone, email and custom fields."""
    find(contact)
    save_profile(contact)
    return done(contact, "Saved.")


def save_profile(contact: str) -> None:
    """Write what the form says, only what the user changed, so that colleagues' work stays.

    Raises BadPayload, Forbidden, StoreError.
    """
    user, form = current_user(), request.form
    changes = {name: form[name] for name in _PROFILE if name in form and form[name] != form.get(f"was.{name}")}
    for one in context().store.platform_settings().custom_fields:
        name = f"fields.{one.id}"
        value = form.get(name, "").strip()
        if (name in form or one.kind is FieldKind.CHECKBOX) and value != form.get(f"was.{name}", ""):
            changes[name] = read_field(one, value)
    act(contact, allowed(user, lambda now: profiles.change_profile(now, changes, by=user.card)))


def tag(contact: str, add: tuple[str, ...], remove: tuple[str, ...] = ()) -> None:
    """Change a contact's tags, and offer new ones from now on. Raises BadPayload, Forbidden, StoreError."""
    user = current_user()
    context().store.know_tags(profiles.read_tag(one) for one in add)
    act(contact, allowed(user, lambda now: profiles.change_tags(now, add=add, remove=remove, by=user.card)))


def _tags(name: str) -> tuple[str, ...]:
    return tuple(part for part in request.form.get(name, "").split(",") if part.strip())
