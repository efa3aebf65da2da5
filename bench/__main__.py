"""`python -m bench` measures everything, `python -m bench NAME…` some of it; exit code 2: something did not work."""

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial

from bench import automations, counting, cpu, inbox, live, memory, reports, server_time, turns, webhooks
from bench.figures import Figure, table
from bench.processes import BenchError

MEASUREMENTS: dict[str, Callable[[Callable[[str], None]], list[Figure]]] = {
    "webhooks": webhooks.measure,
    "live": live.measure,
    "inbox": inbox.measure,
    "reports": reports.measure,
    "server": server_time.measure,
    "counting": counting.measure,
    "cpu": cpu.measure,
    "memory": memory.measure,
    "turns": turns.measure,
    "automations": automations.measure,
}
#: Processes that wanted to run during the last minute, before we start any.
BUSY_LOAD = 0.5


def main(names: list[str]) -> int:
    """Run the named measurements, all if none is named, and print the table. Returns the exit code."""
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"bench: there is no {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped on the way out
    if (load := os.getloadavg()[0]) > BUSY_LOAD:
        print(f"bench: others use this machine (load {load:.1f}); wait until they are done for figures worth keeping")
    figures: list[Figure] = []
    for name in names or MEASUREMENTS:
        began = time.monotonic()
        _say(name, "starts")
        try:
            figures += MEASUREMENTS[name](partial(_say, name))
        except BenchError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 2
        _say(name, f"took {time.monotonic() - began:.0f} s")
    print(f"\n{table(figures)}")
    return 0


def _say(name: str, text: str) -> None:
    print(f"{name}: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
