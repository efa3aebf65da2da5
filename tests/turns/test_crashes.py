"""kill -9 between every two steps: wherever a worker dies, the outcome is the one it would have been."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.answers import Answer, Commands, Question
from domain.arrivals import SettleByEcho
from domain.models import Letter
from domain.sends import SendTag
from store import Store
from tests.conftest import StoppedClock, make_store
from tests.people import SUSAN_ID, message, welcome
from tests.servers import Valkey
from tests.turns.stage import Stage, done

Outcome = tuple[list[tuple[str, str, int | None]], list[str]]


class Killed(BaseException):
    """The process is gone; nothing that would run after it does."""


class Crashes:
    """Counts the steps of a worker and kills it at one of them: before the step is made, or right after."""

    def __init__(self, at: int | None, *, after: bool) -> None:
        self._at, self._after, self.steps = at, after, 0

    def step(self, make: Callable[[], Any]) -> Any:
        number, self.steps = self.steps, self.steps + 1
        if number == self._at and not self._after:
            raise Killed
        result = make()
        if number == self._at:
            raise Killed
        return result


def play(valkey: Valkey, crashes: Crashes) -> Outcome:
    """Welcome, hello, "bye" with "wait!" right behind it, a hand-over: what is on the timeline and on the phone."""
    valkey.client().flushall()
    web, mortal = make_store(valkey), make_store(valkey)
    clock = StoppedClock(web.now_ms())
    web.now_ms = mortal.now_ms = clock
    stage = Stage(web)
    run_script, command = mortal.connection.run, mortal.connection.command
    mortal.connection.run = lambda call: crashes.step(lambda: run_script(call))  # type: ignore[method-assign]
    mortal.connection.command = lambda run: crashes.step(lambda: command(run))  # type: ignore[method-assign]

    commands = Commands(bot_status=False, notify="Susan wants a person")
    stage.bot.answers = {
        "FACEBOOK_WELCOME": Answer(intent="welcome", replies=("Welcome!",)),
        "bye": done("Bye!", "See you."),
        "human": Answer(intent="human", replies=("One moment.",), commands=commands),
    }

    def think(question: Question) -> None:
        conversation = int(question.session.rsplit("-")[1])
        entry = int(question.payload["markdone"]["entry"])
        if question.text == "bye":
            stage.fulfill(conversation, entry, Commands(mark_done=True))
        if question.text == "human":
            stage.fulfill(conversation, entry, commands)
        crashes.step(lambda: None)

    def echo(text: str, tag: str) -> None:
        parsed = SendTag.parse(tag)
        assert parsed
        web.receive([SettleByEcho(tag=parsed, external_id=f"m_{parsed.entry}")])
        stage.facebook.sent.append((text, tag))
        crashes.step(lambda: None)
        stage.facebook.sent.pop()

    stage.bot.on_ask, stage.facebook.on_send = think, echo
    for arrivals in ([welcome()], [message("hello")], [message("bye"), message("wait!")], [message("human")]):
        web.receive(arrivals)
        work(stage, mortal, clock)
    page = web.timeline(SUSAN_ID, 0, 1000)
    assert web.snapshot(SUSAN_ID).head is None
    timeline = [(str(entry.data["kind"]) + entry.letter, entry.text, number) for entry, number in page.entries]
    return timeline, stage.facebook.texts


def work(stage: Stage, mortal: Store, clock: StoppedClock) -> None:
    """Take turns until nothing is due, with a new worker whenever one was killed."""
    while (due_ms := stage.store.next_due_ms()) is not None:
        clock.ms = max(clock.ms, due_ms)
        try:
            stage.runner(mortal).run(SUSAN_ID)
        except Killed:
            continue


def test_wherever_a_worker_is_killed_the_outcome_is_the_same(valkey: Valkey) -> None:
    unharmed = Crashes(None, after=False)
    expected = play(valkey, unharmed)
    timeline, texts = expected
    assert texts == ["Welcome!", "you said hello", "Bye!", "See you.", "you said wait!", "One moment."]
    assert [line for line in timeline if line[0].startswith(("opened", "closed"))] == [
        ("openede", "", 1),
        ("closede", "", 1),
        ("openede", "", 2),
    ]
    assert not [line for line in timeline if line[0] == f"message{Letter.NOT_SENT}"]
    assert unharmed.steps > 30
    for step in range(unharmed.steps):
        for after in (False, True):
            outcome = play(valkey, Crashes(step, after=after))
            assert sorted(outcome[0], key=str) == sorted(timeline, key=str), f"step {step}, after={after}"
            assert outcome[1] == texts, f"step {step}, after={after}"


@pytest.mark.parametrize("step", range(8))
def test_two_kills_in_a_row_change_nothing_either(valkey: Valkey, step: int) -> None:
    class Twice(Crashes):
        def step(self, make: Callable[[], Any]) -> Any:
            number, self.steps = self.steps, self.steps + 1
            if number in (step * 3, step * 3 + 2):
                raise Killed
            return make()

    expected = play(valkey, Crashes(None, after=False))
    assert play(valkey, Twice(None, after=False))[1] == expected[1]
