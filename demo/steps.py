"""What can happen to a contact in a play. Users are numbers: their places in the team."""

from dataclasses import dataclass

from domain.answers import Answer
from domain.models import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happens at one moment (ms); no other step of the same contact happens at the same."""

    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes(Step):
    """The contact writes, or sends something. attachment: its kind."""

    text: str = ""
    attachment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comes(Step):
    """The contact comes to the door, and has written nothing yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotDecides(Step):
    """The bot decides what came last; it is asked only where it is not silent."""

    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class UserWrites(Step):
    """A user writes. opens: as what, where no conversation is open. is_lost: the platform refuses it for good."""

    user: int
    text: str
    opens: Source | None = None
    is_lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiWrites(Step):
    """A program writes, and opens a conversation for it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInboxWrites(Step):
    """A person writes in the Page's own inbox."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments(Step):
    """A user leaves a note for another one."""

    user: int
    text: str
    mentioned: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigns(Step):
    """A user gives the conversation to somebody, or to nobody."""

    user: int
    to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closes(Step):
    """The conversation ends. user: who closes it, for the source `user`."""

    source: Source
    user: int | None = None
    category: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learns(Step):
    """A user writes down what is known of the contact."""

    user: int
    phone: str = ""
    email: str = ""
    tags: tuple[str, ...] = ()


AnyStep = Writes | Comes | BotDecides | UserWrites | ApiWrites | PageInboxWrites | Comments | Assigns | Closes | Learns
