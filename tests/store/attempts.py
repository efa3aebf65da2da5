"""Attempts to send, made by hand: what a worker does between the store and a platform."""

from domain.actions import Send
from domain.identities import Identity, contact_id
from domain.models import Entry, Sender
from store import Settled, Store, Turn
from tests.people import SUSAN, take, write

ECHO_WAIT_MS = 60_000


def reply(store: Store, *texts: str, who: Identity = SUSAN) -> tuple[Turn, list[int]]:
    """Let somebody write and decide it with `texts`; return the turn and the numbers of the entries to send."""
    write(store, who=who)
    turn, snapshot = take(store, contact_id(who))
    assert snapshot.undecided and snapshot.open
    actions = [Send(number=snapshot.open.number, text=text, sender=Sender.BOT) for text in texts]
    committed = store.commit(snapshot, actions, turn=turn, decides=snapshot.undecided.number, keeps_lease=True)
    assert committed.is_done
    return turn, list(committed.results)


def attempt(store: Store, turn: Turn, number: int, nonce: str = "nonce-1") -> str:
    """Start an attempt that must be allowed."""
    assert store.start_send(turn, number, nonce, echo_wait_ms=ECHO_WAIT_MS), "it may not be sent"
    return nonce


def sent(store: Store, external_id: str = "m_1", *, who: Identity = SUSAN) -> int:
    """Send one reply and settle it; return its entry number."""
    turn, [number] = reply(store, "our reply", who=who)
    store.settle_send(turn, number, attempt(store, turn, number), Settled.SENT, external_id=external_id)
    return number


def entry_of(store: Store, number: int, who: Identity = SUSAN) -> Entry:
    return store.timeline(contact_id(who), number, 1).entries[0][0]
