"""Contacts who may be one and the same person: the same phone or email."""

from urllib.parse import urlencode

from flask import render_template

from domain.models import Contact, OpenConversation
from domain.users import Role
from handlers.merges import suggestion_terms
from handlers.rights import may_see
from web.access import current_user
from web.contacts.blueprint import contacts, sees
from web.context import context
from web.inbox.asking import read_position, write_position

#: So many contacts with a phone or an email are compared with all others for one page.
COMPARED = 50
MOST_EACH = 5


@contacts.get("/suggestions")
def list_suggestions() -> str:
    """Show a stretch of the contacts, newest first, that have the phone or email of another one."""
    user = current_user()

    def can_be_compared(contact: Contact, is_open: OpenConversation | None) -> bool:
        return bool(contact.phone or contact.email) and may_see(user, contact, is_open)

    page = context().store.contact_page(COMPARED, read_position(), shown=can_be_compared)
    groups: list[tuple[Contact, list[Contact]]] = []
    listed: set[str] = set()
    for contact, _ in page.items:
        others = [] if contact.id in listed else [one for one in similar(contact, MOST_EACH) if one.id not in listed]
        if others:
            groups.append((contact, others))
            listed |= {contact.id, *(one.id for one in others)}
    return render_template(
        "contacts/suggestions.html",
        groups=groups,
        more=f"/contacts/suggestions?{urlencode({'after': write_position(page.next)})}" if page.next else "",
        is_manager=user.role.includes(Role.MANAGER),
    )


def similar(contact: Contact, limit: int) -> list[Contact]:
    """Return other contacts with the same phone or email that the user may see. Raises StoreError."""
    found = context().store.merge_suggestions(contact, suggestion_terms(contact), limit)
    return [other for other in found if shared(contact, other) and sees(other)]


@contacts.app_template_filter("shared_with")
def shared(one: Contact, other: Contact) -> str:
    """Say what two contacts have in common."""
    both = [one.phone] * (bool(one.phone) and one.phone == other.phone)
    both += [one.email] * (bool(one.email) and one.email == other.email)
    return " · ".join(both)
