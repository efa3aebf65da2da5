"""What counting for the reports costs: the server's time for the same scripts with and without it, in turns.

Without it, whatever is called count… in the scripts is not there, nor what is put together for it, nor the one counter
that receive.lua raises by itself.
"""

import hashlib
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from bench.events import connect, message_arrivals
from bench.figures import Figure
from bench.processes import BenchError, Processes
from bench.server_time import ALONE, RECEIVES, one_round, server_us
from domain.actions import Action, Assign, Close, Pause, Send
from domain.errors import StoreError
from domain.identities import contact_id
from domain.models import Sender, Source
from store import Store
from store.connection import Call, Connection
from store.scripts import Script, load_scripts

ROUNDS = 60
#: Few, so that the two that are compared are near each other in time.
CONTACTS = 200
MOST_RATIO = 1.15
#: What is compared: of bench/server_time.py, and what users do.
REPLY, CLOSE = "commit, a user's reply", "commit, a close"
COMPARED = (*RECEIVES, ALONE, "commit", REPLY, CLOSE)
USER = {"id": "6f6e652075736572", "email": "user@example.com", "name": "User"}
#: What counts: functions, calls of them with all that is put together for them, and receive's own counter.
_FUNCTIONS = re.compile(r"^local function (count\w*)\((.*?)\)$.*?^end$", re.MULTILINE | re.DOTALL)
_COUNTS = re.compile(r"^( *)(?:if .* then )?(?:count\w*\(|redis\.call\('HINCRBY', stats_key,).*$", re.MULTILINE)


def measure(say: Callable[[str], None], *, rounds: int = ROUNDS, contacts: int = CONTACTS) -> list[Figure]:
    """Return of each script the median microseconds with counting, and the ratio to those without."""
    spent: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    with Processes() as processes:
        processes.start_store()
        stores = connect(processes), connect(processes)
        stores[1].connection = _Uncounted(stores[1].connection)
        for number in range(rounds + 1):  # the first loads the scripts
            for i in (0, 1) if number % 2 else (1, 0):
                begin = (2 * number + i) * contacts
                for name, us in _round(stores[i], range(begin, begin + contacts)).items():
                    if number:
                        spent[name][i].append(us)
            told = ", ".join(f"{name} {us[0][-1] / us[1][-1]:.2f}" for name, us in spent.items())
            say(f"round {number} of {rounds}: {told or 'loads the scripts'}")
    return [figure for name, us in spent.items() for figure in _figures(name, *us)]


def _figures(name: str, counted: list[float], uncounted: list[float]) -> list[Figure]:
    # Of each round by itself: what else the machine did meanwhile met both.
    ratios = [with_it / without for with_it, without in zip(counted, uncounted, strict=True)]
    return [
        Figure(f"counting: {name}", statistics.median(counted), "µs"),
        Figure(f"counting: {name}, to without", statistics.median(ratios), "", at_most=MOST_RATIO),
    ]


def _round(store: Store, numbers: range) -> dict[str, float]:
    found = one_round(store, numbers)
    ids = [contact_id(arrival.identity) for number in numbers for arrival in _records(number)]
    snapshots = [store.snapshot(one) for one in ids]
    told: list[Action] = [
        Send(number=1, text="We look into it.", sender=Sender.USER, by=USER),
        Assign(number=1, user=USER, by=USER),
        Pause(number=1, reason="user_replied"),
    ]
    over: list[Action] = [Close(number=1, source=Source.USER, by=USER, category="Delivery", summary="It came.")]
    later: list[Any] = []
    found[REPLY] = server_us(store, lambda: later.extend(store.commit(one, told).snapshot for one in snapshots))
    found[CLOSE] = server_us(store, lambda: [store.commit(one, over) for one in later])
    return {name: found[name] for name in COMPARED}


def _records(number: int) -> list[Any]:
    return list(message_arrivals(number))


class _Uncounted(Connection):
    """Runs the scripts as they would be if nothing were counted."""

    def __init__(self, connection: Connection) -> None:
        self.client = connection.client
        self._spare_until = 0.0

    def run(self, call: Call) -> list[Any]:
        return super().run(_without(call))

    def run_all(self, calls: Sequence[Call]) -> list[list[Any] | StoreError]:
        return super().run_all([_without(call) for call in calls])


def _without(call: Call) -> Call:
    uncounted = Call(call.script.name, call.keys, call.args)
    uncounted.script = _uncounted()[call.script.name]
    return uncounted


@cache
def _uncounted() -> dict[str, Script]:
    scripts = {name: _strip(script) for name, script in load_scripts().items()}
    if any(scripts[name] == load_scripts()[name] for name in ("receive", "commit")):
        raise BenchError("the scripts count in another way than this measurement knows")
    return scripts


def _strip(script: Script) -> Script:
    body = _COUNTS.sub(r"\1do end", _FUNCTIONS.sub(r"local function \1(\2)\nend", script.body))
    return Script(script.name, body, hashlib.sha1(body.encode(), usedforsecurity=False).hexdigest())
