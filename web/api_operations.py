"""What the API can do: one row each, for the routes and for the OpenAPI document."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from web import api_models as body
from web.api_changes import (
    add_tags,
    block_contact,
    change_contact,
    list_tags,
    list_tags_of_contact,
    remove_tags,
    switch_bot,
)
from web.api_contacts import list_contacts, list_conversations_of_contact, show_contact
from web.api_conversations import list_conversations, show_conversation
from web.api_merge import merge_contact
from web.api_messages import leave_comment, send_message
from web.api_repeats import MAX_KEY_CHARS
from web.api_reports import PARAMETERS, ReportBody, ReportList, list_reports, show_report
from web.api_requests import DEFAULT_LIMIT, MAX_LIMIT
from web.api_status import set_assignee, set_status
from web.api_timeline import show_timeline
from web.api_users import list_users


class Parameter(NamedTuple):
    """Something that may be given beside the body."""

    name: str
    place: str  # query or header
    schema: dict[str, object]
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address and method; path: as OpenAPI writes it, below /api/v1."""

    method: str
    path: str
    view: Callable[
        ..., msgspec.Struct | tuple[msgspec.Struct, int]
    ]  # with its status where that is not always the same
    answer: type[msgspec.Struct]
    status: int = 200
    later: int | None = None  # the status when it is not done yet
    body: type[msgspec.Struct] | None = None
    parameters: tuple[Parameter, ...] = ()

    @property
    def name(self) -> str:
        return self.view.__name__

    @property
    def summary(self) -> str:
        return (self.view.__doc__ or "").strip()


def _integer(most: int, **more: object) -> dict[str, object]:
    return {"type": "integer", "minimum": 1, "maximum": most, **more}


_PAGE = (
    Parameter("limit", "query", _integer(MAX_LIMIT, default=DEFAULT_LIMIT), "How many items."),
    Parameter("cursor", "query", {"type": "string"}, "Opaque; comes with `pagination.next`."),
)
_STATUS = Parameter("status", "query", {"enum": ["open", "closed"], "default": "open"}, "Which conversations.")
_LAST = Parameter("last", "query", _integer(MAX_LIMIT), "The newest so many entries; alone.")
_AFTER = Parameter("after", "query", {"type": "string"}, "An entry's id, as answers write it: only what came after it.")
_KEY = Parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARS},
    "A repeat with the same key within 7 days does nothing, also over a merge; it returns the first entry, or 409 "
    "after 200 entries.",
)
_REPORT = tuple(Parameter(name, "query", {"type": "string"}, text) for name, text in PARAMETERS.items())
_CONTACT = "/contacts/{ref}"

OPERATIONS = (
    Operation("GET", "/contacts", list_contacts, body.ContactPage, parameters=_PAGE),
    Operation("GET", _CONTACT, show_contact, body.Contact),
    Operation("PATCH", _CONTACT, change_contact, body.ContactAnswer, body=body.ContactChange),
    Operation(
        "GET", f"{_CONTACT}/conversations", list_conversations_of_contact, body.ConversationPage, parameters=_PAGE
    ),
    Operation("GET", f"{_CONTACT}/timeline", show_timeline, body.EntryPage, parameters=(*_PAGE, _LAST, _AFTER)),
    Operation("POST", f"{_CONTACT}/conversation/status", set_status, body.ConversationAnswer, body=body.StatusChange),
    Operation(
        "POST", f"{_CONTACT}/conversation/assignee", set_assignee, body.ConversationAnswer, body=body.AssigneeChange
    ),
    Operation("POST", f"{_CONTACT}/messages", send_message, body.Entry, 202, body=body.NewMessage, parameters=(_KEY,)),
    Operation("POST", f"{_CONTACT}/comments", leave_comment, body.Entry, 201, body=body.NewComment, parameters=(_KEY,)),
    Operation("GET", f"{_CONTACT}/tags", list_tags_of_contact, body.Tags),
    Operation("POST", f"{_CONTACT}/tags", add_tags, body.Tags, body=body.Tags),
    Operation("DELETE", f"{_CONTACT}/tags", remove_tags, body.Tags, body=body.Tags),
    Operation("POST", f"{_CONTACT}/bot", switch_bot, body.ContactAnswer, body=body.BotChange),
    Operation("POST", f"{_CONTACT}/merge", merge_contact, body.MergeAnswer, later=202, body=body.MergeRequest),
    Operation("POST", f"{_CONTACT}/block", block_contact, body.ContactAnswer, body=body.BlockChange),
    Operation("GET", "/conversations", list_conversations, body.ConversationPage, parameters=(_STATUS, *_PAGE)),
    Operation("GET", "/conversations/{conversation}", show_conversation, body.Conversation),
    Operation("GET", "/users", list_users, body.UserList),
    Operation("GET", "/tags", list_tags, body.Tags),
    Operation("GET", "/reports", list_reports, ReportList),
    Operation("GET", "/reports/{report}", show_report, ReportBody, parameters=_REPORT),
)
