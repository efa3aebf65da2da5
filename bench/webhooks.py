"""Webhooks a second and their latency through gunicorn, beside a floor under the same server settings.

The machine's clock drifts within minutes, so they take turns, and what counts is the ratio within each round.
"""

import itertools
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from bench.bodies import requests
from bench.figures import Figure
from bench.load import Served, post
from bench.processes import Processes
from bench.processor import used_by

ROUNDS = 9
ROUND_S = 2.0
CONNECTIONS = 8
CONTACTS = 2000
#: More than any server answers; a round ends by its time.
MOST_PER_SECOND = 9000
AT_LEAST = 0.8


@dataclass(frozen=True, slots=True)
class _Path:
    """Somebody who takes webhooks."""

    port: int
    path: str
    web: int  # process id of its gunicorn


@dataclass(frozen=True, slots=True)
class _Round:
    served: Served
    web_us: float  # processor time per POST
    server_us: float


Read = Callable[[_Round], float]


def measure(
    say: Callable[[str], None], *, rounds: int = ROUNDS, round_s: float = ROUND_S, contacts: int = CONTACTS
) -> list[Figure]:
    """Return ratios to the floor and the medians behind them. The worker does not run."""
    with Processes() as processes:
        store = processes.start_store()
        web, port = processes.start_web("app:app")
        # It has nothing that keeps the threads for live pages from working on webhooks.
        floor_web, floor_port = processes.start_web("bench.floor:app", LIVE_STREAMS="0")
        paths = {
            "markdone": _Path(port, "/webhooks/facebook", web),
            "floor": _Path(floor_port, "/floor", floor_web),
            "floor that writes": _Path(floor_port, "/floor/write", floor_web),
        }
        everybody = itertools.cycle(range(contacts))
        for one in paths.values():  # opens the conversations, and warms up
            post(one.port, requests(one.path, everybody, contacts), connections=CONNECTIONS)
        found: dict[str, list[_Round]] = {name: [] for name in paths}
        for number in range(rounds):
            for name in _order(list(paths), number):
                ready = requests(paths[name].path, everybody, int(MOST_PER_SECOND * round_s))
                found[name].append(_round(paths[name], store, ready, round_s))
            say(f"round {number + 1} of {rounds}: " + ", ".join(_line(name, found[name][-1]) for name in paths))
    return _figures(found)


def _order(names: list[str], number: int) -> list[str]:
    """Nobody is always the one behind somebody else."""
    shift = number % len(names)
    return names[shift:] + names[:shift]


def _round(path: _Path, store: int, ready: list[bytes], seconds: float) -> _Round:
    groups = (path.web, store)
    before = [used_by(group) for group in groups]
    served = post(path.port, ready, connections=CONNECTIONS, seconds=seconds)
    web, server = ((used_by(group) - was).total_ms * 1000 for group, was in zip(groups, before, strict=True))
    return _Round(served, web / served.count, server / served.count)


def _line(name: str, one: _Round) -> str:
    return f"{name} {_per_second(one):,.0f}/s (p50 {_p50_ms(one):.1f}, p99 {_p99_ms(one):.1f} ms)"


def _figures(found: dict[str, list[_Round]]) -> list[Figure]:
    ours, floor, writing = found.values()
    reads: tuple[tuple[str, str, Read], ...] = (
        ("POSTs", "/s", _per_second),
        ("p50", "ms", _p50_ms),
        ("p99", "ms", _p99_ms),
        ("cpu of web per POST", "µs", lambda one: one.web_us),
        ("cpu of the server per POST", "µs", lambda one: one.server_us),
    )
    return [
        Figure("webhooks: POSTs a second, to the floor's", _ratio(ours, floor, _per_second), "", at_least=AT_LEAST),
        Figure("webhooks: the floor's p50 to ours", _ratio(floor, ours, _p50_ms), "", at_least=AT_LEAST),
        Figure("webhooks: the floor's p99 to ours", _ratio(floor, ours, _p99_ms), "", at_least=AT_LEAST),
        Figure("webhooks: POSTs a second, to a floor's that writes", _ratio(ours, writing, _per_second), ""),
        *(
            Figure(f"webhooks: {name}, {what}", statistics.median(map(read, rounds)), unit)
            for name, rounds in found.items()
            for what, unit, read in reads
        ),
    ]


def _ratio(upper: list[_Round], lower: list[_Round], read: Read) -> float:
    return statistics.median(read(one) / read(other) for one, other in zip(upper, lower, strict=True))


def _per_second(one: _Round) -> float:
    return one.served.per_second


def _p50_ms(one: _Round) -> float:
    return one.served.p50_ms


def _p99_ms(one: _Round) -> float:
    return one.served.p99_ms
