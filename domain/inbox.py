"""What an inbox list is asked for, and what one line of it says."""

from dataclasses import dataclass
from enum import StrEnum

from domain.models import Contact, Conversation, Entry
from domain.users import User


class View(StrEnum):
    """The five lists of the inbox."""

    NEEDS_PERSON = "needs_person"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    WITH_BOT = "with_bot"
    ALL = "all"


class Sort(StrEnum):
    """LONGEST and SHORTEST count from when the contact began to wait; they are for NEEDS_PERSON."""

    NEWEST = "newest"  # latest activity first
    OLDEST = "oldest"
    LONGEST = "longest"
    SHORTEST = "shortest"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxQuery:
    """Which conversations, in which order.

    user: who asks; MINE is theirs, and a restricted agent is shown nothing that somebody else has.
    is_open: False lists closed conversations, latest close first (or last); views other than MINE and ALL are about
    open ones and are taken for ALL then.
    channel: `kind:account`, tag: a tag's name; empty: any.
    """

    user: User
    view: View = View.NEEDS_PERSON
    is_open: bool = True
    channel: str = ""
    tag: str = ""
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line: a conversation with its contact.

    last: the latest message of the contact's timeline, or None. unread: incoming messages of this conversation that
    the user who asked has not seen.
    """

    contact: Contact
    conversation: Conversation
    last: Entry | None
    unread: int
