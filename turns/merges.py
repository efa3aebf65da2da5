"""Carrying out the merges that were asked for: one after the other, each step so that it may be repeated.

Whoever has the turn of the contact of all merges comes here. Two workers may do so at once, if one of them stalled for
longer than its lease: nothing below depends on being alone.
"""

import logging
from typing import Any

from domain.actions import Action, NoteLine
from domain.errors import NotFound, StoreError
from domain.models import Entry, Snapshot
from handlers.merges import MergeOutcome, moved_entry, moves, refusal, take_over
from store import Store

log = logging.getLogger(__name__)

#: How often a merge is looked at anew because one of its contacts changed meanwhile.
MOST_TRIES = 50
#: A lease lasts 15 s; whoever is later than that has stalled, and somebody else may have decided otherwise.
LATEST_START_MS = 8_000
_OUTCOMES = {"ok": MergeOutcome.MERGED, "again": MergeOutcome.SAME}


def carry_out(store: Store, entry: Entry) -> list[Action]:
    """Do what an entry asks for; return what is to be written about it. Raises StoreError; then it is tried again."""
    began_ms = store.now_ms()
    data = entry.data
    left = store.finish_deletes()
    for _ in range(MOST_TRIES):
        primary, secondary = resolve(store, data["primary"], data["secondary"])
        if secondary in left:
            raise StoreError("a part of a contact that was deleted is still to be deleted")
        outcome = _merge(store, primary, secondary, data.get("by"), began_ms)
        if outcome:
            log.info("merge primary=%s secondary=%s outcome=%s", primary, secondary or "-", outcome)
            told = {"of": entry.number, "outcome": outcome, "primary": primary, "secondary": secondary or None}
            return [NoteLine(number=0, kind="merge_done", details=told)]
    raise StoreError("the contacts that are to be merged change too fast")


def resolve(store: Store, primary: str, secondary: str) -> tuple[str, str]:
    """Return who the two are by now; the second is empty when they were never two.

    Where they have become one, the second is who became a part of the first last: that merge may be left half-way.
    """
    chain = store.merge_chain(secondary)
    one = store.resolve(primary)
    if chain[-1] != one:
        return one, chain[-1]
    return one, chain[-2] if len(chain) > 1 else ""


def _merge(store: Store, primary: str, secondary: str, by: dict[str, Any] | None, began_ms: int) -> MergeOutcome | None:
    """Do both steps; None when they have to be looked at anew."""
    if not secondary:
        return MergeOutcome.SAME
    try:
        one, other = store.snapshot(primary), store.snapshot(secondary)
    except NotFound:
        # If the first step was done, nobody is there for the second: who is deleted takes with them who they are.
        store.delete_orphan(secondary)
        return MergeOutcome.UNKNOWN
    if not other.contact.merged_into:
        if refused := refusal(one.contact, other.contact):
            return refused
        if store.now_ms() - began_ms > LATEST_START_MS:
            raise StoreError("the turn of the merges may be over")
    first = store.merge_secondary(other, primary, by=by)
    if first.snapshot is None:
        return None
    return _take_over(store, one, first.snapshot, [entry for entry in first.moved if moves(entry)], by)


def _take_over(
    store: Store, primary: Snapshot, secondary: Snapshot, moved: list[Entry], by: dict[str, Any] | None
) -> MergeOutcome | None:
    for _ in range(MOST_TRIES):
        is_blocked = primary.contact.is_blocked
        done = store.merge_primary(
            primary,
            secondary.contact,
            take_over(primary, secondary.contact, moved, by=by),
            [moved_entry(entry, secondary.contact, is_blocked=is_blocked) for entry in moved],
        )
        if done.snapshot is None:
            return _OUTCOMES.get(done.status)
        if done.snapshot.contact.created_at_ms != primary.contact.created_at_ms:
            return None
        primary = done.snapshot
    raise StoreError("the contact that takes another one over changes too fast")
