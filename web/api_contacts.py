"""Contacts, and the conversations of one."""

from domain.models import Conversation
from store import Position
from web.api_answers import contact_body, conversation_body
from web.api_models import Contact, ContactPage, ConversationPage
from web.api_references import find_contact
from web.api_requests import Number, pagination, read_cursor, read_limit
from web.context import context


def list_contacts() -> ContactPage:
    """List contacts, newest first."""
    limit, after = read_limit(), read_cursor("contacts", Position)
    page = context().store.contacts(limit, after)
    items = [contact_body(contact, is_open) for contact, is_open in page.items]
    return ContactPage(items, pagination("contacts", "/api/v1/contacts", page.next, limit=limit))


def show_contact(ref: str) -> Contact:
    """Show a contact with its open conversation."""
    snapshot = find_contact(ref)
    return contact_body(snapshot.contact, snapshot.open)


def list_conversations_of_contact(ref: str) -> ConversationPage:
    """List a contact's conversations, newest first."""
    limit = read_limit()
    contact = find_contact(ref).contact
    name = f"conversations of {contact.id}"
    below = read_cursor(name, Number)
    found: list[Conversation] = context().store.conversations(contact.id)
    wanted = [one for one in found if below is None or one.number < below.number]
    following = Number(wanted[limit - 1].number) if len(wanted) > limit else None
    items = [conversation_body(contact.id, one, contact) for one in wanted[:limit]]
    path = f"/api/v1/contacts/id:{contact.id}/conversations"
    return ConversationPage(items, pagination(name, path, following, limit=limit))
