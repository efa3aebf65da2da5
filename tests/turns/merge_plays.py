"""Merges on a stage: asked for, carried out by a worker, and looked at from the person's side."""

from domain.identities import MERGES_ID
from domain.models import OpenConversation
from store import MergeState, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, take, write
from tests.turns.stage import Stage


def merge(stage: Stage, primary: str = SUSAN_ID, secondary: str = PETAR_ID, operation: str = "") -> MergeState:
    """Ask for a merge and let a worker do it."""
    number = stage.store.request_merge(primary, secondary, by=ALICE, operation=operation)
    stage.turn(MERGES_ID)
    return stage.store.merge_state(number)


def step_one(stage: Stage, primary: str = SUSAN_ID, secondary: str = PETAR_ID) -> int:
    """Ask for a merge, and let a worker die right after its first step; return the merge's number."""
    number = stage.store.request_merge(primary, secondary, by=ALICE)
    take(stage.store, MERGES_ID)
    assert stage.store.merge_secondary(stage.store.snapshot(secondary), primary, by=ALICE).status == "ok"
    return number


def meet(stage: Stage, clock: StoppedClock) -> None:
    """Let Susan and then Petar say hello, and be answered."""
    for who in (SUSAN, PETAR):
        write(stage.store, who=who)
        work(stage, clock)
        clock.pass_s(1)


def work(stage: Stage, clock: StoppedClock) -> None:
    """Let workers take every turn that is due or will be, until none is."""
    while (due_ms := stage.store.next_due_ms()) is not None:
        clock.ms = max(clock.ms, due_ms)
        for contact in stage.store.due_contacts(stage.store.keys.each(), 10):
            stage.turn(contact)


def said(store: Store, contact: str = SUSAN_ID) -> list[tuple[str, str]]:
    """Letter and text of every message in a person's whole history, in order."""
    page = store.history(contact, limit=1000)
    return [(str(one.entry.letter), one.entry.text) for one in page.entries if one.entry.data["kind"] == "message"]


def open_number(store: Store, contact: str = SUSAN_ID) -> int | None:
    opened = store.snapshot(contact).open
    return opened.number if opened else None


def closed_by(store: Store, contact: str, number: int) -> str:
    closed = store.conversation(contact, number)
    assert not isinstance(closed, OpenConversation), "it is open"
    return str(closed.closed_source)
