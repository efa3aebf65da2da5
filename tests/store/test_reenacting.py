"""A store in which it is another time: what it writes is of then, and nobody else gets a turn meanwhile."""

import pytest

from demo.hours import DAY_MS
from domain.actions import Close
from domain.models import ClosedConversation, Source
from domain.periods import QUARTER_MS
from store import Past, Store
from tests.conftest import make_store
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, write
from tests.servers import Valkey
from tests.store.counting import counted_in, merge


@pytest.fixture
def then_ms(store: Store) -> int:
    return store.now_ms() - 20 * DAY_MS


@pytest.fixture
def past(valkey: Valkey, then_ms: int) -> tuple[Past, Store]:
    made = make_store(valkey)
    found = Past(made)
    found.at_ms = then_ms
    return found, made


def test_what_is_written_and_counted_is_of_then(store: Store, past: tuple[Past, Store], then_ms: int) -> None:
    found, then = past
    then.receive([message()])
    taken = found.take(SUSAN_ID)
    assert taken and taken[1].undecided
    found.at_ms += 5_000
    close = Close(number=1, source=Source.DIALOGFLOW)
    then.commit(taken[1], [close], turn=taken[0], decides=taken[1].undecided.number, keeps_lease=True)
    closed = store.conversation(SUSAN_ID, 1)
    assert isinstance(closed, ClosedConversation)
    assert (closed.opened_at_ms, closed.resolution_ms) == (then_ms, 5_000)
    assert counted_in(store, then_ms // QUARTER_MS)["message|facebook|contact|"] == 1
    assert store.next_due_ms() is None and not found.is_held


def test_nobody_else_gets_the_turn_before_it_is_given_back(store: Store, past: tuple[Past, Store]) -> None:
    found, then = past
    then.receive([message()])
    assert store.due_contacts(store.keys.each(), 5) == [] and store.take_turn(SUSAN_ID) is None
    taken = found.take(SUSAN_ID)
    assert found.is_held and taken == found.take(SUSAN_ID)


def test_a_turn_that_somebody_has_is_not_taken(store: Store, past: tuple[Past, Store]) -> None:
    write(store)
    assert store.take_turn(SUSAN_ID)
    assert past[0].take(SUSAN_ID) is None


def test_a_play_began_when_it_began_first(store: Store) -> None:
    assert store.find_play("one") == ""
    assert [store.begin_play("one", "at ten"), store.begin_play("one", "at noon")] == ["at ten", "at ten"]
    assert (store.find_play("one"), store.find_play("other")) == ("at ten", "")


def test_contacts_off_two_channels_are_counted(store: Store) -> None:
    write(store)
    write(store, who=PETAR)
    assert store.count_contacts_off(SUSAN.channel, PETAR.channel) == 0
    assert store.count_contacts_off(SUSAN.channel, "viber:other") == 1
    assert store.count_contacts_off("facebook:other", "viber:other") == 2


def test_a_contact_of_both_channels_is_counted_once(store: Store) -> None:
    write(store)
    write(store, who=PETAR)
    merge(store, SUSAN_ID, PETAR_ID)
    assert store.count_contacts_off(SUSAN.channel, PETAR.channel) == 0
    assert store.count_contacts_off(SUSAN.channel, "viber:other") == 0, "is on one of them, too"
    assert store.count_contacts_off("facebook:other", "viber:other") == 1
