"""Each time an open conversation is given to somebody or taken from them."""

from collections.abc import Sequence

import pytest

from domain.actions import Action, Assign
from domain.models import AssignmentSource, OpenConversation, Sender, Source
from handlers import users
from store import Store
from tests.conftest import StoppedClock, make_store
from tests.lua_servers import Monitor
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN_ID, write
from tests.servers import Valkey
from tests.store.counting import ALICE_ID, BOB_ID, act, begin, close, counted, counting_steps, noon


@pytest.fixture(autouse=True)
def _at_noon(clock: StoppedClock) -> None:
    noon(clock)


def assigned(store: Store) -> dict[str, int]:
    """Without the name of the metric."""
    return {name.removeprefix("assigned|"): count for name, count in counted(store, "assigned").items()}


_BY_USERS = set(AssignmentSource) - {AssignmentSource.KEPT, AssignmentSource.AUTOMATION}


def test_an_automation_is_nobody_who_assigns(store: Store) -> None:
    write(store, who=PETAR)
    card = {"id": "a1", "name": "Night shift"}
    act(store, Assign(number=1, user=BOB, source=AssignmentSource.AUTOMATION, by=card), contact=PETAR_ID)
    assert assigned(store) == {f"viber|automation|{BOB_ID}|": 1}


@pytest.mark.parametrize("source", sorted(_BY_USERS))
def test_it_is_counted_by_source_user_and_who_did_it(store: Store, source: AssignmentSource) -> None:
    write(store, who=PETAR)
    given: Sequence[Action] = [
        Assign(number=1, user=BOB, source=source, by=ALICE),
        Assign(number=1, user=ALICE, source=source),
        Assign(number=1, user=None, source=source, by=BOB),
        Assign(number=1, user=None, source=source),
    ]
    act(store, *given, contact=PETAR_ID)
    assert assigned(store) == {
        f"viber|{source}|{BOB_ID}|{ALICE_ID}": 1,
        f"viber|{source}|{ALICE_ID}|": 1,
        f"viber|{source}||{BOB_ID}": 1,
        f"viber|{source}||": 1,
    }


def test_an_assignment_and_its_counter_are_one_step(store: Store, valkey: Valkey) -> None:
    write(store)
    act(store)
    monitor = Monitor(valkey)
    act(store, Assign(number=1, user=BOB))
    assert counting_steps(monitor, store.keys.mine(store.keys.partition(SUSAN_ID))) == [{"assigned"}]


def test_whoever_replies_first_gets_it_and_is_counted_once(store: Store) -> None:
    write(store)
    for by in (BOB, ALICE):
        snapshot = store.snapshot(SUSAN_ID)
        said = users.write(snapshot, "hi", sender=Sender.USER, opens=None, max_text_chars=100, by=by)
        act(store, *said)
    assert assigned(store) == {f"facebook|user|{BOB_ID}|{BOB_ID}": 1}


def test_who_keeps_a_contact_is_counted_at_the_next_opening(store: Store, valkey: Valkey) -> None:
    write(store)
    act(store, Assign(number=1, user=BOB, by=ALICE))
    close(store, keeps_assignee=True)
    assert assigned(store) == {f"facebook|user|{BOB_ID}|{ALICE_ID}": 1}
    monitor = Monitor(valkey)
    write(store)
    assert assigned(store) == {f"facebook|user|{BOB_ID}|{ALICE_ID}": 1, f"facebook|kept|{BOB_ID}|": 1}
    steps = counting_steps(monitor, store.keys.mine(store.keys.partition(SUSAN_ID)))
    assert steps == [{"assigned", "opened", "contact_opened", "message"}]
    close(store)
    begin(store)
    found = store.conversation(SUSAN_ID, 3)
    assert isinstance(found, OpenConversation) and found.assignee is None
    assert assigned(store)[f"facebook|kept|{BOB_ID}|"] == 1, "kept once only"


def test_nothing_is_assigned_where_nothing_is_open(store: Store) -> None:
    write(store)
    close(store, source=Source.USER)
    assert act(store, Assign(number=1, user=BOB), Assign(number=2, user=BOB)).results == (0, 0)
    assert assigned(store) == {}


def test_what_is_asked_for_twice_or_too_late_is_counted_once(store: Store, valkey: Valkey) -> None:
    write(store)
    given = Assign(number=1, user=BOB, by=ALICE, effect="e")
    seen = store.snapshot(SUSAN_ID)
    other = make_store(valkey)
    other.now_ms = store.now_ms
    assert other.commit(seen, [given], operation="o").is_done
    assert store.commit(seen, [Assign(number=1, user=ALICE)]).status == "conflict"
    assert store.commit(store.snapshot(SUSAN_ID), [given], operation="o").status == "repeated"
    assert act(store, given).results == (-1,)
    assert assigned(store) == {f"facebook|user|{BOB_ID}|{ALICE_ID}": 1}
