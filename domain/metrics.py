"""What is counted, by what, and what each report needs of it; docs/metrics.md has the formulas.

A counter's name is its metric and its dimensions' values, parted by `|`. Only the last may hold a `|` of its own.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import NamedTuple

#: Counters of a day. The scripts count the same by quarters of an hour, with two differences: `hour` is known here
#: only, and where these say `gap`, days since it happened to the contact before, those have that quarter of an hour.
METRICS: dict[str, tuple[str, ...]] = {
    "opened": ("channel", "source", "user", "age"),  # age: new or returning
    "opened_hour": ("channel", "source", "user", "hour"),
    "closed": ("channel", "source", "user", "bucket", "category"),
    "closed_hour": ("channel", "source", "user", "hour", "category"),
    "resolution_ms": ("channel", "source", "user", "category"),
    "solved_by_bot": ("channel",),
    "first_response": ("channel", "user", "bucket"),
    "first_response_ms": ("channel", "user"),
    "response": ("channel", "user", "bucket"),
    "response_ms": ("channel", "user"),
    "message": ("channel", "sender", "user"),
    "assigned": ("channel", "source", "user", "by"),
    "handed_off": ("channel", "reason"),
    "answered": ("channel", "outcome", "intent"),  # outcome: matched, fallback or failed; then intent is the failure
    "contact_opened": ("channel", "gap"),
    "contact_closed": ("channel", "gap"),
    "contact_closed_by": ("channel", "user", "gap"),
}
#: By the hour as well.
HOURLY = ("opened", "closed")


#: Whatever opens or closes a conversation, or gives it to somebody; another source is nothing that these know.
SOURCES = {
    "opened": {"contact", "welcome_event", "user", "automation", "dialogflow", "api"},
    "closed": {"user", "automation", "dialogflow", "api", "auto_close", "contact_merge"},
    "assigned": {"user", "automation", "api", "kept", "deactivated"},
}
SOURCES |= {"opened_hour": SOURCES["opened"], "closed_hour": SOURCES["closed"], "resolution_ms": SOURCES["closed"]}


class ReportName(StrEnum):
    """The reports that there are."""

    CONVERSATIONS = "conversations"
    RESPONSES = "responses"
    RESOLUTIONS = "resolutions"
    MESSAGES = "messages"
    USERS = "users"
    CONTACTS = "contacts"
    ASSIGNMENTS = "assignments"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a report is limited to; empty is no limit."""

    channel: str = ""  # kind: facebook or viber
    source: str = ""
    user: str = ""  # id
    category: str = ""

    def __bool__(self) -> bool:
        return any(self.given().values())

    def given(self) -> dict[str, str]:
        """Return the dimensions that are limited, and to what."""
        return {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name)}


class Keep(StrEnum):
    """What a summary keeps of a counter."""

    COUNT = "count"
    BUCKETS = "buckets"  # how many fell into each bucket of durations
    STEPS = "steps"  # how many fell between two steps; see domain/durations.py
    LONGEST = "longest"  # only the last bucket that anything fell into
    GAPS = "gaps"  # how many have the one before at least so many days ago


class Need(NamedTuple):
    """Something that a report reads of each day: a metric, summed up over all dimensions but those."""

    metric: str
    by: tuple[str, ...] = ()
    keep: Keep = Keep.COUNT

    @property
    def key(self) -> str:
        """The name under which a summary has it; the values of `by` follow, each behind a `|`."""
        return ".".join((self.metric, *self.by, *(() if self.keep is Keep.COUNT else (self.keep,))))


def _needs(metric: str, *dimensions: str) -> tuple[Need, ...]:
    """The metric as a whole, and by each dimension alone."""
    return (Need(metric), *(Need(metric, (dimension,)) for dimension in dimensions))


NEEDS: dict[ReportName, tuple[Need, ...]] = {
    ReportName.CONVERSATIONS: (
        *_needs("opened", "source", "channel", "user"),
        *_needs("closed", "source", "channel", "category", "user"),
        Need("opened_hour", ("hour",)),
        Need("closed_hour", ("hour",)),
    ),
    ReportName.RESOLUTIONS: (
        *_needs("closed", "source", "channel", "category"),
        *_needs("resolution_ms", "source", "channel", "category"),
        Need("closed", keep=Keep.BUCKETS),
        Need("closed", keep=Keep.STEPS),
    ),
    ReportName.RESPONSES: (
        *_needs("first_response", "channel"),
        *_needs("first_response_ms", "channel"),
        Need("first_response", keep=Keep.BUCKETS),
        Need("first_response", keep=Keep.STEPS),
        *_needs("response", "channel"),
        *_needs("response_ms", "channel"),
        Need("response", keep=Keep.BUCKETS),
        Need("response", keep=Keep.STEPS),
    ),
    ReportName.MESSAGES: (*_needs("message", "sender", "channel"),),
    ReportName.USERS: (
        Need("assigned", ("user",)),
        Need("closed", ("user",)),
        Need("closed", ("user",), Keep.LONGEST),
        Need("resolution_ms", ("user",)),
        Need("contact_closed_by", ("user",), Keep.GAPS),
        Need("message", ("user",)),
        Need("first_response", ("user",)),
        Need("first_response_ms", ("user",)),
        Need("response", ("user",)),
        Need("response_ms", ("user",)),
    ),
    ReportName.CONTACTS: (
        *_needs("opened", "age"),
        Need("opened", ("channel", "age")),
        Need("contact_opened", keep=Keep.GAPS),
        Need("contact_closed", keep=Keep.GAPS),
    ),
    ReportName.ASSIGNMENTS: (*_needs("assigned", "source", "user", "by"),),
    ReportName.BOT: (
        *_needs("answered", "outcome"),
        Need("answered", ("outcome", "intent")),
        *_needs("handed_off", "reason"),
        *_needs("solved_by_bot"),
        *_needs("closed", "source"),
    ),
}


def knows(metric: str, filters: Filters) -> bool:
    """Tell whether a metric can be limited like that."""
    is_own = not filters.source or filters.source in SOURCES.get(metric, ())
    return is_own and filters.given().keys() <= set(METRICS[metric])
