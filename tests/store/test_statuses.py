"""Whatever is said about one message, in whatever order and however often: its status only moves one way."""

from dataclasses import dataclass

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from domain.arrivals import RecordReceipt
from domain.events import ReceiptStatus
from store import Settled, Store
from tests.conftest import StoppedClock
from tests.people import SUSAN, SUSAN_ID
from tests.store.attempts import ECHO_WAIT_MS, entry_of, reply
from tests.store.promises import MAY_BECOME


@dataclass(frozen=True)
class Attempt:
    """The next attempt is begun, by a worker who took the turn."""


@dataclass(frozen=True)
class Outcome:
    """Somebody says what became of an attempt: the worker who made it, its echo, or one who took over."""

    settled: Settled
    attempt: int


@dataclass(frozen=True)
class Receipt:
    """The platform says what became of the message."""

    status: ReceiptStatus


SAID = st.one_of(
    st.builds(Attempt),
    st.builds(Outcome, settled=st.sampled_from(Settled), attempt=st.integers(1, 3)),
    st.builds(Outcome, settled=st.just(Settled.SENT), attempt=st.just(1)),
    st.builds(Receipt, status=st.sampled_from(ReceiptStatus)),
)


@given(said=st.lists(SAID, max_size=14))
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_status_only_moves_one_way(
    store: Store, clock: StoppedClock, said: list[Attempt | Outcome | Receipt]
) -> None:
    store.connection.command(lambda client: client.flushall())
    turn, [number] = reply(store, "our reply")
    attempts, path, is_failed_on_platform = 0, ["p"], False
    for what in said:
        match what:
            case Attempt():
                clock.ms += ECHO_WAIT_MS + 1
                if taken := store.take_turn(SUSAN_ID):
                    turn = taken[0]
                begun = store.start_send(turn, number, f"nonce-{attempts + 1}", echo_wait_ms=ECHO_WAIT_MS)
                attempts += begun is not None
            case Outcome(settled=settled, attempt=attempt):
                store.settle_send(turn, number, f"nonce-{attempt}", settled, external_id="m_1", try_at_ms=clock.ms)
            case Receipt(status=status):
                store.receive([RecordReceipt(identity=SUSAN, status=status, external_id="m_1", reason="why")])
        before, letter = path[-1], entry_of(store, number).letter
        assert letter == before or letter in MAY_BECOME.get(before, ""), f"{path} became {letter} by {what}"
        assert not (is_failed_on_platform and letter != "f"), "what the platform says is the last word"
        if isinstance(what, Outcome) and what.settled is not Settled.SENT and what.attempt != attempts:
            assert letter == before, "a failure is believed of the latest attempt only"
        if isinstance(what, Outcome) and what.settled is Settled.SENT and what.attempt <= attempts:
            assert letter not in "pgu", "a success is believed of any"
        is_failed_on_platform |= before == "s" and letter == "f"
        path.append(letter)
        is_waiting = letter in "pg"
        assert (store.snapshot(SUSAN_ID).head is not None) == is_waiting, "nothing else is held back by it"
