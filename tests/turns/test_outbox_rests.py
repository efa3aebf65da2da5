"""Sending when a whole page or bot must rest, and when the store is away: nothing is lost, nobody else waits."""

import pytest

from domain.errors import ChannelError, Outcome, StoreError
from domain.identities import Identity, contact_id
from domain.models import Status
from store import Store
from store.connection import Call
from tests.conftest import StoppedClock, make_store
from tests.people import PETAR, SUSAN, SUSAN_ID, write
from tests.servers import Valkey
from tests.turns.outbox_plays import PAGE_RESTS, PERMANENT, RETRY, fail, say, statuses, wait_s
from tests.turns.stage import Stage
from turns.accounts import NOT_CONNECTED_RETRY_S, Accounts
from turns.outbox import MOST_ATTEMPTS
from turns.turn import TurnRunner

NEIGHBOUR = Identity(SUSAN.kind, SUSAN.account, "7000000000000702")
NEIGHBOUR_ID = contact_id(NEIGHBOUR)


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


def test_a_page_that_must_rest_holds_back_its_other_contacts_but_nobody_elses(
    stage: Stage, clock: StoppedClock
) -> None:
    stage.facebook.on_send = fail(PAGE_RESTS)
    for who in (SUSAN, NEIGHBOUR, PETAR):
        say(stage, "one", who=who)
        stage.turn(contact_id(who))
    assert stage.facebook.sent == [] and stage.viber.texts == ["one"]
    assert statuses(stage, NEIGHBOUR_ID) == [("one", "pending", "")], "an attempt was made"
    assert stage.store.rests([SUSAN.channel])[SUSAN.channel][0] == "rate_limited"
    assert 55 < wait_s(stage, clock) <= 61
    stage.turn(NEIGHBOUR_ID)
    assert stage.facebook.sent == []


def test_when_the_rest_is_over_everybody_goes_on(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    stage.facebook.on_send = fail(PAGE_RESTS)
    for who in (SUSAN, NEIGHBOUR):
        say(stage, "to one", who=who)
        stage.turn(contact_id(who))
    valkey.client().delete(stage.store.keys.pause(SUSAN.channel))
    clock.pass_s(61)
    for who in (SUSAN, NEIGHBOUR):
        stage.turn(contact_id(who))
    assert stage.facebook.texts == ["to one", "to one"]


def test_a_rest_of_the_whole_page_never_makes_a_message_fail(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    stage.facebook.on_send = fail(*[ChannelError(Outcome.RETRY, "bad_token", 1, True)] * (MOST_ATTEMPTS + 5))
    say(stage, "one")
    for _ in range(MOST_ATTEMPTS + 5):
        stage.turn()
        valkey.client().delete(stage.store.keys.pause(SUSAN.channel))
        clock.pass_s(2)
    assert [s for _, s, _ in statuses(stage)] == ["pending"]
    stage.turn()
    assert stage.facebook.texts == ["one"]


def test_a_page_that_is_not_connected_any_more_loses_nothing(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    say(stage, "one")
    runner = TurnRunner(stage.store, Accounts(stage.store, {}), None, lambda *_: {})
    runner.run(SUSAN_ID)
    assert [s for _, s, _ in statuses(stage)] == ["pending"]
    assert stage.store.rests([SUSAN.channel])[SUSAN.channel][0] == "not_connected"
    valkey.client().delete(stage.store.keys.pause(SUSAN.channel))
    clock.pass_s(NOT_CONNECTED_RETRY_S)
    stage.turn()
    assert stage.facebook.texts == ["one"]


def test_one_worker_knows_of_a_rest_that_another_one_set(stage: Stage) -> None:
    stage.store.rest(SUSAN.channel, "bad_token", 60)
    accounts = Accounts(stage.store, {SUSAN.channel: stage.facebook})
    assert accounts.rest_left_s(SUSAN) > 50 and accounts.rest_left_s(PETAR) == 0


# -- The store away


class Unreliable:
    """Lets a store's answers get lost: those of one script, for the first few times."""

    def __init__(self, store: Store, script: str, times: int, *, after: bool) -> None:
        self._run, self._script, self._times, self._after = store.connection.run, script, times, after
        self.lost = 0
        store.connection.run = self  # type: ignore[method-assign]

    def __call__(self, call: Call) -> list[object]:
        if call.script.name != self._script or self.lost >= self._times:
            return self._run(call)
        self.lost += 1
        if self._after:
            self._run(call)
        raise StoreError("the network lost this")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("error", "status"), [(None, Status.SENT), (PERMANENT, Status.FAILED), (RETRY, Status.PENDING)]
)
def test_what_the_platform_said_is_told_to_the_store_until_it_hears_it(
    stage: Stage, valkey: Valkey, clock: StoppedClock, error: ChannelError | None, status: Status, after: bool
) -> None:
    mortal = make_store(valkey)
    mortal.now_ms = clock
    stage.facebook.on_send = fail(error)
    say(stage, "one")
    unreliable = Unreliable(mortal, "settle_send", 2, after=after)
    stage.runner(mortal).run(SUSAN_ID)
    assert unreliable.lost == 2 and [s for _, s, _ in statuses(stage)] == [str(status)]
    assert len(stage.facebook.sent) == (error is None)


def test_a_commit_whose_answer_got_lost_sends_its_replies_at_once_and_asks_nobody_twice(
    stage: Stage, valkey: Valkey, clock: StoppedClock
) -> None:
    mortal = make_store(valkey)
    mortal.now_ms = clock
    Unreliable(mortal, "commit", 1, after=True)
    write(stage.store, "hello")
    stage.runner(mortal).run(SUSAN_ID)
    assert stage.store.next_due_ms() == clock.ms, "it would wait for the end of a lease that nobody needs"
    stage.turn()
    assert stage.facebook.texts == ["you said hello"] and len(stage.bot.asked) == 1
