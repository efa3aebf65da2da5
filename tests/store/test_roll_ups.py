"""Days are summed up from quarters of an hour: whoever is killed, late or twice at it, what reports read is right."""

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.metrics import Filters
from domain.periods import QUARTER_MS
from store import Store
from store.roll_ups import CLAIM_S, PARTIAL
from tests.conftest import StoppedClock
from tests.servers import Valkey
from tests.store.summing import (
    DAY_S,
    FIRST,
    SOFIA,
    another,
    at,
    live,
    look,
    opened,
    read,
    somebody_comes,
    summed,
    totals,
)
from turns.roll_ups import sum_up


@pytest.fixture
def store(valkey: Valkey, clock: StoppedClock) -> Store:
    valkey.client().flushall()
    return another(valkey, clock)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(at(FIRST, 10))


class Killed(BaseException):
    """The process is gone."""


def kill_at(store: Store, number: int) -> Callable[[], bool]:
    """Let a process die before its command of that number; tell whether it did."""
    command, count, died = store.connection.command, iter(range(1_000_000)), []

    def count_down(do: Callable[[Any], Any]) -> Any:
        if next(count) >= number:
            died.append(True)
            raise Killed
        return command(do)

    store.connection.command = count_down  # type: ignore[method-assign, assignment]
    return lambda: bool(died)


# -- Days


def test_an_empty_store_has_only_today_to_sum_up_and_reports_of_nothing(store: Store) -> None:
    assert look(store) == 1
    assert opened(store, 30, FIRST - timedelta(days=29)) == [0] * 30
    assert store.days_to_sum_up(SOFIA) == [FIRST]


def test_what_happened_is_reported_at_once_whether_or_not_it_was_summed_up(store: Store, clock: StoppedClock) -> None:
    for number in range(12):
        somebody_comes(store)
        assert opened(store) == [number + 1], "right away"
        clock.pass_s(7 * 60)
        if number % 3 == 1:
            look(store)
            assert opened(store) == [number + 1], "after a look"


def test_who_counts_up_to_two_minutes_late_is_heard_at_once(store: Store, clock: StoppedClock, valkey: Valkey) -> None:
    late = another(valkey, StoppedClock(at(FIRST, 10, 14)))
    for number, minute in enumerate((15, 16)):
        clock.ms = at(FIRST, 10, minute)
        look(store)
        somebody_comes(late)
        assert opened(store) == [number + 1]
    clock.ms = at(FIRST, 10, 17)
    look(store)
    assert opened(store) == [2], "by now the quarter of an hour is summed up"


def test_a_day_is_final_when_it_is_over_for_an_hour(store: Store, clock: StoppedClock) -> None:
    somebody_comes(store)
    day, next_day = FIRST.isoformat(), (FIRST + timedelta(days=1)).isoformat()
    clock.ms = at(FIRST + timedelta(days=1), 1) - 1
    look(store)
    assert summed(store) == {day + PARTIAL, next_day + PARTIAL} and opened(store, 2) == [1, 0]
    clock.ms += 1
    look(store)
    assert summed(store) == {day, next_day + PARTIAL} and opened(store, 2) == [1, 0]
    assert store.days_to_sum_up(SOFIA) == [FIRST + timedelta(days=1)]


def test_what_is_counted_late_is_in_the_final_day(store: Store, clock: StoppedClock, valkey: Valkey) -> None:
    somebody_comes(store)
    clock.ms = at(FIRST + timedelta(days=1), 0, 30)
    look(store)
    stopped = another(valkey, StoppedClock(at(FIRST, 23, 50)))
    somebody_comes(stopped)
    clock.ms = at(FIRST + timedelta(days=1), 1)
    look(store)
    assert opened(store, 2) == [2, 0]


def test_days_before_the_first_count_are_empty_and_not_missing(store: Store, clock: StoppedClock) -> None:
    somebody_comes(store)
    assert opened(store, 40, FIRST - timedelta(days=39)) == [0] * 39 + [1]
    assert opened(store, 3, FIRST - timedelta(days=10), filters=Filters(channel="facebook")) == [0] * 3
    assert opened(store, 3, FIRST + timedelta(days=1)) == [0] * 3, "nor are days to come"


def test_what_a_later_version_counts_does_no_harm(store: Store, clock: StoppedClock) -> None:
    somebody_comes(store)
    key = store.keys.stats(0, clock.ms // QUARTER_MS)
    store.connection.command(lambda client: client.hincrby(key, "unheard_of|facebook", 7))
    clock.pass_s(2 * DAY_S)
    look(store)
    assert opened(store) == [1]


# -- Workers


def test_whenever_a_worker_is_killed_the_next_look_gives_the_same(
    store: Store, clock: StoppedClock, valkey: Valkey
) -> None:
    came = live(store, clock, 2)
    for number in range(1000):
        store.forget_sums(clock.ms)
        dying = another(valkey, clock)
        is_dead = kill_at(dying, number)
        with contextlib.suppress(Killed):
            look(dying)
        found = read(store, 3)
        assert sum(a != b for a, b in zip(totals(found), [*came, 0], strict=True)) <= found.missing, number
        look(store)
        assert opened(store, 3) == [*came, 0], f"killed before command {number}"
        assert summed(store) == {(FIRST + timedelta(days=i)).isoformat() + PARTIAL * (i == 2) for i in range(3)}
        if not is_dead():
            assert number > 10
            return
    raise AssertionError("it never ended")


def test_workers_that_sum_up_at_once_give_the_same(store: Store, clock: StoppedClock, valkey: Valkey) -> None:
    came = live(store, clock, 4)
    others = [another(valkey, clock) for _ in range(3)]
    begin = threading.Barrier(len(others))

    def work(worker: Store) -> None:
        begin.wait()
        for day in worker.days_to_sum_up(SOFIA):
            worker.sum_up_day(day, SOFIA)

    threads = [threading.Thread(target=work, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened(store, 5) == [*came, 0]


def test_one_worker_looks_at_a_time(store: Store, clock: StoppedClock, valkey: Valkey) -> None:
    other = another(valkey, clock)
    assert (sum_up(store), sum_up(other), sum_up(store)) == (1, 0, 0)
    assert 0 < store.connection.command(lambda client: client.ttl(store.keys.roll_up)) <= CLAIM_S


def test_a_worker_that_stops_leaves_the_rest_to_the_next(store: Store, clock: StoppedClock) -> None:
    came = live(store, clock, 3)
    stopping = threading.Event()
    stopping.set()
    assert sum_up(store, stopping) == 0
    look(store)
    assert opened(store, 3) == came


def test_without_a_worker_days_are_missing_and_never_wrong(store: Store, clock: StoppedClock) -> None:
    store.sums()
    came = [*live(store, clock, 6), 0]
    for filters in (Filters(), Filters(channel="facebook")):
        for start in range(7):
            found = read(store, 7 - start, FIRST + timedelta(days=start), filters=filters)
            wrong = [(a, b) for a, b in zip(totals(found), came[start:], strict=True) if a != b]
            assert len(wrong) <= found.missing < 7 - start and all(a == 0 for a, _ in wrong)
            assert found.missing > 0 or start > 5
    look(store)
    assert opened(store, 7) == came
