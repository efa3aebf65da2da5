"""What tests of these pages let happen to contacts."""

import json
from typing import Any

from domain.actions import Action, Assign, Close
from domain.events import Profile
from domain.identities import MERGES_ID, Identity, contact_id
from domain.models import Source
from handlers.profiles import change_profile, change_tags
from store import Committed, Store
from tests.people import BOB, SUSAN, SUSAN_ID, message
from tests.servers import wait_for
from turns.accounts import Accounts
from turns.turn import TurnRunner


def hear(store: Store, name: str = "Susan Quiet", *, who: Identity = SUSAN) -> str:
    """Let somebody write; return the contact's id."""
    store.receive([message(who=who, profile=Profile(name=name, language="en", country="BG"))])
    return contact_id(who)


def act(store: Store, *actions: Action, contact: str = SUSAN_ID, **options: Any) -> Committed:
    committed = store.commit(store.snapshot(contact), list(actions), **options)
    assert committed.is_done
    return committed


def describe(store: Store, contact: str = SUSAN_ID, **values: str) -> None:
    """Write on a contact's profile; a field is given as `fields__ID`."""
    changes = {name.replace("__", "."): value for name, value in values.items()}
    act(store, *change_profile(store.snapshot(contact), changes, by=BOB), contact=contact)


def give_tags(store: Store, *tags: str, contact: str = SUSAN_ID) -> None:
    store.know_tags(tags)
    act(store, *change_tags(store.snapshot(contact), add=tags, by=BOB), contact=contact)


def give_to(store: Store, user: dict[str, Any], contact: str = SUSAN_ID) -> None:
    snapshot = store.snapshot(contact)
    assert snapshot.open
    act(store, Assign(number=snapshot.open.number, user=user), contact=contact)


def close(store: Store, contact: str = SUSAN_ID, *, category: str = "", summary: str = "") -> None:
    snapshot = store.snapshot(contact)
    assert snapshot.open
    act(
        store,
        Close(number=snapshot.open.number, source=Source.USER, by=BOB, category=category, summary=summary),
        contact=contact,
    )


def define_fields(store: Store, *fields: dict[str, Any]) -> None:
    store.change_setting("custom_fields", json.dumps(fields))


def finish_merges(store: Store) -> None:
    """Let a worker carry out what merges were asked for."""
    runner = TurnRunner(store, Accounts(store, {}), None, lambda snapshot, number, entry: {})

    def are_done() -> bool:
        runner.run(MERGES_ID)
        return str(store.timeline(MERGES_ID, -1, 1).entries[0][0].data["kind"]) == "merge_done"

    wait_for(are_done, "the merge is done")
