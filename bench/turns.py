"""Turns a second when the agent takes its time: what the worker makes of its threads."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from bench.events import connect, receive
from bench.figures import Figure
from bench.processes import BenchError, Processes
from bench.stand_ins import StandIns

LATENCY_MS = 300
THREADS = (16, 64)
ROUNDS = 3
SECONDS = 6.0
#: Left out at the beginning: the first calls open their connections.
WARM_UP_S = 2.0


def measure(
    say: Callable[[str], None],
    *,
    rounds: int = ROUNDS,
    threads: Sequence[int] = THREADS,
    seconds: float = SECONDS,
    warm_up_s: float = WARM_UP_S,
    latency_ms: int = LATENCY_MS,
) -> list[Figure]:
    """Return turns a second of one worker process, and their part of what its threads could do at most."""
    rates: dict[int, list[float]] = defaultdict(list)
    for number in range(rounds):
        for count in threads:
            rates[count].append(_turns_per_second(count, seconds, warm_up_s, latency_ms))
            say(f"round {number + 1} of {rounds}, {count} threads: {rates[count][-1]:.1f} turns/s")
    figures = []
    for count in threads:
        ideal = count * 1000 / latency_ms
        rate = statistics.median(rates[count])
        name = f"turns: {count} threads, agent at {latency_ms} ms"
        figures.append(Figure(f"{name}", rate, "/s"))
        figures.append(Figure(f"{name}, of {ideal:.0f}/s at most", rate / ideal, ""))
    return figures


def _turns_per_second(threads: int, seconds: float, warm_up_s: float, latency_ms: int) -> float:
    """Give the worker more contacts than it can serve in the time, and count what is sent."""
    enough = int(threads * 1000 / latency_ms * (seconds + warm_up_s) * 1.2) + threads
    with Processes() as processes:
        processes.start_store()
        stand_ins = StandIns(processes, latency_ms=latency_ms)
        receive(connect(processes), range(enough))
        processes.start_worker(**stand_ins.settings, WORKER_THREADS=str(threads))
        stand_ins.wait_until_sent(1)
        time.sleep(warm_up_s)
        began, before = time.monotonic(), stand_ins.sent()
        time.sleep(seconds)
        sent, lasted_s = stand_ins.sent(), time.monotonic() - began
    if sent >= enough:
        raise BenchError("the worker ran out of contacts to serve; the measurement needs more of them")
    return (sent - before) / lasted_s
