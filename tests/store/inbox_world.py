"""A small world of conversations in every state, and the naive answer to what an inbox list shows of it."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as some

from domain.actions import Assign, ChangeProfile, Close, NeedPerson
from domain.identities import Identity, conversation_id
from domain.inbox import InboxQuery, Sort, View
from domain.models import ClosedConversation, OpenConversation, Source
from domain.users import Role, User
from handlers.rights import may_see
from store import Position, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, message


def somebody(card: dict[str, str], role: Role, *, is_restricted: bool = False) -> User:
    return User(id=card["id"], email=card["email"], name=card["name"], role=role, is_restricted=is_restricted)


OWNER = somebody(ALICE, Role.OWNER)
RESTRICTED = somebody(BOB, Role.AGENT, is_restricted=True)
CHANNELS = ("facebook:1", "viber:shop")
TAGS = ("vip", "late")


@dataclass(frozen=True)
class Person:
    """What happens to somebody who writes. wait_ms: after whoever came before; 0 makes a tie."""

    channel: str = CHANNELS[0]
    tags: tuple[str, ...] = ()
    assignee: str = ""  # id of a user
    needs: bool = False
    closes: int = 0
    is_open: bool = True
    wait_ms: int = 0


people = some.lists(
    some.builds(
        Person,
        channel=some.sampled_from(CHANNELS),
        tags=some.sampled_from(((), ("vip",), ("late",), TAGS)),
        assignee=some.sampled_from(("", "", ALICE["id"], BOB["id"])),
        needs=some.booleans(),
        closes=some.integers(0, 2),
        is_open=some.booleans(),
        wait_ms=some.sampled_from((0, 0, 1, 1000)),
    ),
    max_size=30,
)
queries = some.builds(
    InboxQuery,
    user=some.sampled_from((OWNER, RESTRICTED)),
    view=some.sampled_from(list(View)),
    is_open=some.booleans(),
    channel=some.sampled_from(("", *CHANNELS)),
    tag=some.sampled_from(("", "", *TAGS, "unknown")),
    sort=some.sampled_from(list(Sort)),
)


def identity(number: int, person: Person) -> Identity:
    return Identity.parse(f"{person.channel}:7{number:04}")


def live(store: Store, clock: StoppedClock, everybody: list[Person]) -> list[str]:
    """Let all of it happen; return the contacts' ids in the order in which they came."""
    return [_live(store, clock, identity(number, person), person) for number, person in enumerate(everybody)]


def naive(store: Store, query: InboxQuery) -> list[str]:
    """Return the names of what a list holds, by looking at everybody."""
    found = []
    for contact in _contacts(store):
        snapshot = store.snapshot(contact)
        if query.tag and query.tag not in snapshot.contact.tags:
            continue
        if query.channel and query.channel != snapshot.contact.identity.channel:
            continue
        if not may_see(query.user, snapshot.contact, snapshot.open):
            continue
        for conversation in store.conversations(contact):
            if isinstance(conversation, OpenConversation) == query.is_open and _is_in(query, conversation):
                found.append((_score(store, query, contact, conversation), name(contact, conversation)))
    return [one for _, one in sorted(found, reverse=query.sort in (Sort.NEWEST, Sort.SHORTEST))]


def shown(store: Store, query: InboxQuery, limit: int) -> list[str]:
    """Return what the pages of a list hold, one after the other."""
    found: list[str] = []
    after: Position | None = None
    for _ in range(1000):
        page = store.inbox(query, limit, after)
        assert len(page.items) <= limit
        found += [name(row.contact.id, row.conversation) for row in page.items]
        after = page.next
        if after is None:
            return found
    raise AssertionError("the pages do not end")


def name(contact: str, conversation: Any) -> str:
    return contact if isinstance(conversation, OpenConversation) else conversation_id(contact, conversation.number)


def _live(store: Store, clock: StoppedClock, who: Identity, person: Person) -> str:
    clock.ms += person.wait_ms
    contact = store.receive([message(who=who)])[0].contact
    actions: list[Any] = []
    if person.assignee:
        user = ALICE if person.assignee == ALICE["id"] else BOB
        actions.append(Assign(number=1, user=user))
    for number in range(1, person.closes + 1):
        store.commit(store.snapshot(contact), [*actions, Close(number=number, source=Source.USER)])
        store.receive([message(who=who)])
        actions = []
    number = person.closes + 1
    if person.needs:
        actions.append(NeedPerson(number=number, reason="notify"))
    if person.tags:
        tags = '["' + '","'.join(person.tags) + '"]'
        actions.append(ChangeProfile(number=number, values={"tags": tags}, tags=person.tags))
    if not person.is_open:
        actions.append(Close(number=number, source=Source.USER))
    if actions:
        assert store.commit(store.snapshot(contact), actions).is_done
    return contact


def _contacts(store: Store) -> list[str]:
    page = store.contacts(1000)
    assert page.next is None
    return [contact.id for contact, _ in page.items]


def _is_in(query: InboxQuery, conversation: OpenConversation | ClosedConversation) -> bool:
    if query.view is View.MINE:
        return conversation.assignee is not None and conversation.assignee["id"] == query.user.id
    if isinstance(conversation, ClosedConversation):
        return True
    return {
        View.NEEDS_PERSON: bool(conversation.needs),
        View.UNASSIGNED: conversation.assignee is None,
        View.WITH_BOT: not conversation.needs,
        View.ALL: True,
    }[query.view]


def _score(store: Store, query: InboxQuery, contact: str, conversation: Any) -> tuple[int, str]:
    if isinstance(conversation, ClosedConversation):
        return conversation.closed_at_ms, name(contact, conversation)
    if query.view is View.NEEDS_PERSON:
        # Whoever was answered stands behind all who wait.
        return conversation.waiting_since_ms or 10**13 + conversation.last_at_ms, contact
    return conversation.last_at_ms, contact
