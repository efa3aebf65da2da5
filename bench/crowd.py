"""A store full of contacts and messages, quickly: openings, profiles, tags and assignments by the store's own scripts,
each contact's further messages straight into its keys, in the same encoding (tests/bench/test_crowd.py reads it back).
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from bench.people import FREQUENT_TAG, RARE_TAG, TYPICAL_FURTHER, USERS, Person, email_of, people, phone_of
from domain.actions import Action, Assign, Close, NeedPerson, Open
from domain.arrivals import Record
from domain.events import Profile
from domain.identities import reference
from domain.models import AssignmentSource, Contact, Letter, Snapshot, Source
from domain.users import Role, User
from handlers import profiles
from store import Store
from store.connection import Call, Connection
from store.entries import encode_json

BATCH = 200
#: After all who wait, in the list of those who need a person; as in store/lua/shared/conversations.lua.
AFTER_ALL_WHO_WAIT = 10_000_000_000_000
_TEXTS = (
    "Where is my order?",
    "I ordered two weeks ago and have heard nothing since then.",
    "Thank you!",
    "It is the number 4711, sent to the old address I am afraid.",
    "We look into it and come back to you today.",
    "Is there anything else that we can do for you?",
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """What there is to ask for. ids: of contacts, in the order in which they came; typical: one in the middle.

    users: the first is an owner, the last a restricted agent.
    """

    ids: list[str]
    users: list[User]
    typical: str


def fill(store: Store, contacts: int, say: Callable[[str], None]) -> Crowd:
    """Let so many people write, about MESSAGES_EACH messages each, all conversations open; the store must be empty."""
    began = time.monotonic()
    users = add_users(store)
    store.know_tags((FREQUENT_TAG, RARE_TAG))
    now_ms, real_clock = store.now_ms(), store.now_ms
    everybody = list(people(contacts, now_ms))
    configure(store, "appendfsync", "no")  # what loading costs the disk is not what is measured
    try:
        for start in range(0, contacts, BATCH):
            _load(store, everybody[start : start + BATCH], users)
            if start % (BATCH * 100) == 0:
                say(f"{start:,} of {contacts:,} contacts after {time.monotonic() - began:.0f} s")
    finally:
        store.now_ms = real_clock
        configure(store, "appendfsync", "always")
    while store.connection.command(lambda client: client.info("persistence"))["aof_rewrite_in_progress"]:
        time.sleep(0.2)
    messages = contacts + sum(one.further for one in everybody)
    say(f"{contacts:,} contacts with {messages:,} messages loaded in {time.monotonic() - began:.0f} s")
    later = [*everybody[contacts // 2 :], *everybody]
    typical = next((one for one in later if one.further == TYPICAL_FURTHER), everybody[0])
    return Crowd([one.id for one in everybody], users, typical.id)


def add_users(store: Store) -> list[User]:
    """Return users of every role: the first is an owner, the last a restricted agent."""
    roles = [Role.OWNER, Role.MANAGER, *(Role.AGENT for _ in range(USERS - 2))]
    added = []
    for number, role in enumerate(roles):
        _, link = store.add_user(f"user{number}@example.com", role, is_restricted=number == USERS - 1)
        added.append(store.use_link(store.find_link(link), name=f"User {number}", password_hash="none"))
    return added


def _load(store: Store, people: Sequence[Person], users: list[User]) -> None:
    _run(store, people, lambda one: _write_first(store, one))
    _run(store, people, lambda one: _decide(store, one, users))
    lengths = pipe(store, (("RPUSH", store.keys.timeline(one.id), *_further(one)) for one in people))
    pipe(store, (words for one, length in zip(people, lengths, strict=True) for words in _rest(store, one, length)))


class _Collector:
    """Stands where the connection is, and keeps what would be sent, so that it can be sent all at once."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def run(self, call: Call) -> list[str]:
        self.calls.append(call)
        return ["duplicate" if call.script.name == "receive" else "lost"]


def _run(store: Store, people: Sequence[Person], step: Callable[[Person], None]) -> None:
    """Send what the step would for each, in one round trip."""
    store.ignore_automations()  # which are read from where nothing can be read now
    connection, collector = store.connection, _Collector()
    store.connection = cast(Connection, collector)
    try:
        for one in people:
            step(one)
    finally:
        store.connection = connection
    for answer in connection.run_all(collector.calls):
        if isinstance(answer, Exception):
            raise answer
        assert answer[0] == "ok", answer[0]


def _write_first(store: Store, one: Person) -> None:
    store.now_ms = lambda: one.began_ms
    record = Record(
        identity=one.identity,
        native_id=f"m:{one.number}",
        sent_at_ms=one.began_ms,
        letter=Letter.MESSAGE,
        data={"kind": "message", "text": _TEXTS[0], "ref": reference(str(one.number))},
        opens=Source.CONTACT,
        is_subscribed=True if one.identity.kind == "viber" else None,
        profile=Profile(name=one.name, language="en_GB"),
    )
    store.receive([record])


def _decide(store: Store, one: Person, users: list[User]) -> None:
    store.now_ms = lambda: one.began_ms + 1000
    known = Contact(id=one.id, identity=one.identity, version=1, name=one.name, platform_name=one.name)
    store.commit(Snapshot(known, None, None, None, 0), _actions(one, known, users))


def _actions(one: Person, known: Contact, users: list[User]) -> list[Action]:
    number = 2 if "returned" in one.has else 1
    actions: list[Action] = []
    if number == 2:
        actions.append(Close(number=1, source=Source.DIALOGFLOW))
        actions.append(Open(source=Source.CONTACT, channel=one.identity.kind))
    if "reachable" in one.has:
        changes = {"phone": phone_of(one.number), "email": email_of(one.number)}
        actions += profiles.change_profile(Snapshot(known, None, None, None, 0), changes, by=users[0].card)
    else:
        actions += profiles.index(known)
    if tags := tuple(tag for tag in (FREQUENT_TAG, RARE_TAG) if tag in one.has):
        actions += profiles.change_tags(Snapshot(known, None, None, None, 0), add=tags, by=users[0].card)
    if "assigned" in one.has:
        card = users[one.number // 7 % len(users)].card
        actions.append(Assign(number=number, user=card, source=AssignmentSource.USER, by=users[0].card))
    if "needy" in one.has:
        actions.append(NeedPerson(number=number, reason="notify", text="asks for a person"))
    return actions


def _further(one: Person) -> Iterable[str]:
    """Everything after the first message: the bot or a user and the contact in turns, half a minute apart."""
    number = 2 if "returned" in one.has else 1
    for i in range(max(one.further, 1)):
        at_ms, text = one.began_ms + (i + 1) * 30_000, _TEXTS[i % len(_TEXTS)]
        if _is_sent(one, i):
            said = {"kind": "message", "at": at_ms, "conversation": number, "sender": "bot", "text": text}
            yield f"s{encode_json(said)}n|{at_ms + 200}|m_{one.number:080d}{i:08d}|"
        else:
            said = {"kind": "message", "text": text, "ref": reference(f"{one.number} {i}"), "at": at_ms}
            yield f"m{encode_json({**said, 'sent_at': at_ms - 300})}"


def _is_sent(one: Person, i: int) -> bool:
    """Whoever is answered has the last word of ours."""
    return (max(one.further, 1) - 1 - i) % 2 == (0 if "answered" in one.has else 1)


def _rest(store: Store, one: Person, length: int) -> Iterable[tuple[Any, ...]]:
    """What the scripts keep beside the timeline."""
    keys, partition = store.keys, store.keys.partition(one.id)
    count = max(one.further, 1)
    last_ms = one.began_ms + count * 30_000
    sent = sum(_is_sent(one, i) for i in range(count))
    incoming = count - sent + (0 if "returned" in one.has else 1)
    yield "HSET", keys.contact(one.id), "cursor", length
    yield "HSET", keys.open(one.id), "incoming", incoming, "outgoing", sent, "last_at", last_ms
    yield "ZREM", keys.due(partition), one.id
    yield "ZADD", keys.inbox(partition), last_ms, one.id
    yield "ZADD", keys.unassigned(partition), "XX", last_ms, one.id
    yield "ZADD", keys.with_bot(partition), "XX", last_ms, one.id
    if "answered" in one.has:
        yield "HDEL", keys.open(one.id), "waiting_since"
        yield "ZADD", keys.needs_person(partition), "XX", last_ms + AFTER_ALL_WHO_WAIT, one.id
    else:
        yield "HSET", keys.open(one.id), "waiting_since", last_ms
        yield "ZADD", keys.needs_person(partition), "XX", last_ms, one.id


def pipe(store: Store, commands: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Run commands in one round trip."""

    def write(client: Any) -> Any:
        pipeline = client.pipeline(transaction=False)
        for words in commands:
            pipeline.execute_command(*words)
        return pipeline.execute()

    return list(store.connection.command(write))


def configure(store: Store, name: str, value: str) -> None:
    """Change a setting of the server."""
    store.connection.command(lambda client: client.config_set(name, value))
