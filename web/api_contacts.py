"""Contacts, and the conversations of one."""

from operator import itemgetter

from domain.identities import conversation_id, parse_conversation_id
from store import Position
from web.api_answers import contact_body, conversation_body
from web.api_models import Contact, ContactPage, ConversationPage
from web.api_references import find_contact
from web.api_requests import pagination, read_cursor, read_limit
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
    """List a contact's conversations, also those of contacts that were merged into it, newest first."""
    limit = read_limit()
    contact = find_contact(ref).contact
    name = f"conversations of {contact.id}"
    last = read_cursor(name, Position)
    end = None if last is None else _place(last.score, last.member)
    placed = [
        (_place(one.opened_at_ms, conversation_id(owner, one.number)), owner, one)
        for owner, one in context().store.all_conversations(contact.id)
    ]
    wanted = sorted((one for one in placed if end is None or one[0] < end), key=itemgetter(0), reverse=True)
    items = [conversation_body(owner, one, contact) for _, owner, one in wanted[:limit]]
    following = Position(wanted[limit - 1][2].opened_at_ms, items[-1].id) if len(wanted) > limit else None
    path = f"/api/v1/contacts/id:{contact.id}/conversations"
    return ConversationPage(items, pagination(name, path, following, limit=limit))


def _place(opened_at_ms: int, name: str) -> tuple[int, int, str]:
    """Where a conversation stands: by its opening; of several at the same moment, by number and contact."""
    contact, number = parse_conversation_id(name) or ("", 0)
    return opened_at_ms, number, contact
