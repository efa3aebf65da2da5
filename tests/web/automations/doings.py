"""Automations that are there already when a test begins."""

from dataclasses import replace
from typing import Any

from domain.automations import Automation
from domain.definitions import read_definition
from handlers.automations import editing
from store import Store
from web.automations.examples import EXAMPLES

KEPT = "aaaa1111"


def items(store: Store) -> tuple[Automation, ...]:
    """Return what there is at this moment, in order."""
    return store.automations(is_fresh=True).items


def keep(store: Store, example: str = "after-hours", automation_id: str = KEPT, **changes: Any) -> str:
    """Keep one of the examples, switched off; return its id."""
    made = replace(read_definition(EXAMPLES[example].definition), id=automation_id, **changes)
    store.change_automations(lambda now: editing.add(now, made, 1))
    return automation_id
