"""A play that is stopped by force, or whose store does not answer: no worker finds anything, and it can go on."""

import functools
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app import create_commands
from demo.hours import Quarter
from demo.performing import perform
from demo.play import Play, make_play, name_of_play
from domain.actions import NoteLine, Send
from domain.models import Letter, Sender
from domain.users import Role
from settings import SETTINGS
from store import Store
from tests.conftest import make_store
from tests.demo.small_plays import everything, make_small, without_turns
from tests.servers import Process, Valkey, python, wait_for
from tests.web.signed_in import add_user

#: Long enough for a killed play's leases to be over.
AHEAD_MS = 20_000


@pytest.fixture
def taken(valkey: Valkey, store: Store) -> Iterator[list[object]]:
    """What a worker found to do that looks all the time, with a clock for which each lease is over already."""
    found: list[object] = []
    worker, is_over = make_store(valkey), threading.Event()
    worker.now_ms = lambda: worker.clock.now_ms() + AHEAD_MS

    def work() -> None:
        while not is_over.is_set():
            found.extend(worker.take_turn(contact) for contact in worker.due_contacts(worker.keys.each(), 10))

    thread = threading.Thread(target=work)
    thread.start()
    yield found
    is_over.set()
    thread.join()


def contacts(store: Store) -> int:
    return len(store.contacts(1000).items)


def assert_is_played(store: Store, play: Play) -> None:
    for story in play.stories:
        begun = [steps for steps in story.conversations if steps[0].at_ms <= play.now_ms]
        assert len(store.conversations(story.id)) == len(begun)


def test_killed_at_any_moment_it_leaves_nothing_to_a_worker_and_goes_on(
    store: Store, valkey: Valkey, taken: list[object], tmp_path: Path
) -> None:
    add_user(store, Role.OWNER)
    kept = {name: value for name, value in os.environ.items() if name not in {one.name for one in SETTINGS}}
    words = python("-m", "flask", "--app", "app", "demo", "--conversations", "300", "--days", "20", "--yes")
    command = Process(words, {**kept, "REDIS_URL": valkey.url, "DATA_DIR": str(tmp_path)}, tmp_path / "log")

    def has_begun(before: int) -> bool:
        return contacts(store) >= before + 20

    for _ in range(3):
        wait = functools.partial(has_begun, contacts(store))
        command.start()
        wait_for(wait, "some more contacts are there")
        command.kill()
        assert store.next_due_ms() is None
    command.start()
    wait_for(lambda: "are there, and summed up" in command.output(), "the play is over", seconds=60)
    assert taken == [] and store.next_due_ms() is None

    in_pieces = without_turns(everything(store))
    now_ms, zone, facebook, viber = store.find_play(name_of_play(300, 20, 7)).split(" ")
    valkey.client().flushall()
    play = make_play(300, Quarter(int(now_ms), 20, ZoneInfo(zone)), 7, facebook, viber)
    sum(perform(store, lambda: make_store(valkey), play))
    assert without_turns(everything(store)) == in_pieces


def test_what_happened_to_a_contact_since_is_not_where_the_play_goes_on(store: Store, valkey: Valkey) -> None:
    play = make_small(store)
    performing = perform(store, lambda: make_store(valkey), play)
    for _ in range(5):
        next(performing)
    performing.close()
    begun = [contact for contact, _ in store.contacts(1000).items]
    for contact in begun:
        for _ in range(60):
            store.commit(store.snapshot(contact.id), [NoteLine(number=0, kind="seen", details={})])
    sum(perform(store, lambda: make_store(valkey), play))
    assert len(begun) < len(play.stories)
    assert_is_played(store, play)


def test_what_a_user_wrote_to_a_contact_since_is_left_to_the_workers(store: Store, valkey: Valkey) -> None:
    play = make_small(store)
    sum(perform(store, lambda: make_store(valkey), play))
    contact = store.contacts(1).items[0][0].id
    store.commit(store.snapshot(contact), [Send(number=0, text="And now?", sender=Sender.USER)])
    sum(perform(store, lambda: make_store(valkey), play))
    taken = store.take_turn(contact)
    assert taken and taken[1].head and taken[1].head.letter is Letter.PENDING


def test_a_store_that_does_not_answer_in_time_again_and_again_gets_each_step_once(
    store: Store, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.patience.PAUSES_S", (0.6,) * 10)
    play = make_small(store, conversations=200)
    sum(perform(store, lambda: make_store(valkey), play))
    uninterrupted = without_turns(everything(store))
    valkey.client().flushall()
    performing = perform(store, lambda: hasty_store(valkey), play)
    for number, _ in enumerate(performing):
        if number in (2, 15, 30, 45):
            os.kill(valkey.pid, signal.SIGSTOP)
            time.sleep(0.5)  # longer than the store is waited for
            os.kill(valkey.pid, signal.SIGCONT)
    assert without_turns(everything(store)) == uninterrupted
    assert store.next_due_ms() is None


def hasty_store(valkey: Valkey) -> Store:
    made = Store(valkey.url, partitions=16, max_connections=20, timeout_s=0.3)
    made.start()
    return made


def test_a_store_that_is_away_for_a_second_has_it_all_in_the_end(store: Store, valkey: Valkey) -> None:
    play = make_small(store, conversations=400)
    performing = perform(store, lambda: make_store(valkey), play)
    for _ in range(20):
        next(performing)
    valkey.kill()
    valkey.start()
    assert contacts(store) < len(play.stories) / 2
    sum(performing)
    assert_is_played(store, play)
    assert store.next_due_ms() is None


def test_a_store_that_stays_away_ends_it_with_what_to_do(
    store: Store, valkey: Valkey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIS_URL", valkey.url)
    monkeypatch.setattr("demo.patience.PAUSES_S", (0.1,))
    add_user(store, Role.OWNER)

    def kill() -> None:
        wait_for(lambda: contacts(store) >= 5, "some contacts are there")
        valkey.kill()

    killing = threading.Thread(target=kill)
    killing.start()
    result = create_commands().test_cli_runner().invoke(args=("demo", "--conversations", "2000", "--yes"))
    killing.join()
    valkey.start()
    assert result.exit_code == 1 and "Traceback" not in result.output
    assert "Run the same command again: it goes on from here" in result.output
