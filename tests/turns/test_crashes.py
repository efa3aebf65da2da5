"""kill -9 between every two steps: wherever a process dies, or all of them with Redis, the outcome is the same."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from domain.answers import Answer, Commands, Question
from domain.arrivals import Arrival, SettleByEcho
from domain.models import Letter
from domain.sends import SendTag
from store import Store
from tests.conftest import StoppedClock, make_store
from tests.people import SUSAN_ID, message, welcome
from tests.servers import Valkey
from tests.turns.stage import Stage, done

Outcome = tuple[list[tuple[str, str, int | None]], list[str]]
HANDS_OVER = Commands(bot_status=False, notify="Susan wants a person")


class Killed(BaseException):
    """The process is gone; nothing that would run after it does."""


class Crashes:
    """Counts steps and kills whoever makes one of them: before the step is made, or right after.

    A step is a call of the worker to the store, a question to the bot, a message to the platform, what Dialogflow's
    call does, or what web receives.
    """

    def __init__(self, *at: int, after: bool = False) -> None:
        self._at, self._after, self.steps = at, after, 0
        self.on_kill: Callable[[], None] = lambda: None

    def step(self, make: Callable[[], Any]) -> Any:
        number, self.steps = self.steps, self.steps + 1
        if number in self._at and not self._after:
            self._kill()
        result = make()
        if number in self._at:
            self._kill()
        return result

    def _kill(self) -> None:
        self.on_kill()
        raise Killed


class World:
    """Web, worker, bot and platform, played on real stores; `all_die`: each kill is one of everything, Redis too."""

    def __init__(self, valkey: Valkey, crashes: Crashes, *, all_die: bool) -> None:
        self._valkey, self._crashes, self._all_die = valkey, crashes, all_die
        if all_die:
            crashes.on_kill = self._restart
        valkey.client().flushall()
        self.phone: list[str] = []
        self.web = make_store(valkey)
        self.clock = StoppedClock(self.web.now_ms())
        self.web.now_ms = self.clock
        self.stage = Stage(self.web)
        self.stage.bot.answers = {
            "FACEBOOK_WELCOME": Answer(intent="welcome", replies=("Welcome!",)),
            "bye": done("Bye!", "See you."),
            "human": Answer(intent="human", replies=("One moment.",), commands=HANDS_OVER),
        }
        self.stage.bot.on_ask, self.stage.facebook.on_send = self._think, self._deliver
        self._worker = self._start_worker()

    def write(self, *arrivals: Arrival) -> None:
        """Deliver what a contact did, again and again until web has taken it; then work until nothing is due."""
        self._receive(list(arrivals))
        while (due_ms := self.web.next_due_ms()) is not None:
            self.clock.ms = max(self.clock.ms, due_ms)
            try:
                self.stage.runner(self._worker).run(SUSAN_ID)
            except Killed:
                self._worker = self._start_worker()

    def outcome(self) -> Outcome:
        """What is on the timeline and on the phone."""
        page = self.web.timeline(SUSAN_ID, 0, 1000)
        timeline = [(str(entry.data["kind"]) + entry.letter, entry.text, number) for entry, number in page.entries]
        return timeline, self.phone

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

    def _receive(self, arrivals: list[Arrival]) -> bool:
        """Tell whether web died of it, and the platform had to deliver it again."""
        for attempt in range(3):
            try:
                self._crashes.step(lambda: self.web.receive(arrivals))
            except Killed:
                continue
            return attempt > 0
        raise AssertionError("it was delivered three times")

    def _think(self, question: Question) -> None:
        number = int(question.session.rsplit("-")[1])
        entry = int(question.payload["markdone"]["entry"])
        commands = {"bye": Commands(mark_done=True), "human": HANDS_OVER}.get(question.text)
        if commands:
            try:
                self._crashes.step(lambda: self.stage.fulfill(number, entry, commands))
            except Killed:
                # Web died, and Dialogflow answers without it; the worker goes on unless it died as well.
                if self._all_die:
                    raise
        self._crashes.step(lambda: None)

    def _deliver(self, text: str, tag: str) -> None:
        """The platform takes a message; its echo comes, whether the worker hears the answer or not."""
        parsed = SendTag.parse(tag)
        assert parsed
        before = len(self.phone)
        try:
            self._crashes.step(lambda: self.phone.append(text))
            is_alive = True
        except Killed:
            if len(self.phone) == before:
                raise
            is_alive = False
        web_died = self._receive([SettleByEcho(tag=parsed, external_id=f"m_{parsed.entry}")])
        if not is_alive or (web_died and self._all_die):
            raise Killed


def play(valkey: Valkey, crashes: Crashes, *, all_die: bool = False) -> Outcome:
    """Welcome, hello, "bye" with "wait!" right behind it, a hand-over."""
    world = World(valkey, crashes, all_die=all_die)
    for arrivals in ([welcome()], [message("hello")], [message("bye"), message("wait!")], [message("human")]):
        world.write(*arrivals)
    assert world.web.snapshot(SUSAN_ID).head is None
    return world.outcome()


@pytest.fixture(scope="module")
def expected(valkey: Valkey) -> Outcome:
    """What comes of it where nobody dies."""
    crashes = Crashes()
    timeline, texts = play(valkey, crashes)
    assert texts == ["Welcome!", "you said hello", "Bye!", "See you.", "you said wait!", "One moment."]
    assert [line for line in timeline if line[0].startswith(("opened", "closed"))] == [
        ("openede", "", 1),
        ("closede", "", 1),
        ("openede", "", 2),
    ]
    assert not [line for line in timeline if line[0] == f"message{Letter.NOT_SENT}"]
    return timeline, texts


@pytest.fixture(scope="module")
def steps(valkey: Valkey) -> int:
    crashes = Crashes()
    play(valkey, crashes)
    assert crashes.steps > 50
    return crashes.steps


@pytest.fixture(scope="module")
def own_valkey() -> Iterator[Valkey]:
    """A server that a test may kill."""
    server = Valkey()
    server.start()
    yield server
    server.kill()


def check(outcome: Outcome, expected: Outcome, where: str) -> None:
    assert sorted(outcome[0], key=str) == sorted(expected[0], key=str), where
    assert outcome[1] == expected[1], where


def test_wherever_a_process_is_killed_the_outcome_is_the_same(valkey: Valkey, expected: Outcome, steps: int) -> None:
    for step in range(steps):
        for after in (False, True):
            check(play(valkey, Crashes(step, after=after)), expected, f"step {step}, after={after}")


def test_wherever_everything_is_killed_and_started_again_the_outcome_is_the_same(
    own_valkey: Valkey, expected: Outcome, steps: int
) -> None:
    # A server takes its time to start: each step once, before and after it in turns.
    for step in range(steps):
        outcome = play(own_valkey, Crashes(step, after=step % 2 == 1), all_die=True)
        check(outcome, expected, f"step {step}")


@pytest.mark.parametrize("step", range(8))
def test_two_kills_in_a_row_change_nothing_either(valkey: Valkey, expected: Outcome, step: int) -> None:
    assert play(valkey, Crashes(step * 3, step * 3 + 2))[1] == expected[1]
