"""The only folder that speaks to Redis. Each change of state is one script in lua/."""

from store.committing import Committed, Committing
from store.listing import Listing, Page, Position
from store.platform import Platform, PlatformSettings
from store.reading import Reading, TimelinePage
from store.receiving import Received, Receiving
from store.sending import Left, Sending, Settled
from store.turns import Turn, Turns
from store.wakeups import listen
from store.welcomes import Welcomes

__all__ = [
    "Committed",
    "Left",
    "Page",
    "PlatformSettings",
    "Position",
    "Received",
    "Settled",
    "Store",
    "TimelinePage",
    "Turn",
    "listen",
]


class Store(Receiving, Committing, Turns, Sending, Welcomes, Reading, Listing, Platform):
    """Everything that the platform remembers; the parts are one file each."""
