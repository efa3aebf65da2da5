"""The blueprint of contacts, and whom a user may see there."""

from flask import Blueprint

from domain.errors import NotFound
from domain.models import Contact
from handlers.rights import may_see
from web.access import current_user, guard
from web.context import context
from web.inbox.blueprint import find

contacts = Blueprint("contacts", __name__, url_prefix="/contacts")
guard(contacts)

__all__ = ["contacts", "find", "name_of", "sees"]


def sees(contact: Contact) -> bool:
    """Tell whether the user may see a contact that was found. Raises StoreError."""
    user = current_user()
    if user.sees_all:
        return True
    try:
        return may_see(user, contact, context().store.snapshot(contact.id).open)
    except NotFound:
        return False


@contacts.app_template_filter("contact_name")
def name_of(contact: Contact) -> str:
    """Return what to call a contact."""
    return contact.name or "Unnamed contact"
