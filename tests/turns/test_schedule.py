"""Which turns are handed out: due ones, to few threads, one contact on one thread, and none is forgotten."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from domain.errors import StoreError
from domain.identities import Identity, contact_id
from store import Store
from tests.conftest import make_store
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, write
from tests.servers import Valkey, wait_for
from turns.schedule import Schedule


class Turns:
    """Takes turns as a worker does: decides what there is, and counts who was on how many threads at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._now: Counter[str] = Counter()
        self.most_at_once = self.most_of_one = 0
        self.taken: Counter[str] = Counter()
        self.during: Callable[[str], None] = lambda contact: None

    def __call__(self, contact: str) -> None:
        with self._lock:
            self._now[contact] += 1
            self.most_at_once = max(self.most_at_once, self._now.total())
            self.most_of_one = max(self.most_of_one, self._now[contact])
        try:
            self._take(contact)
        finally:
            with self._lock:
                self._now[contact] -= 1

    def _take(self, contact: str) -> None:
        self.during(contact)
        if taken := self._store.take_turn(contact):
            turn, snapshot = taken
            while snapshot.undecided:
                committed = self._store.commit(snapshot, [], turn=turn, decides=snapshot.undecided.number)
                assert committed.snapshot
                snapshot = committed.snapshot
            self._store.release_turn(turn)
            with self._lock:
                self.taken[contact] += 1


@contextmanager
def working(store: Store, run: Callable[[str], None], *, threads: int = 4) -> Iterator[Schedule]:
    schedule = Schedule(store, run, threads=threads)
    thread = threading.Thread(target=schedule.work)
    thread.start()
    try:
        yield schedule
    finally:
        schedule.stop()
        thread.join(20)
        assert not thread.is_alive(), "it does not stop"


@pytest.fixture
def turns(store: Store) -> Turns:
    return Turns(store)


def crowd(store: Store, count: int) -> list[str]:
    people = [Identity("facebook", "1", f"7{i}") for i in range(count)]
    store.receive([message(who=who) for who in people])
    return [contact_id(who) for who in people]


def test_what_was_due_before_it_started_is_found(store: Store, turns: Turns) -> None:
    contacts = crowd(store, 30)
    with working(store, turns):
        wait_for(lambda: len(turns.taken) == 30, "everybody had a turn")
    assert set(turns.taken) == set(contacts) and store.next_due_ms() is None


def test_without_any_hint_a_message_is_found_within_a_second_or_so(store: Store, turns: Turns) -> None:
    with working(store, turns):
        write(store)
        wait_for(lambda: turns.taken[SUSAN_ID] == 1, "Susan had a turn", seconds=5)


def test_a_hint_is_only_a_hint(store: Store, turns: Turns) -> None:
    write(store)
    with working(store, turns) as schedule:
        for contact in (None, PETAR_ID, "a" * 24, SUSAN_ID):
            schedule.hint(contact)
        wait_for(lambda: turns.taken[SUSAN_ID] == 1, "Susan had a turn")
    assert set(turns.taken) == {SUSAN_ID}


def test_many_contacts_share_few_threads_and_nobody_is_on_two(store: Store, turns: Turns) -> None:
    meet, met = threading.Barrier(3, timeout=20), threading.Event()

    def meet_others(contact: str) -> None:
        # Once only: how many turns there are in all is not said to be a multiple of three.
        if not met.is_set():
            meet.wait()
            met.set()

    turns.during = meet_others
    crowd(store, 30)
    with working(store, turns, threads=3) as schedule:
        for contact in [contact_id(Identity("facebook", "1", f"7{i}")) for i in range(30)] * 3:
            schedule.hint(contact)
        wait_for(lambda: sum(turns.taken.values()) >= 30, "everybody had a turn")
    assert turns.most_at_once == 3 and turns.most_of_one == 1


def test_whoever_writes_while_having_a_turn_has_another_one(store: Store, turns: Turns) -> None:
    wrote = threading.Event()

    def write_once_more(contact: str) -> None:
        if not wrote.is_set():
            wrote.set()
            write(store, "and another")
            schedule.hint(contact)

    turns.during = write_once_more
    write(store)
    with working(store, turns) as schedule:
        wait_for(lambda: wrote.is_set() and store.next_due_ms() is None, "both are decided")
    assert store.snapshot(SUSAN_ID).undecided is None


def test_one_contacts_trouble_is_its_own(store: Store, turns: Turns, caplog: pytest.LogCaptureFixture) -> None:
    def break_for_susan(contact: str) -> None:
        if contact == SUSAN_ID:
            raise ZeroDivisionError
        if contact == PETAR_ID:
            raise StoreError("the network lost this")

    turns.during = break_for_susan
    contacts = crowd(store, 5)
    write(store)
    write(store, who=PETAR)
    with working(store, turns, threads=1):
        broke = ("turn.broke", "turn.no_store")
        wait_for(lambda: all(word in caplog.text for word in broke), "both had their trouble")
        wait_for(lambda: len(turns.taken) == 5, "the others had their turns")
        turns.during = lambda contact: None
        wait_for(lambda: len(turns.taken) == 7, "the troubled ones, too, when they were well")
    assert set(turns.taken) == {*contacts, SUSAN_ID, PETAR_ID}


def test_a_slow_turn_does_not_hold_up_the_others(store: Store, turns: Turns) -> None:
    go_on = threading.Event()

    def dawdle(contact: str) -> None:
        if contact == SUSAN_ID:
            go_on.wait(20)

    turns.during = dawdle
    write(store)
    with working(store, turns, threads=2):
        contacts = crowd(store, 10)
        wait_for(lambda: set(turns.taken) == set(contacts), "the others had their turns")
        go_on.set()
        wait_for(lambda: turns.taken[SUSAN_ID] == 1, "Susan, too")


def test_what_becomes_due_by_time_alone_is_taken_then(store: Store, turns: Turns) -> None:
    write(store)
    taken = store.take_turn(SUSAN_ID)
    assert taken
    # Its worker died: the lease ends in 15 s, which are over at once on this clock.
    real = store.now_ms
    with working(store, turns):
        wait_for(lambda: turns.taken.total() == 0 and store.next_due_ms() is not None, "it waits for the lease")
        store.now_ms = lambda: real() + 15_100
        wait_for(lambda: turns.taken[SUSAN_ID] == 1, "the turn was taken over")


def test_it_outlives_a_server_that_is_away(turns: Turns) -> None:
    server = Valkey()
    server.start()
    store = make_store(server)
    turns = Turns(store)
    try:
        with working(store, turns):
            write(store)
            wait_for(lambda: turns.taken[SUSAN_ID] == 1, "Susan had a turn")
            server.kill()
            wait_for(lambda: not answers(store), "the server is away")
            server.start()
            wait_for(lambda: answers(store), "the server is back")
            write(store, "again")
            wait_for(lambda: turns.taken[SUSAN_ID] == 2, "Susan had another turn")
    finally:
        server.kill()


def answers(store: Store) -> bool:
    try:
        store.next_due_ms()
    except StoreError:
        return False
    return True


def test_stopping_ends_the_turns_that_run_and_takes_no_more(store: Store, turns: Turns) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def dawdle(contact: str) -> None:
        begun.set()
        go_on.wait(20)

    turns.during = dawdle
    write(store)
    with working(store, turns, threads=1) as schedule:
        assert begun.wait(20)
        schedule.stop()
        write(store, who=PETAR)
        schedule.hint(PETAR_ID)
        go_on.set()
    assert turns.taken == {SUSAN_ID: 1}
    assert store.due_contacts(store.keys.each(), 10) == [PETAR_ID]


def test_two_workers_never_have_the_same_contact_at_once(store: Store, valkey: Valkey) -> None:
    other_store = make_store(valkey)
    one, other = Turns(store), Turns(other_store)
    people = [SUSAN, PETAR, *(Identity("facebook", "1", f"7{i}") for i in range(6))]
    with working(store, one), working(other_store, other):
        for i in range(200):
            store.receive([message(str(i), who=people[i % len(people)])])
        wait_for(lambda: store.next_due_ms() is None, "everything is decided")
    for who in people:
        snapshot = store.snapshot(contact_id(who))
        assert snapshot.undecided is None and snapshot.open and snapshot.open.incoming == 25
