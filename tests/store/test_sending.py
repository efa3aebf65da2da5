"""An outgoing message's status: marked before the call, settled after, one way only, by its nonce."""

import pytest

from domain.arrivals import SettleByEcho
from domain.models import Letter, Status
from domain.sends import SendTag
from store import Settled, Store, Turn
from tests.conftest import StoppedClock
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, take, write
from tests.store.attempts import ECHO_WAIT_MS, attempt, entry_of, reply

FAILURES = [Settled.FAILED, Settled.UNCONFIRMED, Settled.RETRY, Settled.WAITING]


def echo(store: Store, number: int, nonce: str, external_id: str = "m_echo") -> bool:
    tag = SendTag(SUSAN_ID, number, nonce)
    return store.receive([SettleByEcho(tag=tag, external_id=external_id)])[0].is_new


def test_an_attempt_is_marked_before_the_call_and_settled_after(store: Store, clock: StoppedClock) -> None:
    turn, [number] = reply(store, "hello")
    assert entry_of(store, number).status is Status.PENDING
    nonce = attempt(store, turn, number)
    marked = entry_of(store, number)
    assert (marked.status, marked.nonces, marked.changed_at_ms) == (Status.SENDING, (nonce,), clock.ms)
    left = store.settle_send(turn, number, nonce, Settled.SENT, external_id="m_1")
    assert left and left.head is None and left.is_released
    settled = entry_of(store, number)
    assert (settled.status, settled.external_id, settled.nonces) == (Status.SENT, "m_1", ())
    assert store.snapshot(SUSAN_ID).head is None and store.next_due_ms() is None


@pytest.mark.parametrize("external_id", ["m_a|b}c{d\\e\"f'g", "m_%7C", "м_1", "x" * 512, "5741311803571721087", ""])
def test_a_platforms_id_survives_whatever_it_holds(store: Store, external_id: str) -> None:
    turn, [number] = reply(store, "hello }|{")
    store.settle_send(turn, number, attempt(store, turn, number), Settled.SENT, external_id=external_id)
    entry = entry_of(store, number)
    assert (entry.external_id, entry.text) == (external_id, "hello }|{")


def test_only_the_head_may_be_sent(store: Store) -> None:
    turn, [first, second] = reply(store, "one", "two")
    assert store.start_send(turn, second, "nonce-1", echo_wait_ms=0) is None
    left = store.settle_send(turn, first, attempt(store, turn, first), Settled.SENT, external_id="m_1")
    assert left and left.head and left.head.number == second and not left.is_released
    assert attempt(store, turn, second, "nonce-2")


def test_a_worker_that_lost_its_turn_may_neither_start_nor_postpone(store: Store, clock: StoppedClock) -> None:
    turn, [number] = reply(store, "hello")
    clock.pass_s(16)
    take(store)
    assert store.start_send(turn, number, "nonce-1", echo_wait_ms=0) is None
    store.postpone_send(turn, clock.ms + 1000)
    assert store.snapshot(SUSAN_ID).contact.try_at_ms == 0


def test_a_worker_that_lost_its_turn_may_still_settle_and_does_not_give_the_turn_away(
    store: Store, clock: StoppedClock
) -> None:
    turn, [number] = reply(store, "hello")
    nonce = attempt(store, turn, number)
    clock.pass_s(16)
    take(store)
    left = store.settle_send(turn, number, nonce, Settled.SENT, external_id="m_1")
    assert left and not left.is_released and entry_of(store, number).status is Status.SENT
    write(store, "another")
    assert store.take_turn(SUSAN_ID) is None, "the other worker still has it"


@pytest.mark.parametrize("outcome", FAILURES)
def test_a_success_is_final(store: Store, outcome: Settled) -> None:
    turn, [number] = reply(store, "hello")
    nonce = attempt(store, turn, number)
    store.settle_send(turn, number, nonce, Settled.SENT, external_id="m_1")
    assert store.settle_send(turn, number, nonce, outcome, reason="late") is None
    assert not echo(store, number, nonce)
    assert (entry_of(store, number).status, entry_of(store, number).external_id) == (Status.SENT, "m_1")


@pytest.mark.parametrize("outcome", [Settled.SENT, *FAILURES])
def test_an_attempt_that_was_never_made_settles_nothing(store: Store, outcome: Settled) -> None:
    turn, [number] = reply(store, "hello")
    attempt(store, turn, number, "nonce-1")
    for nonce in ("nonce-2", "nonce", "once-1", "nonce-1,nonce-1", ""):
        assert store.settle_send(turn, number, nonce, outcome, external_id="x") is None, nonce
    assert store.settle_send(turn, 99, "nonce-1", outcome) is None
    assert entry_of(store, number).status is Status.SENDING


@pytest.mark.parametrize("outcome", FAILURES)
def test_a_failure_counts_only_with_the_latest_attempts_nonce(store: Store, outcome: Settled) -> None:
    turn, [number] = reply(store, "hello")
    attempt(store, turn, number, "nonce-1")
    attempt(store, turn, number, "nonce-2")
    assert store.settle_send(turn, number, "nonce-1", outcome, reason="old") is None
    assert entry_of(store, number).status is Status.SENDING
    assert store.settle_send(turn, number, "nonce-2", outcome, reason="new") is not None
    assert entry_of(store, number).reason == "new"


def test_a_success_counts_with_any_attempts_nonce(store: Store) -> None:
    turn, [number] = reply(store, "hello")
    attempt(store, turn, number, "nonce-1")
    attempt(store, turn, number, "nonce-2")
    assert echo(store, number, "nonce-1")
    assert store.settle_send(turn, number, "nonce-2", Settled.FAILED) is None
    assert entry_of(store, number).status is Status.SENT


@pytest.mark.parametrize("outcome", [Settled.FAILED, Settled.UNCONFIRMED])
def test_an_echo_after_all_makes_it_sent(store: Store, outcome: Settled) -> None:
    turn, [number] = reply(store, "hello")
    nonce = attempt(store, turn, number)
    store.settle_send(turn, number, nonce, outcome, reason="gave_up")
    assert echo(store, number, nonce) and entry_of(store, number).status is Status.SENT
    assert entry_of(store, number).reason == ""


def test_a_late_echo_of_one_message_does_not_end_the_wait_of_the_next(store: Store, clock: StoppedClock) -> None:
    turn, [first, second] = reply(store, "one", "two")
    store.settle_send(turn, first, attempt(store, turn, first, "nonce-1"), Settled.UNCONFIRMED)
    attempt(store, turn, second, "nonce-2")
    store.release_turn(turn)
    waiting = store.snapshot(SUSAN_ID).contact
    assert (waiting.wait, waiting.try_at_ms) == ("echo", clock.ms + ECHO_WAIT_MS)
    assert echo(store, first, "nonce-1")
    contact = store.snapshot(SUSAN_ID).contact
    assert (contact.wait, contact.try_at_ms, contact.attempts) == (waiting.wait, waiting.try_at_ms, 1)


def test_an_attempt_begun_again_says_how_often_nobody_knows_what_became(store: Store) -> None:
    turn, [number] = reply(store, "hello")
    started = [store.start_send(turn, number, f"nonce-{i}", echo_wait_ms=0) for i in range(3)]
    assert started == [1, 2, 3] and store.snapshot(SUSAN_ID).contact.unsure == 2
    store.settle_send(turn, number, "nonce-2", Settled.RETRY, try_at_ms=0)
    again = store.start_send(turn, number, "nonce-3", echo_wait_ms=0)
    assert again == 4
    assert store.snapshot(SUSAN_ID).contact.unsure == 2, "what was unsure stays so for this message"


def test_the_next_message_starts_counting_afresh(store: Store) -> None:
    turn, [first, second] = reply(store, "one", "two")
    attempt(store, turn, first, "nonce-1")
    attempt(store, turn, first, "nonce-2")
    store.settle_send(turn, first, "nonce-2", Settled.FAILED, reason="no")
    started = store.start_send(turn, second, "nonce-3", echo_wait_ms=0)
    assert started == 1 and store.snapshot(SUSAN_ID).contact.unsure == 0


def waiting(store: Store, clock: StoppedClock, outcome: Settled) -> Turn:
    """Susan's reply waits for ten minutes."""
    turn, [number] = reply(store, "hello")
    nonce = attempt(store, turn, number)
    store.settle_send(turn, number, nonce, outcome, reason="why", try_at_ms=clock.ms + 600_000)
    store.release_turn(turn)
    assert entry_of(store, number).letter is Letter.PENDING
    assert store.next_due_ms() == clock.ms + 600_000
    return turn


def test_a_platforms_wait_ends_with_the_contacts_next_message(store: Store, clock: StoppedClock) -> None:
    waiting(store, clock, Settled.WAITING)
    write(store, "hello?")
    _, snapshot = take(store)
    assert snapshot.contact.try_at_ms == 0 and snapshot.contact.wait == ""


def test_a_back_off_does_not_end_with_the_contacts_next_message(store: Store, clock: StoppedClock) -> None:
    waiting(store, clock, Settled.RETRY)
    write(store, "hello?")
    turn, snapshot = take(store)
    assert (snapshot.contact.try_at_ms, snapshot.contact.wait) == (clock.ms + 600_000, "backoff")
    assert snapshot.undecided
    store.commit(snapshot, [], turn=turn, decides=snapshot.undecided.number)
    assert store.next_due_ms() == clock.ms + 600_000, "decided, and the send still waits"


def test_a_wait_for_an_echo_does_not_end_with_the_contacts_next_message(store: Store, clock: StoppedClock) -> None:
    turn, [number] = reply(store, "hello")
    attempt(store, turn, number)
    store.release_turn(turn)
    write(store, "hello?")
    assert take(store)[1].contact.wait == "echo"


def test_sending_holds_the_lease_anew(store: Store, clock: StoppedClock) -> None:
    turn, [number] = reply(store, "hello")
    clock.pass_s(14)
    attempt(store, turn, number)
    clock.pass_s(14)
    assert store.take_turn(SUSAN_ID) is None
    clock.pass_s(2)
    assert store.take_turn(SUSAN_ID) is not None


def test_giving_the_turn_back_while_something_is_undecided_makes_it_due_at_once(
    store: Store, clock: StoppedClock
) -> None:
    turn, [number] = reply(store, "hello")
    write(store, "and?")
    left = store.settle_send(turn, number, attempt(store, turn, number), Settled.SENT, external_id="m_1")
    assert left and left.head is None and not left.is_released, "there is a message to decide"
    store.release_turn(turn)
    assert store.next_due_ms() == clock.ms


def test_a_page_or_bot_rests_for_its_time_and_says_why(store: Store) -> None:
    assert store.rest_left_ms(SUSAN.channel) == 0
    store.rest(SUSAN.channel, "rate_limited", 60)
    assert 50_000 < store.rest_left_ms(SUSAN.channel) <= 60_000 and store.rest_left_ms(PETAR.channel) == 0
    rests = store.rests([SUSAN.channel, PETAR.channel])
    assert rests[SUSAN.channel][0] == "rate_limited" and rests[PETAR.channel] == ("", None)
    assert store.rests([]) == {}


def test_one_contacts_sends_are_not_anothers(store: Store) -> None:
    turn, [number] = reply(store, "to Susan")
    reply(store, "to Petar", who=PETAR)
    attempt(store, turn, number)
    assert not store.receive([SettleByEcho(tag=SendTag(PETAR_ID, number, "nonce-1"), external_id="m_1")])[0].is_new
    assert entry_of(store, number, PETAR).status is Status.PENDING
