"""Bytes that a contact takes in the server: with one message, and for each further one."""

from collections.abc import Callable, Sequence

from bench.events import connect, receive
from bench.figures import Figure
from bench.processes import Processes
from store import Store

CONTACTS = 10_000
FURTHER = 20
SAMPLES = 200
MOST_FIRST_BYTES = 1200
MOST_FURTHER_BYTES = 200
STEP = 1000


def measure(say: Callable[[str], None], *, contacts: int = CONTACTS, further: int = FURTHER) -> list[Figure]:
    """Return bytes per contact and per further message of 20 characters; `seen` and the turns' keys are left out.

    By the growth of the whole server's used memory, so that every index counts, and by MEMORY USAGE of a contact's
    own keys.
    """
    with Processes() as processes:
        processes.start_store()
        store = connect(processes)
        receive(store, range(contacts, contacts + 1))  # loads the scripts and makes what there is once
        empty = _used_bytes(store)
        ids: list[str] = []
        for start in range(0, contacts, STEP):
            ids += receive(store, range(start, min(start + STEP, contacts)))
        first, first_parts = _used_bytes(store) - empty, _parts(store, ids)
        say(f"{contacts:,} contacts with one message: {first / contacts:,.0f} bytes each")
        for number in range(further):
            for start in range(0, contacts, STEP):
                receive(store, range(start, min(start + STEP, contacts)))
            say(f"message {number + 2} of {further + 1} of each")
        grown, parts = _used_bytes(store) - empty - first, _parts(store, ids)
    messages = contacts * further
    return [
        Figure("memory: contact with one message", first / contacts, "bytes", at_most=MOST_FIRST_BYTES),
        Figure("memory: each further message", grown / messages, "bytes", at_most=MOST_FURTHER_BYTES),
        *(Figure(f"memory: one message, key {name}", size, "bytes") for name, size in first_parts.items()),
        Figure("memory: one message, indexes and the rest", first / contacts - sum(first_parts.values()), "bytes"),
        *(
            Figure(f"memory: further message, key {name}", (size - first_parts[name]) / further, "bytes")
            for name, size in parts.items()
        ),
    ]


def _used_bytes(store: Store) -> int:
    """Return the server's used memory without what budget and promise leave out, nor what it keeps for connections."""
    left_out = [name for part in ("seen:*", "due") for name in _names(store, f"*}}{part}")]
    size = sum(_key_bytes(store, name) for name in left_out)
    info = store.connection.command(lambda client: client.info("memory"))
    return int(info["used_memory"]) - size - int(info["mem_clients_normal"]) - int(info.get("mem_aof_buffer", 0))


def _parts(store: Store, ids: Sequence[str]) -> dict[str, float]:
    """Return the mean size of each of a contact's own keys."""
    some = ids[:: max(len(ids) // SAMPLES, 1)]
    own = {"contact": store.keys.contact, "open": store.keys.open, "timeline": store.keys.timeline}
    return {name: sum(_key_bytes(store, key(one)) for one in some) / len(some) for name, key in own.items()}


def _names(store: Store, pattern: str) -> list[str]:
    return list(store.connection.command(lambda client: list(client.scan_iter(match=pattern, count=1000))))


def _key_bytes(store: Store, name: str) -> int:
    return int(store.connection.command(lambda client: client.memory_usage(name, samples=0)) or 0)
