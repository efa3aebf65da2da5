"""Conversations of all contacts."""

from flask import request

from domain.errors import BadPayload, NotFound
from domain.identities import parse_conversation_id
from domain.models import OpenConversation
from store import Position
from web.api_answers import conversation_body
from web.api_models import Conversation, ConversationPage, Pagination
from web.api_requests import pagination, read_cursor, read_limit
from web.context import context

PATH = "/api/v1/conversations"


def list_conversations() -> ConversationPage:
    """List open conversations, latest activity first, or closed ones, latest close first."""
    match request.args.get("status", "open"):
        case "open":
            return _list_open()
        case "closed":
            return _list_closed()
        case _:
            raise BadPayload("status is open or closed.")


def show_conversation(conversation: str) -> Conversation:
    """Show one conversation."""
    named = parse_conversation_id(conversation)
    if named is None:
        raise NotFound("There is no such conversation. A conversation's id is <contact id>-<number>.")
    contact, number = named
    store = context().store
    try:
        found = store.conversation(contact, number)
        known = store.snapshot(contact).contact if isinstance(found, OpenConversation) else None
    except NotFound:
        raise NotFound(f"There is no conversation {conversation}.") from None
    return conversation_body(contact, found, known)


def _list_open() -> ConversationPage:
    limit, after = read_limit(), read_cursor("open conversations", Position)
    page = context().store.open_conversations(limit, after)
    items = [conversation_body(contact.id, is_open, contact) for contact, is_open in page.items]
    return ConversationPage(items, _next("open", page.next, limit))


def _list_closed() -> ConversationPage:
    limit, after = read_limit(), read_cursor("closed conversations", Position)
    page = context().store.closed_conversations(limit, after)
    items = [conversation_body(contact, closed) for contact, closed in page.items]
    return ConversationPage(items, _next("closed", page.next, limit))


def _next(status: str, following: Position | None, limit: int) -> Pagination:
    return pagination(f"{status} conversations", PATH, following, status=status, limit=limit)
