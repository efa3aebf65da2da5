"""What the Dashboard shows beside numbers: who waits, what the team has, how channels are, whom to merge."""

from dataclasses import dataclass

from domain.models import Contact
from domain.users import User
from store import UserLoad, WaitingContact, Workload
from web.contacts.suggestions import shared
from web.context import context
from web.dashboard.numbers import Numbers, read_numbers
from web.inbox.entries import snippet
from web.inbox.words import name_of
from web.settings.channels import rest_reason, rest_since_ms

MOST_WAITING = 10
#: Whoever is not there any more when they are looked up leaves a place for the next one.
SPARE = 5
TEXT_CHARS = 120
MOST_SUGGESTIONS = 5
#: Turns are taken at once; what is due for longer says that the workers cannot keep up, or that there is none.
LATE_S = 30


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits for a person."""

    contact: Contact
    channel: str
    text: str
    since_ms: int
    assignee: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team."""

    user: User
    is_invited: bool
    last_seen_ms: int
    load: UserLoad


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """A page or bot. reason: why it rests; empty while it works."""

    kind: str
    account: str
    reason: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two contacts that may be one person, and what they have in common."""

    one: Contact
    other: Contact
    shared: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All of it. late_ms: for how long the oldest turn is due, 0 where that is as it should be."""

    waiting: tuple[Waiting, ...]
    load: Workload
    team: tuple[Member, ...]
    numbers: Numbers
    suggestions: tuple[Suggestion, ...]
    has_more_suggestions: bool
    channels: tuple[ChannelHealth, ...]
    late_ms: int


def read_board() -> Board:
    """Return the Dashboard as it is now. Raises StoreError."""
    store = context().store
    users = store.users()
    load = store.workload([user.id for user in users], MOST_WAITING + SPARE)
    waiting = store.waiting_contacts(load.longest)
    pairs, has_more = store.suggestions(MOST_SUGGESTIONS)
    late_s = store.load().oldest_due_s
    return Board(
        waiting=tuple(_waiting(one) for one in waiting[:MOST_WAITING]),
        load=load,
        team=_team(users, load),
        numbers=read_numbers(store),
        suggestions=tuple(Suggestion(one, other, shared(one, other)) for one, other in pairs),
        has_more_suggestions=has_more,
        channels=_channels(),
        late_ms=round(late_s * 1000) if late_s > LATE_S else 0,
    )


def _waiting(one: WaitingContact) -> Waiting:
    text = snippet(one.message)[1]
    return Waiting(
        contact=one.contact,
        channel=one.conversation.channel,
        text=text if len(text) <= TEXT_CHARS else f"{text[: TEXT_CHARS - 1].rstrip()}…",
        since_ms=one.since_ms,
        assignee=name_of(one.conversation.assignee),
    )


def _team(users: list[User], load: Workload) -> tuple[Member, ...]:
    store = context().store
    invited, last_seen = store.invited(), store.last_seen()
    members = [
        Member(user, user.id in invited, last_seen.get(user.id, 0), load.of_users[user.id])
        for user in users
        if user.is_active
    ]
    return tuple(sorted(members, key=lambda member: member.is_invited))  # in the order of their names otherwise


def _channels() -> tuple[ChannelHealth, ...]:
    rests = context().store.rests(sorted(context().channels))
    found = []
    for channel, (reason, since) in rests.items():
        kind, _, account = channel.partition(":")
        found.append(ChannelHealth(kind, account, rest_reason(reason), rest_since_ms(since)))
    return tuple(found)
