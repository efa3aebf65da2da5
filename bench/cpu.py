"""Processor time per message from webhook to sent reply, by process. The stand-ins' and the load's is not counted."""

from collections.abc import Callable

from bench.bodies import requests
from bench.figures import Figure
from bench.load import post
from bench.processes import BenchError, Processes
from bench.processor import can_tell, used_by
from bench.stand_ins import StandIns

WAVES = 10
CONTACTS = 300
CONNECTIONS = 8


def measure(say: Callable[[str], None], *, waves: int = WAVES, contacts: int = CONTACTS) -> list[Figure]:
    """Return milliseconds per message.

    In each wave every contact writes once, and the next wave begins when all are answered. Echoes and receipts, which
    a platform would deliver as further webhooks, are not part of it. Raises BenchError where nobody can tell.
    """
    if not can_tell():
        raise BenchError("processor time is read from /proc, which this system does not have; measure it on Linux")
    with Processes() as processes:
        groups = {"server": processes.start_store()}
        stand_ins = StandIns(processes, latency_ms=0)
        groups["web"], port = processes.start_web("app:app")
        groups["worker"] = processes.start_worker(**stand_ins.settings)

        def wave(number: int) -> None:
            ready = requests("/webhooks/facebook", iter(range(contacts)), contacts)
            post(port, ready, connections=CONNECTIONS)
            stand_ins.wait_until_sent(number * contacts)

        wave(1)  # opens the conversations, and warms up
        before = {name: used_by(group) for name, group in groups.items()}
        for number in range(waves):
            wave(number + 2)
            say(f"wave {number + 1} of {waves}: {contacts} messages answered")
        used = {name: used_by(group) - before[name] for name, group in groups.items()}
    messages = waves * contacts
    parts = [
        Figure(f"cpu: {name}, {kind}", value / messages, "ms")
        for name in ("web", "worker", "server")
        for kind, value in (("user", used[name].user_ms), ("system", used[name].system_ms))
    ]
    return [Figure("cpu: one message, end to end", sum(part.value for part in parts), "ms"), *parts]
