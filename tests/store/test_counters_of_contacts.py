"""What tells contacts apart: each opening and closing says in which quarter of an hour the contact's one before was."""

import pytest

from domain.actions import Open
from domain.identities import Identity, contact_id
from domain.models import Source
from store import Deleted, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN_ID, message, welcome, write
from tests.store.counting import ALICE_ID, BOB_ID, DAY_MS, act, close, counted, forget, merge, noon, quarter_of

OWN = ("contact_opened", "contact_closed", "contact_closed_by")


@pytest.fixture(autouse=True)
def _at_noon(clock: StoppedClock) -> None:
    noon(clock)


def test_the_first_opening_is_of_a_new_contact_and_says_nothing_of_one_before(store: Store) -> None:
    write(store)
    assert counted(store, "opened", *OWN) == {"opened|facebook|contact||new": 1}


def test_each_later_opening_says_when_the_one_before_was_opened(store: Store, clock: StoppedClock) -> None:
    begun = []
    for days in (3, 20, 0):
        begun.append(quarter_of(store))
        write(store)
        clock.ms += 2 * 3_600_000
        close(store)
        clock.ms += days * DAY_MS
        forget(store)
    write(store)
    assert counted(store, *OWN) == {f"contact_opened|facebook|{begun[2]}": 1}
    assert begun[2] == quarter_of(store) - 8, "the last one, and its opening rather than its closing"
    assert counted(store, "opened") == {"opened|facebook|contact||returning": 1}


def test_openings_of_several_in_one_quarter_with_the_same_one_before_add_up(store: Store, clock: StoppedClock) -> None:
    people = [Identity("viber", "shop", f"p{number}") for number in range(5)]
    store.receive([message(who=who) for who in people])
    then = quarter_of(store)
    for who in people:
        close(store, contact_id(who))
    clock.ms += DAY_MS
    store.receive([message(who=who) for who in people])
    assert counted(store, *OWN) == {f"contact_opened|viber|{then}": 5}


def test_each_closing_says_when_the_one_before_was_closed_whoever_closed_it(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.ms += 3_600_000
    close(store, source=Source.DIALOGFLOW)
    assert counted(store, *OWN) == {"contact_closed|facebook|": 1}
    first = quarter_of(store)
    clock.ms += 5 * DAY_MS
    write(store)
    clock.ms += DAY_MS
    forget(store)
    close(store, by=BOB)
    assert counted(store, *OWN) == {f"contact_closed|facebook|{first}": 1, f"contact_closed_by|facebook|{BOB_ID}|": 1}


def test_each_user_has_a_closing_before_of_their_own(store: Store, clock: StoppedClock) -> None:
    closed = []
    for by in (ALICE, BOB, ALICE, None, ALICE):
        write(store)
        clock.ms += 3_600_000
        forget(store)
        close(store, by=by)
        closed.append(quarter_of(store))
        if by is None:
            assert counted(store, "contact_closed_by") == {}, "nobody is nobody's closing before"
    assert counted(store, *OWN) == {
        f"contact_closed|facebook|{closed[3]}": 1,
        f"contact_closed_by|facebook|{ALICE_ID}|{closed[2]}": 1,
    }


@pytest.mark.parametrize("source", [Source.API, Source.AUTOMATION, Source.DIALOGFLOW, Source.AUTO_CLOSE])
def test_what_no_user_closed_is_no_users_contact(store: Store, source: Source) -> None:
    write(store)
    close(store, source=source, by=BOB)
    assert counted(store, *OWN) == {"contact_closed|facebook|": 1}


def test_the_channel_is_the_one_on_which_we_first_heard_of_the_contact(store: Store, clock: StoppedClock) -> None:
    write(store)
    write(store, who=PETAR)
    merge(store, SUSAN_ID, PETAR_ID)
    close(store)
    forget(store)
    then = quarter_of(store)
    write(store, who=PETAR)
    close(store, by=BOB)
    assert counted(store, "opened", *OWN) == {
        "opened|viber|contact||returning": 1,
        f"contact_opened|facebook|{then}": 1,
        f"contact_closed|facebook|{then}": 1,
        f"contact_closed_by|facebook|{BOB_ID}|": 1,
    }


def test_after_a_merge_the_one_before_is_the_primarys(store: Store, clock: StoppedClock) -> None:
    write(store)
    close(store, by=BOB)
    own = quarter_of(store)
    clock.ms += DAY_MS
    write(store, who=PETAR)
    close(store, PETAR_ID, by=BOB)
    clock.ms += DAY_MS
    write(store, who=PETAR)
    forget(store)
    merge(store, SUSAN_ID, PETAR_ID)
    parted = quarter_of(store)
    assert counted(store, *OWN) == {
        f"contact_closed|viber|{own + 96}": 1,  # of the part, by the merge
        f"contact_opened|facebook|{own}": 1,  # for the message that moved
    }
    clock.ms += DAY_MS
    close(store, by=BOB)
    assert counted(store, *OWN) == {
        f"contact_closed|facebook|{own}": 1,
        f"contact_closed_by|facebook|{BOB_ID}|{own}": 1,
    }
    write(store, who=PETAR)
    assert counted(store, "contact_opened") == {f"contact_opened|facebook|{parted}": 1}


def test_who_was_deleted_and_writes_again_is_new_in_every_way(store: Store, clock: StoppedClock) -> None:
    for _ in range(2):
        write(store)
        close(store, by=BOB)
    assert store.delete_contact(SUSAN_ID, BOB) is Deleted.DONE
    clock.ms += DAY_MS
    write(store)
    close(store, by=BOB)
    assert counted(store, "opened", *OWN) == {
        "opened|facebook|contact||new": 1,
        "contact_closed|facebook|": 1,
        f"contact_closed_by|facebook|{BOB_ID}|": 1,
    }


def test_what_deleting_closes_says_when_the_one_before_was(store: Store, clock: StoppedClock) -> None:
    write(store)
    close(store, by=BOB)
    then = quarter_of(store)
    clock.ms += DAY_MS
    write(store)
    forget(store)
    store.delete_contact(SUSAN_ID, BOB)
    assert counted(store, *OWN) == {
        f"contact_closed|facebook|{then}": 1,
        f"contact_closed_by|facebook|{BOB_ID}|{then}": 1,
    }


def test_closing_what_is_closed_and_opening_what_is_open_changes_nothing(store: Store, clock: StoppedClock) -> None:
    write(store)
    close(store, by=BOB)
    then = quarter_of(store)
    clock.ms += DAY_MS
    assert close(store, by=BOB).results == (0,)
    store.receive([welcome()])
    assert act(store, Open(source=Source.API, channel="facebook")).results == (0,)
    assert counted(store, *OWN) == {f"contact_opened|facebook|{then}": 1}
    clock.ms += DAY_MS
    close(store, by=BOB)
    assert counted(store, *OWN) == {
        f"contact_closed|facebook|{then}": 1,
        f"contact_closed_by|facebook|{BOB_ID}|{then}": 1,
    }, "a close that did nothing was no closing"
