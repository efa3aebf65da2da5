"""Carrying out what somebody decided about a contact, on the contact as it is by then."""

from collections.abc import Callable

from domain.actions import Action
from domain.errors import Conflict, StoreError
from domain.models import Snapshot
from store import Committed
from web.context import context

#: How often we decide anew because the contact changed meanwhile.
MOST_REDECISIONS = 20
Decide = Callable[[Snapshot], list[Action]]


def act(contact: str, decide: Decide, *, last_entry: int | None = None, operation: str = "") -> Committed | None:
    """Decide on the contact as it is, and commit; decide again while it changes meanwhile.

    last_entry: refuse when the contact wrote after it. operation: a key that makes it happen once; the repeat's status
    is `repeated`. Returns None when there is nothing to do. Raises what `decide` does, NotFound, Conflict, StoreError.
    """
    store = context().store
    rules = store.platform_settings()
    snapshot = store.snapshot(contact)
    for _ in range(MOST_REDECISIONS):
        actions = decide(snapshot)
        if not actions:
            return None
        committed = store.commit(
            snapshot,
            actions,
            last_entry=last_entry,
            bot_back_on=rules.bot_back_on_at_close,
            keeps_assignee=rules.keeps_assignee,
            operation=operation,
        )
        if committed.snapshot is None:
            raise StoreError(f"a commit came to {committed.status}")
        if committed.status == "newer":
            raise Conflict("The contact wrote meanwhile. Look at what came, then try again.")
        if committed.status in ("ok", "repeated"):
            return committed
        snapshot = committed.snapshot
    raise StoreError("the contact changes too fast")
