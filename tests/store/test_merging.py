"""Asking for merges, waiting for them, and what the store says of those who may be one person."""

import threading

import pytest

from domain.actions import ChangeProfile
from domain.errors import BadPayload, NotFound, StoreError
from domain.identities import MERGES_ID, Identity, contact_id
from handlers.merges import suggestion_terms, take_over
from handlers.profiles import change_profile
from store import Deleted, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, take, write
from turns.merges import carry_out

OLGA = Identity("viber", "shop", "0lga==")
OLGA_ID = contact_id(OLGA)


@pytest.fixture
def people(store: Store) -> Store:
    for who in (SUSAN, PETAR, OLGA):
        write(store, who=who)
    return store


def do_merges(store: Store) -> None:
    turn, snapshot = take(store, MERGES_ID)
    while snapshot.undecided:
        number = snapshot.undecided.number
        actions = carry_out(store, snapshot.undecided)
        done = store.commit(snapshot, actions, turn=turn, decides=number, keeps_lease=True)
        assert done.is_done and done.snapshot
        snapshot = done.snapshot


def merge(store: Store, primary: str = SUSAN_ID, secondary: str = PETAR_ID) -> None:
    store.request_merge(primary, secondary, by=ALICE)
    do_merges(store)


def test_merges_are_done_in_the_order_in_which_they_were_asked_for(people: Store) -> None:
    numbers = [people.request_merge(SUSAN_ID, other, by=None) for other in (PETAR_ID, OLGA_ID, PETAR_ID)]
    assert not any(people.merge_state(number).is_done for number in numbers)
    do_merges(people)
    assert [people.merge_state(number).outcome for number in numbers] == ["merged", "merged", "same"]
    assert people.snapshot(SUSAN_ID).contact.parts == (PETAR_ID, OLGA_ID)


def test_an_outcome_is_found_behind_a_hundred_other_requests(people: Store) -> None:
    number = people.request_merge(SUSAN_ID, PETAR_ID, by=None)
    for _ in range(100):
        people.request_merge(SUSAN_ID, PETAR_ID, by=None)
    do_merges(people)
    assert people.merge_state(number).outcome == "merged"


def test_whoever_waits_is_told_as_soon_as_it_is_done(people: Store) -> None:
    number = people.request_merge(SUSAN_ID, PETAR_ID, by=None)
    assert not people.wait_for_merge(number, 0.0).is_done
    worker = threading.Thread(target=do_merges, args=(people,))
    worker.start()
    assert people.wait_for_merge(number, 20.0).outcome == "merged"
    worker.join()


def test_a_contact_cannot_be_merged_with_itself_or_with_nobody(people: Store) -> None:
    with pytest.raises(BadPayload):
        people.request_merge(SUSAN_ID, SUSAN_ID, by=None)
    for primary, secondary in (
        (SUSAN_ID, "a" * 24),
        ("a" * 24, SUSAN_ID),
        (SUSAN_ID, MERGES_ID),
        (MERGES_ID, SUSAN_ID),
    ):
        with pytest.raises(NotFound):
            people.request_merge(primary, secondary, by=None)
    with pytest.raises(StoreError):
        people.request_merge(SUSAN_ID, "not an id", by=None)


def test_different_requests_are_different_merges(people: Store) -> None:
    first = people.request_merge(SUSAN_ID, PETAR_ID, by=None, operation="one")
    assert people.request_merge(SUSAN_ID, PETAR_ID, by=None, operation="other") != first
    assert people.request_merge(SUSAN_ID, PETAR_ID, by=None) != people.request_merge(SUSAN_ID, PETAR_ID, by=None)


def test_who_has_the_same_phone_or_email_is_suggested(people: Store) -> None:
    for contact, changes in (
        (SUSAN_ID, {"phone": "+4412345", "email": "s@example.com"}),
        (PETAR_ID, {"phone": "0044 12345"}),
        (OLGA_ID, {"email": "S@Example.com"}),
    ):
        snapshot = people.snapshot(contact)
        assert people.commit(snapshot, change_profile(snapshot, changes, by=ALICE)).is_done
    susan = people.snapshot(SUSAN_ID).contact
    terms = suggestion_terms(susan)
    assert {one.id for one in people.merge_suggestions(susan, terms)} == {PETAR_ID, OLGA_ID}
    assert len(people.merge_suggestions(susan, terms, 1)) == 1
    merge(people)
    assert [one.id for one in people.merge_suggestions(susan, terms)] == [OLGA_ID]


def test_what_would_move_is_counted(people: Store, clock: StoppedClock) -> None:
    assert people.count_undecided(people.snapshot(PETAR_ID)) == 1
    write(people, who=PETAR)
    assert people.count_undecided(people.snapshot(PETAR_ID)) == 2
    turn, snapshot = take(people, PETAR_ID)
    assert snapshot.undecided
    people.commit(snapshot, [], turn=turn, decides=snapshot.undecided.number)
    assert people.count_undecided(people.snapshot(PETAR_ID)) == 1


def test_a_change_of_search_terms_between_reading_and_merging_is_seen(people: Store) -> None:
    seen = people.snapshot(PETAR_ID)
    indexed = ChangeProfile(number=0, values={"terms": "pesho"}, terms=("pesho",))
    assert people.commit(seen, [indexed]).is_done
    assert people.merge_secondary(seen, SUSAN_ID, by=None).status == "conflict"
    merge(people)
    assert people.with_term("pesho", 10) == []


def test_a_contact_that_was_merged_elsewhere_stays_there(people: Store) -> None:
    seen = people.snapshot(PETAR_ID)
    merge(people)
    assert people.merge_secondary(seen, OLGA_ID, by=None).status == "elsewhere"
    assert people.resolve(PETAR_ID) == SUSAN_ID and people.merge_chain(OLGA_ID) == [OLGA_ID]


def test_a_contact_that_was_merged_itself_takes_nobody_over(people: Store) -> None:
    susan = people.snapshot(SUSAN_ID)
    merge(people, OLGA_ID, SUSAN_ID)
    petar = people.merge_secondary(people.snapshot(PETAR_ID), SUSAN_ID, by=None).snapshot
    assert petar
    for seen in (susan, people.snapshot(SUSAN_ID)):
        change = take_over(seen, petar.contact, [], by=None)
        assert people.merge_primary(seen, petar.contact, change, []).status == "merged"


def test_when_the_contact_wrote_last_is_known_for_each_identity(people: Store, clock: StoppedClock) -> None:
    people.receive([message(who=PETAR, sent_at_ms=clock.ms - 5_000)])
    merge(people)
    assert people.last_incoming_at_ms(SUSAN_ID, PETAR) == clock.ms - 5_000
    people.receive([message(who=PETAR, sent_at_ms=clock.ms - 1_000)])
    assert people.last_incoming_at_ms(SUSAN_ID, PETAR) == clock.ms - 1_000
    assert people.last_incoming_at_ms(SUSAN_ID, OLGA) == people.last_incoming_at_ms(OLGA_ID, OLGA)
    assert people.last_incoming_at_ms(SUSAN_ID, SUSAN) not in (None, clock.ms - 1_000, clock.ms - 5_000)


# -- Deleting, meanwhile and afterwards


def test_nobody_is_deleted_while_a_merge_is_under_way(people: Store) -> None:
    people.request_merge(SUSAN_ID, PETAR_ID, by=None)
    assert people.delete_contact(SUSAN_ID, ALICE) is Deleted.BUSY
    do_merges(people)
    assert people.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
    assert people.history(PETAR_ID).entries == []


@pytest.mark.parametrize("is_chain", [False, True])
def test_who_was_merged_into_somebody_deleted_writes_as_somebody_new(people: Store, is_chain: bool) -> None:
    merge(people, SUSAN_ID, PETAR_ID)
    if is_chain:
        merge(people, OLGA_ID, SUSAN_ID)
    # What a server that died left of a delete: the primary is gone, its parts are not.
    people.connection.client.delete(people.keys.contact(OLGA_ID if is_chain else SUSAN_ID))
    received = write(people, "anew", who=PETAR)
    assert (received.contact, received.is_new, received.opened) == (PETAR_ID, True, 1)
    assert [one.entry.text for one in people.history(PETAR_ID).entries if one.entry.text] == ["anew"]


def test_a_primary_that_is_gone_after_the_first_step_takes_the_secondary_with_it(people: Store) -> None:
    number = people.request_merge(SUSAN_ID, PETAR_ID, by=None)
    assert people.merge_secondary(people.snapshot(PETAR_ID), SUSAN_ID, by=None).status == "ok"
    people.connection.client.delete(people.keys.contact(SUSAN_ID))
    do_merges(people)
    assert people.merge_state(number).outcome == "unknown"
    with pytest.raises(NotFound):
        people.snapshot(PETAR_ID)
