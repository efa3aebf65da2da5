"""What a server's clock that is ahead for a moment does to the sums: nothing that stays."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from store import Deleted, Store
from tests.conftest import StoppedClock
from tests.servers import Valkey
from tests.store.summing import FIRST, KATHMANDU, SOFIA, another, at, look, opened, read, somebody_comes


@pytest.fixture
def clock(valkey: Valkey) -> StoppedClock:
    valkey.client().flushall()
    return StoppedClock(at(FIRST, 9))


def test_a_day_that_was_called_final_while_the_clock_was_ahead_is_summed_up_again(
    valkey: Valkey, clock: StoppedClock
) -> None:
    store = another(valkey, clock)
    look(store)
    somebody_comes(store, 1)
    clock.ms = at(FIRST, 12)
    look(store)
    clock.ms = at(FIRST + timedelta(days=1), 2)
    look(store)
    clock.ms = at(FIRST, 12) + 600_000
    somebody_comes(store, 5)
    assert opened(store)[-1] == 6, "whoever reads does not believe it"
    look(store)
    clock.ms = at(FIRST + timedelta(days=2), 12)
    look(store)
    assert opened(store)[0] == 6 and read(store).missing == 0


def test_a_store_that_began_while_the_clock_was_ahead_counts_from_when_it_was_right(
    valkey: Valkey, clock: StoppedClock
) -> None:
    clock.ms = at(FIRST + timedelta(days=5), 9)
    store = another(valkey, clock)
    look(store)
    clock.ms = at(FIRST, 9)
    look(store)
    somebody_comes(store, 5)
    assert opened(store)[-1] == 5


def test_a_sum_that_was_begun_before_the_past_was_written_is_read_by_nobody(
    valkey: Valkey, clock: StoppedClock
) -> None:
    store, worker = another(valkey, clock), another(valkey, clock)
    clock.ms = at(FIRST + timedelta(days=2), 12)
    counted = worker.quarters

    def count_and_let_the_past_be_written(numbers: Sequence[int]) -> Iterator[tuple[int, dict[str, int]]]:
        yield from counted(numbers)
        worker.quarters = counted  # type: ignore[method-assign]
        clock.ms = at(FIRST, 10)
        somebody_comes(store, 5)
        clock.ms = at(FIRST + timedelta(days=2), 12)
        store.forget_sums(at(FIRST, 9))

    worker.quarters = count_and_let_the_past_be_written  # type: ignore[method-assign]
    worker.sum_up_day(FIRST, SOFIA)
    assert worker.quarters == counted, "it was in the middle"
    look(store)
    assert opened(store) == [5]


def test_what_was_counted_before_anybody_looked_stays_when_its_contacts_go(valkey: Valkey, clock: StoppedClock) -> None:
    store = another(valkey, clock)
    somebody_comes(store, 3)
    for contact in contacts(store):
        assert store.delete_contact(contact, None) is Deleted.DONE
    clock.ms = at(FIRST + timedelta(days=2), 9)
    somebody_comes(store)
    look(store)
    assert opened(store, days=3) == [3, 0, 1]


def test_days_of_another_zone_that_were_called_final_too_early_are_not_believed_later(
    valkey: Valkey, clock: StoppedClock
) -> None:
    store = another(valkey, clock)
    somebody_comes(store, 2)
    clock.ms = at(FIRST + timedelta(days=3), 2)
    for zone in (KATHMANDU, SOFIA):
        store.change_setting("time_zone", zone.key)
        look(store)
    clock.ms = at(FIRST, 12)  # all of that was while the clock was ahead
    look(store)
    somebody_comes(store)
    clock.ms = at(FIRST + timedelta(days=5), 12)
    store.change_setting("time_zone", KATHMANDU.key)
    look(store)
    assert opened(store, days=4) == [3, 0, 0, 0]


def contacts(store: Store) -> list[str]:
    def read(client: Any) -> list[str]:
        keys = map(store.keys.contacts, store.keys.each())
        return [contact for key in keys for contact in client.zrange(key, 0, -1)]

    return list(store.connection.command(read))
