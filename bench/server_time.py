"""What one event costs the server: microseconds inside of each script, as the server itself counts them.

A hundred events go to it at a time, as under load; the scripts of a turn one by one, as the worker calls them.
"""

import secrets
import statistics
from collections import defaultdict
from collections.abc import Callable

from bench.bodies import MESSAGE_ID_CHARS
from bench.events import connect, receive
from bench.figures import Figure
from bench.processes import Processes
from bench.stand_ins import REPLY
from channels.facebook import Facebook
from domain.answers import Answer
from domain.models import Snapshot
from handlers.messages import AskBot, decide, decide_answer
from store import Settled, Store, Turn

ROUNDS = 9
CONTACTS = 1000
MOST_US = 20.0
NONCE = "as-long-as-1"  # its length is what counts here
RECEIVES = ("receive, a new contact", "receive, conversation open")
#: As a quiet platform gets them: the processor has forgotten the server between two events.
ALONE = "receive, conversation open, one at a time"
TURN = ("take_turn", "commit", "start_send", "settle_send")

Taken = tuple[Turn, Snapshot]


def measure(say: Callable[[str], None], *, rounds: int = ROUNDS, contacts: int = CONTACTS) -> list[Figure]:
    """Return the median over the rounds of the mean microseconds per script."""
    spent: dict[str, list[float]] = defaultdict(list)
    with Processes() as processes:
        processes.start_store()
        store = connect(processes)
        one_round(store, range(contacts))  # loads the scripts
        for number in range(1, rounds + 1):
            for name, us in one_round(store, range(number * contacts, (number + 1) * contacts)).items():
                spent[name].append(us)
            say(f"round {number} of {rounds}: " + ", ".join(f"{name} {us[-1]:.1f} µs" for name, us in spent.items()))
    medians = {name: statistics.median(us) for name, us in spent.items()}
    return [
        *(Figure(f"server: {name}", medians[name], "µs", at_most=MOST_US) for name in RECEIVES),
        Figure(f"server: {ALONE}", medians[ALONE], "µs"),
        *(Figure(f"server: {name}", medians[name], "µs") for name in TURN),
        Figure("server: one turn, all four", sum(medians[name] for name in TURN), "µs"),
    ]


def one_round(store: Store, numbers: range) -> dict[str, float]:
    """Every contact writes, is answered, and writes again; step by step for all of them."""
    ids: list[str] = []
    taken: list[Taken] = []
    answered: list[Taken] = []
    steps: dict[str, Callable[[], object]] = {
        RECEIVES[0]: lambda: ids.extend(receive(store, numbers)),
        "take_turn": lambda: taken.extend(found for one in ids if (found := store.take_turn(one))),
        "commit": lambda: answered.extend(_commit(store, *one) for one in taken),
        "start_send": lambda: _start_all(store, answered),
        "settle_send": lambda: _settle_all(store, answered),
        RECEIVES[1]: lambda: receive(store, numbers),
        ALONE: lambda: [receive(store, [number]) for number in numbers],
    }
    return {name: server_us(store, step) for name, step in steps.items()}


def server_us(store: Store, step: Callable[[], object]) -> float:
    """Return the server's mean microseconds per script run during `step`; what a script calls is in it."""
    store.connection.command(lambda client: client.config_resetstat())
    step()
    stats = store.connection.command(lambda client: client.info("commandstats"))["cmdstat_evalsha"]
    return float(stats["usec"]) / float(stats["calls"])


def _commit(store: Store, turn: Turn, snapshot: Snapshot) -> Taken:
    """Decide the entry as the worker would on the bot's answer."""
    assert snapshot.undecided
    asked = decide(snapshot, snapshot.undecided, has_bot=True)
    assert isinstance(asked, AskBot)
    answer = Answer(intent="opening hours", confidence=0.9, replies=(REPLY,), latency_ms=312)
    actions = decide_answer(snapshot, asked, answer, max_text_chars=Facebook.max_text_chars)
    committed = store.commit(snapshot, actions, turn=turn, decides=asked.entry.number, keeps_lease=True)
    assert committed.snapshot
    return turn, committed.snapshot


def _start_all(store: Store, answered: list[Taken]) -> None:
    for turn, snapshot in answered:
        assert snapshot.head
        store.start_send(turn, snapshot.head.number, NONCE, echo_wait_ms=60_000)


def _settle_all(store: Store, answered: list[Taken]) -> None:
    for turn, snapshot in answered:
        assert snapshot.head
        external_id = f"m_{secrets.token_hex(MESSAGE_ID_CHARS)[: MESSAGE_ID_CHARS - 2]}"
        store.settle_send(turn, snapshot.head.number, NONCE, Settled.SENT, external_id=external_id)
