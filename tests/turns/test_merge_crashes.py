"""kill -9 between every two steps of a merge and of the turns around it: whoever dies, one person comes of it."""

from collections.abc import Iterator

import pytest

from domain.answers import Question
from domain.arrivals import SettleByEcho
from domain.identities import MERGES_ID, Identity, contact_id
from domain.models import Sender
from domain.sends import SendTag
from handlers import users
from store import Store
from tests.conftest import StoppedClock, make_store
from tests.people import ALICE, BOB, SUSAN, SUSAN_ID, message, write
from tests.servers import Valkey
from tests.turns.merge_plays import said, work
from tests.turns.stage import Stage
from tests.turns.test_crashes import Crashes, Killed

#: Susan's second account, on the same page.
OLGA = Identity(SUSAN.kind, SUSAN.account, "7000000000000702")
OLGA_ID = contact_id(OLGA)
Outcome = tuple[list[tuple[str, str]], list[str]]


class World:
    """Susan and Olga have been answered; Olga has written since, and Bob to her; then somebody merges the two."""

    def __init__(self, valkey: Valkey, crashes: Crashes, *, all_die: bool) -> None:
        self._valkey, self._crashes, self._all_die = valkey, Crashes(), all_die
        valkey.client().flushall()
        self.phone: list[str] = []
        self.web = make_store(valkey)
        self.clock = StoppedClock(self.web.now_ms())
        self.web.now_ms = self.clock
        self.stage = Stage(self.web)
        self.stage.bot.on_ask, self.stage.facebook.on_send = self._think, self._deliver
        for who in (SUSAN, OLGA):
            write(self.web, who=who)
            work(self.stage, self.clock)
        self.web.receive([message("one thing", who=OLGA, native_id="m:one")])
        snapshot = self.web.snapshot(OLGA_ID)
        actions = users.write(
            snapshot, "from Bob", sender=Sender.USER, opens=None, max_text_chars=1900, pauses_bot=False, by=BOB
        )
        assert self.web.commit(snapshot, actions).is_done
        self._crashes = crashes
        if all_die:
            crashes.on_kill = self._restart

    def merge(self) -> Outcome:
        """Let workers do what is due until nothing is, each of them killed where it shall be."""
        number = self.web.request_merge(SUSAN_ID, OLGA_ID, by=ALICE)
        worker = self._start_worker()
        while (due_ms := self.web.next_due_ms()) is not None:
            self.clock.ms = max(self.clock.ms, due_ms)
            due = self.web.due_contacts(self.web.keys.each(), 10)
            contact = MERGES_ID if MERGES_ID in due else due[0]
            try:
                self.stage.runner(worker).run(contact)
            except Killed:
                worker = self._start_worker()
                # The platforms go on delivering, also what they have delivered already.
                self.web.receive([message("meanwhile", who=OLGA, native_id="m:two")])
                self.web.receive([message("one thing", who=OLGA, native_id="m:one")])
        self._crashes = Crashes()
        self.web.receive([message("meanwhile", who=OLGA, native_id="m:two")])
        work(self.stage, self.clock)
        assert self.web.merge_state(number).outcome in ("merged", "same")
        return self._outcome()

    def _outcome(self) -> Outcome:
        susan, olga = self.web.snapshot(SUSAN_ID), self.web.snapshot(OLGA_ID)
        assert susan.contact.parts == (OLGA_ID,) and susan.contact.identities == (SUSAN, OLGA)
        assert olga.contact.merged_into == SUSAN_ID and olga.open is None
        assert susan.open and susan.open.number == 1
        assert susan.undecided is susan.head is olga.undecided is olga.head is None
        counted = sum(one.incoming for _, one in self.web.all_conversations(SUSAN_ID))
        assert counted == [letter for letter, _ in said(self.web)].count("m")
        return sorted(said(self.web)), sorted(self.phone)

    def _restart(self) -> None:
        self._valkey.kill()
        self._valkey.start()
        self.web = make_store(self._valkey)
        self.web.now_ms = self.clock
        self.stage.store = self.web

    def _start_worker(self) -> Store:
        store = make_store(self._valkey)
        store.now_ms = self.clock
        run_script, command = store.connection.run, store.connection.command
        store.connection.run = lambda call: self._crashes.step(lambda: run_script(call))  # type: ignore[method-assign]
        store.connection.command = lambda run: self._crashes.step(lambda: command(run))  # type: ignore[method-assign]
        return store

    def _think(self, question: Question) -> None:
        self._crashes.step(lambda: None)

    def _deliver(self, text: str, tag: str) -> None:
        """The platform takes a message; its echo comes, whether the worker hears the answer or not."""
        parsed, before = SendTag.parse(tag), len(self.phone)
        assert parsed
        try:
            self._crashes.step(lambda: self.phone.append(text))
        finally:
            if len(self.phone) > before:
                self.web.receive([SettleByEcho(tag=parsed, external_id=f"m_{parsed.contact[:4]}{parsed.entry}")])


def play(valkey: Valkey, crashes: Crashes, *, all_die: bool = False) -> Outcome:
    return World(valkey, crashes, all_die=all_die).merge()


@pytest.fixture(scope="module")
def expected(valkey: Valkey) -> Outcome:
    """What comes of it where nobody dies."""
    timeline, phone = play(valkey, Crashes())
    assert phone == ["from Bob", *["you said hello"] * 2, "you said meanwhile", "you said one thing"]
    assert [text for letter, text in timeline if letter == "m"] == ["hello", "hello", "meanwhile", "one thing"]
    return timeline, phone


@pytest.fixture(scope="module")
def steps(valkey: Valkey) -> int:
    crashes = Crashes()
    play(valkey, crashes)
    assert crashes.steps > 20
    return crashes.steps


@pytest.fixture(scope="module")
def own_valkey() -> Iterator[Valkey]:
    """A server that a test may kill."""
    server = Valkey()
    server.start()
    yield server
    server.kill()


def test_wherever_a_worker_is_killed_one_person_comes_of_it(valkey: Valkey, expected: Outcome, steps: int) -> None:
    for step in range(steps):
        for after in (False, True):
            assert play(valkey, Crashes(step, after=after)) == expected, f"step {step}, after={after}"


def test_wherever_everything_is_killed_one_person_comes_of_it(
    own_valkey: Valkey, expected: Outcome, steps: int
) -> None:
    # A server takes its time to start: every third step, before and after it in turns.
    for step in range(0, steps, 3):
        assert play(own_valkey, Crashes(step, after=step % 2 == 1), all_die=True) == expected, f"step {step}"


@pytest.mark.parametrize("step", range(12))
def test_two_kills_in_a_row_change_nothing_either(valkey: Valkey, expected: Outcome, step: int) -> None:
    assert play(valkey, Crashes(step, step + 2)) == expected
