"""A store of a measurement's own, and the events that go into it without a web server in between."""

from collections.abc import Iterable

from bench.bodies import APP_SECRET, PAGE, message
from bench.processes import Processes
from channels.facebook import Facebook
from domain.arrivals import Arrival
from handlers.arrivals import arrivals
from store import Store

BATCH = 100

_facebook = Facebook("", (APP_SECRET,), "", {PAGE: "page-token-of-the-benchmark"}, "http://127.0.0.1:1")


def connect(processes: Processes) -> Store:
    """Return the store on the processes' server, with the platform's usual number of partitions."""
    store = Store(processes.store_url, partitions=16, max_connections=4, timeout_s=10)
    store.start()
    return store


def message_arrivals(contact: int) -> list[Arrival]:
    """Return what web gives to the store for one new message of contact number `contact`."""
    events = _facebook.parse(message(contact))
    return [arrival for event in events for arrival in arrivals(event, welcome_opens=True)]


def receive(store: Store, contacts: Iterable[int]) -> list[str]:
    """Record one new message of each contact, many in a round trip; return the contacts' ids in that order."""
    ready = [arrival for contact in contacts for arrival in message_arrivals(contact)]
    pieces = [ready[start : start + BATCH] for start in range(0, len(ready), BATCH)]
    return [received.contact for piece in pieces for received in store.receive(piece)]
