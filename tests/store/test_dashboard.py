"""How much there is to do, against looking at everybody."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from domain.actions import Assign, Close, NeedPerson, Send
from domain.identities import Identity, contact_id
from domain.models import Sender, Source
from handlers import users
from store import Store, UserLoad, Workload
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, write
from tests.store.counting import merge
from tests.store.inbox_world import Person, live, people

often = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
USERS = (str(ALICE["id"]), str(BOB["id"]), "somebody-else")


def commit(store: Store, *actions: Any, contact: str = SUSAN_ID) -> None:
    assert store.commit(store.snapshot(contact), list(actions)).is_done


def needy(store: Store, who: Identity = SUSAN, text: str = "help") -> str:
    write(store, text, who=who)
    contact = contact_id(who)
    commit(store, NeedPerson(number=store.snapshot(contact).contact.conversations, reason="notify"), contact=contact)
    return contact


def naive(store: Store, contacts: list[str], longest: int) -> Workload:
    """The same by looking at each."""
    found = [store.snapshot(contact) for contact in contacts]
    open = [one for one in found if one.open]
    waits = {one.contact.id: one.open.waiting_since_ms for one in open if one.open and one.open.needs}
    waits = {contact: since for contact, since in waits.items() if since}

    def load_of(user: str | None) -> UserLoad:
        theirs = [one for one in open if one.open and (one.open.assignee or {}).get("id") == user]
        return UserLoad(len(theirs), sum(one.contact.id in waits for one in theirs))

    ordered = sorted((since or 0, contact) for contact, since in waits.items())
    return Workload(
        len(open),
        len(waits),
        load_of(None),
        {user: load_of(user) for user in USERS},
        tuple((contact, since) for since, contact in ordered[:longest]),
    )


@often
@given(everybody=people, answered=some.sets(some.integers(0, 29)), longest=some.sampled_from((1, 3, 50)))
def test_it_is_what_one_finds_by_looking_at_everybody(
    valkey: Any, store: Store, everybody: list[Person], answered: set[int], longest: int
) -> None:
    valkey.client().flushall()
    clock = StoppedClock(store.clock.now_ms())
    store.now_ms = clock
    contacts = live(store, clock, everybody)
    for contact in {contacts[i] for i in answered if i < len(contacts)}:
        if conversation := store.snapshot(contact).open:
            reply = Send(number=conversation.number, text="Yes?", sender=Sender.USER, by=ALICE)
            commit(store, reply, contact=contact)
    assert store.workload(USERS, longest) == naive(store, contacts, longest)


def test_where_a_user_has_too_much_to_be_counted_it_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.dashboard.MOST_COUNTED", 1)
    contacts = [needy(store, Identity("facebook", "1", str(number))) for number in range(40)]
    for contact in contacts:
        commit(store, Assign(number=1, user=ALICE), contact=contact)
    load = store.workload(USERS, 5)
    looked_at = len({store.keys.partition(contact) for contact in contacts})
    assert load.of_users[USERS[0]] == UserLoad(40, looked_at, is_least=True), "one of each partition"
    assert load.of_users[USERS[1]] == UserLoad() and load.unassigned == UserLoad(0, 0, is_least=True)
    assert (load.open, load.waiting, len(load.longest)) == (40, 40, 5)


def test_a_user_whose_id_begins_like_anothers_has_only_their_own(store: Store) -> None:
    needy(store)
    commit(store, Assign(number=1, user={**ALICE, "id": "u12"}))
    assert store.workload(["u1", "u12"], 1).of_users == {"u1": UserLoad(), "u12": UserLoad(1, 1)}


def test_without_users_and_contacts_there_is_nothing(store: Store) -> None:
    assert store.workload([], 10) == Workload(0, 0, UserLoad(), {}, ())
    assert store.waiting_contacts(()) == []


def test_who_waits_is_told_with_what_they_said_last_whatever_was_said_to_them(store: Store) -> None:
    needy(store, text="the first")
    write(store, "the last")
    commit(store, Send(number=1, text="A moment, please", sender=Sender.BOT))
    [one] = store.waiting_contacts(store.workload((), 10).longest)
    assert (one.contact.id, one.message.text if one.message else "") == (SUSAN_ID, "the last")
    assert one.since_ms == one.conversation.waiting_since_ms


def test_what_was_said_too_long_ago_is_not_looked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.dashboard.LAST_ENTRIES", 2)
    needy(store)
    commit(store, *(Send(number=1, text="A moment, please", sender=Sender.BOT) for _ in range(2)))
    [one] = store.waiting_contacts(store.workload((), 10).longest)
    assert one.message is None


def closed(store: Store) -> None:
    commit(store, Close(number=1, source=Source.USER, by=BOB))


def blocked(store: Store) -> None:
    commit(store, *users.block(store.snapshot(SUSAN_ID), is_blocked=True, by=BOB))


def deleted(store: Store) -> None:
    store.delete_contact(SUSAN_ID, None)


def merged(store: Store) -> None:
    store.receive([message(who=PETAR)])
    merge(store, PETAR_ID, SUSAN_ID)


@pytest.mark.parametrize("leave", [closed, blocked, deleted, merged])
def test_whoever_went_away_between_two_looks_is_left_out(store: Store, leave: Any) -> None:
    needy(store)
    before = store.workload(USERS, 10)
    assert before.waiting == 1
    leave(store)
    assert store.waiting_contacts(before.longest) == []
    assert SUSAN_ID not in dict(store.workload(USERS, 10).longest)


def test_it_costs_the_server_one_script_for_each_partition(store: Store, valkey: Any) -> None:
    needy(store)
    client = valkey.client()
    before = client.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"]
    store.workload(USERS, 10)
    store.workload(USERS, 10)
    assert client.info("commandstats")["cmdstat_evalsha"]["calls"] - before <= 3 * store.keys.partitions
