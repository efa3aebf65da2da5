"""What automations that do not match cost a turn: the worker's and the server's processor time for a message, with a
hundred active ones and with none, in turns.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bench.bodies import requests
from bench.events import connect
from bench.figures import Figure
from bench.load import post
from bench.processes import BenchError, Processes
from bench.processor import can_tell, used_by
from bench.stand_ins import StandIns
from domain.automations import Automation
from domain.definitions import read_definition
from store import Store
from store.automations import AUTOMATIONS_CACHED_S

ROUNDS = 12
CONTACTS = 300
CONNECTIONS = 8
MOST_RATIO = 1.10
_DO = [{"kind": "add_tags", "tags": ["seen"]}]


def measure(say: Callable[[str], None], *, rounds: int = ROUNDS, contacts: int = CONTACTS) -> list[Figure]:
    """Return milliseconds per message with and without them, and the ratio of each round's two.

    In each wave every contact writes once and is answered by the agent, at once. Raises BenchError where nobody can
    tell processor time.
    """
    if not can_tell():
        raise BenchError("processor time is read from /proc, which this system does not have; measure it on Linux")
    spent: tuple[list[float], list[float]] = [], []
    waves = 0
    with Processes() as processes:
        server = processes.start_store()
        stand_ins = StandIns(processes, latency_ms=0)
        _, port = processes.start_web("app:app")
        worker = processes.start_worker(**stand_ins.settings)
        store = connect(processes)

        def wave() -> float:
            nonlocal waves
            waves += 1
            ready = requests("/webhooks/facebook", iter(range(contacts)), contacts)
            before = [used_by(group).total_ms for group in (worker, server)]
            post(port, ready, connections=CONNECTIONS)
            stand_ins.wait_until_sent(waves * contacts)
            after = [used_by(group).total_ms for group in (worker, server)]
            return (sum(after) - sum(before)) / contacts

        wave()  # opens the conversations, and warms up
        for number in range(rounds):
            for is_with in (True, False) if number % 2 else (False, True):
                wanted = hundred() if is_with else ()
                _use(store, wanted)
                spent[is_with].append(wave())
            say(f"round {number + 1} of {rounds}: {spent[1][-1]:.2f} ms a message to {spent[0][-1]:.2f} ms")
    ratios = [with_them / without for without, with_them in zip(*spent, strict=True)]
    return [
        Figure("automations: a message, none", statistics.median(spent[0]), "ms"),
        Figure("automations: a message, 100 that do not match", statistics.median(spent[1]), "ms"),
        Figure("automations: 100 that do not match, to none", statistics.median(ratios), "", at_most=MOST_RATIO),
    ]


def hundred() -> tuple[Automation, ...]:
    """Return a hundred active automations of the kinds that people have, none of which wants an ordinary message."""
    made = [_make(i, definition) for i, definition in enumerate(_definitions())]
    assert len(made) == 100
    return tuple(made)


def _use(store: Store, automations: tuple[Automation, ...]) -> None:
    store.change_automations(lambda _: automations)
    time.sleep(AUTOMATIONS_CACHED_S * 1.5)


def _make(i: int, definition: dict[str, Any]) -> Automation:
    read = read_definition({"name": f"Automation {i}", "steps": _DO, **definition})
    return replace(read, id=f"a{i:03}", is_active=True, position=i)


def _definitions() -> list[dict[str, Any]]:
    message = {"kind": "message_received", "match": "any"}
    return [
        *(
            {"trigger": {**message, "match": "contains", "texts": [f"word{i}", f"phrase number {i}"]}}
            for i in range(30)
        ),
        *({"trigger": {**message, "match": "matches", "texts": [rf"order\s+{i}\d+$"]}} for i in range(10)),
        *(
            {
                "trigger": message,
                "conditions": {"all": [{"subject": "tags", "operator": "has_any", "value": [f"tag {i}"]}]},
            }
            for i in range(20)
        ),
        *(
            {
                "trigger": message,
                "conditions": {
                    "any": [
                        {"subject": "business_hours", "operator": "outside"},
                        {"subject": "field:CITY", "operator": "is", "value": f"City {i}"},
                    ]
                },
            }
            for i in range(10)
        ),
        *({"trigger": {"kind": "conversation_opened", "sources": ["user"]}} for _ in range(10)),
        *({"trigger": {"kind": "tag_added", "tags": [f"tag {i}"]}} for i in range(10)),
        *({"trigger": {"kind": "no_answer_from_contact", "minutes": 60 + i}} for i in range(5)),
        *({"trigger": {"kind": "no_answer_from_us", "minutes": 60 + i}} for i in range(5)),
    ]
