"""The bodies of the API, what is asked and what is answered; the OpenAPI document is made from these."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

#: RFC 3339 in UTC with milliseconds, for example 2026-11-22T15:04:05.678Z.
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
MAX_TEXT_CHARS = 20_000
MAX_VALUE_CHARS = 1_000


class User(Struct):
    """Somebody who logs in."""

    id: str
    email: str
    name: str


class Automation(Struct):
    """A rule that did something."""

    id: str
    name: str


class By(Struct):
    """Who or what opened or closed a conversation."""

    source: str
    user: User | None
    automation: Automation | None


class Conversation(Struct, kw_only=True):
    """One conversation of a contact. Of a closed one, what concerns the present is null."""

    id: str
    number: int
    contact: str
    status: Literal["open", "closed"]
    channel: str
    opened_at: Time
    opened_by: By
    closed_at: Time | None
    closed_by: By | None
    resolution_time_s: float | None
    first_response_time_s: float | None
    incoming_messages: int
    outgoing_messages: int
    assignee: User | None
    needs_person: Annotated[str | None, Meta(description="Why it needs a person; null: it is with the bot.")]
    waiting_since: Annotated[Time | None, Meta(description="The first incoming message that nobody answered.")]
    bot: Literal["on", "paused", "off"] | None
    category: str | None
    summary: str | None


class Contact(Struct, kw_only=True):
    """A person who writes."""

    id: str
    identities: Annotated[list[str], Meta(description="Each can be used as <ref>; the first is the contact's own.")]
    name: str
    phone: str
    email: str
    tags: list[str]
    fields: Annotated[dict[str, str], Meta(description="Custom fields by their id.")]
    language: str
    country: str
    created_at: Time
    bot: Literal["on", "off"]
    blocked: bool
    merged_into: Annotated[str | None, Meta(description="Id of the contact that this one is part of since a merge.")]
    open_conversation: Conversation | None
    conversations: Annotated[int, Meta(description="How many there were, with the open one.")]


class Bot(Struct, kw_only=True):
    """What the agent made of a message."""

    intent: str | None
    confidence: float | None
    is_fallback: bool
    parameters: dict[str, Any]
    latency_ms: int | None


class Entry(Struct, kw_only=True):
    """One line of a contact's timeline: a message, or what the platform did."""

    id: Annotated[
        str,
        Meta(
            description="`<number>`; of what was said to a contact that was merged into this one, `<contact>.<number>`."
        ),
    ]
    kind: str
    conversation: Annotated[
        int | None,
        Meta(description="The conversation's number, of the contact that `id` names if it does; null outside of any."),
    ]
    at: Time
    direction: Literal["incoming", "outgoing"] | None
    sender: str | None
    text: str
    status: Annotated[
        Literal["pending", "sending", "sent", "delivered", "read", "failed", "unconfirmed", "not_sent"] | None,
        Meta(description="What became of an outgoing message."),
    ]
    reason: str | None
    source: Annotated[str | None, Meta(description="Who or what opened, closed or switched the bot.")]
    user: Annotated[User | None, Meta(description="The user who did it.")]
    automation: Annotated[Automation | None, Meta(description="The automation that did it.")]
    assignee: User | None
    resolution_time_s: float | None
    bot: Bot | None
    attachments: list[dict[str, Any]]
    payload: str | None
    referral: str | None
    ref: Annotated[str | None, Meta(description="What `reply_to` and `details.of` of others call this message.")]
    reply_to: str | None
    details: dict[str, Any]


class Pagination(Struct):
    """Where the next page is, relative to this host; null at the end."""

    next: str | None


class ContactPage(Struct):
    """Contacts, newest first."""

    items: list[Contact]
    pagination: Pagination


class ConversationPage(Struct):
    """Conversations."""

    items: list[Conversation]
    pagination: Pagination


class EntryPage(Struct):
    """Entries in order, oldest first."""

    items: list[Entry]
    pagination: Pagination


class StatusChange(Struct, forbid_unknown_fields=True, kw_only=True):
    """Opens or closes. All but `status` belong to a close."""

    status: Literal["open", "close"]
    conversation: Annotated[
        int | str | None, Meta(description="Number or id of the conversation to close; without it, the open one.")
    ] = None
    last_entry: Annotated[
        str | None, Meta(description="Id of the last entry you saw: refused when the contact wrote after it.")
    ] = None
    category: Annotated[str, Meta(max_length=100)] | None = None
    summary: Annotated[str, Meta(max_length=2000)] | None = None


class ConversationAnswer(Struct):
    """What a change came to, and the conversation as it is now."""

    changed: bool
    conversation: Conversation | None


class ContactAnswer(Struct):
    """What a change came to, and the contact as it is now."""

    changed: bool
    contact: Contact


class AssigneeChange(Struct, forbid_unknown_fields=True, kw_only=True):
    """Gives the open conversation to a user, or to nobody."""

    assignee: Annotated[str, Meta(max_length=254, description="A user's email address; null: nobody.")] | None


class BotChange(Struct, forbid_unknown_fields=True, kw_only=True):
    """Switches the bot for this contact."""

    status: Literal["on", "off"]


class BlockChange(Struct, forbid_unknown_fields=True, kw_only=True):
    """Blocks a contact, which closes its open conversation, or takes that back."""

    blocked: bool


class ContactChange(Struct, forbid_unknown_fields=True, kw_only=True):
    """Changes what is given; null or an empty text clears. The name goes back to what the platform says."""

    name: Annotated[str, Meta(max_length=MAX_VALUE_CHARS)] | UnsetType | None = UNSET
    phone: Annotated[str, Meta(max_length=MAX_VALUE_CHARS)] | UnsetType | None = UNSET
    email: Annotated[str, Meta(max_length=MAX_VALUE_CHARS)] | UnsetType | None = UNSET
    fields: Annotated[
        dict[str, str | int | float | bool | None],
        Meta(max_length=200, description="By the field's id; a checkbox is true or false."),
    ] = {}


class Tags(Struct, forbid_unknown_fields=True):
    """Names of tags; a tag has 1 to 40 characters and no comma."""

    tags: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=1000)]


class NewComment(Struct, forbid_unknown_fields=True, kw_only=True):
    """A note for the users, which the contact never sees."""

    text: Annotated[str, Meta(max_length=2000)]
    mentions: Annotated[
        list[Annotated[str, Meta(max_length=254)]],
        Meta(max_length=20, description="Email addresses of the users to tell."),
    ] = []


class UserRow(Struct, kw_only=True):
    """Somebody who logs in, or could once."""

    id: str
    email: str
    name: str
    role: Literal["owner", "manager", "agent"]
    is_active: bool
    is_available: bool


class UserList(Struct):
    """All users, by name."""

    items: list[UserRow]


class MergeRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """Makes another contact part of this one."""

    secondary: Annotated[str, Meta(max_length=2000, description="<ref> of the other contact.")]


class MergeAnswer(Struct):
    """What became of a merge."""

    state: Annotated[Literal["merged", "same", "under_way"], Meta(description="same: they are one contact already.")]
    contact: Annotated[Contact | None, Meta(description="Who has it all now; null while it is under way.")]


class NewMessage(Struct, forbid_unknown_fields=True, kw_only=True):
    """A message to the contact."""

    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
    open: Annotated[bool, Meta(description="Open a conversation for it when none is open.")] = False


class Error(Struct, omit_defaults=True):
    """What went wrong. `code` is for programs, `message` for people."""

    code: str
    message: str
    details: Annotated[dict[str, Any], Meta(description="Of a conflict: the `conversation` as it is now.")] = {}


class ErrorAnswer(Struct):
    """The body of every answer that is not a success."""

    error: Error
