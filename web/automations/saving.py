"""Writing automations: what every page that changes some has in common."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from flask import flash, redirect
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from domain.automations import Automation
from handlers.automations import editing
from handlers.automations.editing import Items
from web.access import record_audit
from web.context import context

LIST = "/automations"


def find_automation(automation_id: str) -> Automation:
    """Return one as it is at this moment. Raises NotFound, StoreError."""
    found = context().store.automations(is_fresh=True).find(automation_id)
    if found is None:
        raise NotFound("Somebody has deleted this automation.")
    return found


def new_id() -> str:
    """Return the id of one to come. A page carries it along, so that what is sent twice is added once."""
    return secrets.token_hex(4)


def is_new_id(text: str) -> bool:
    """Tell whether a page of ours may have carried this id along."""
    return len(text) == 8 and all(letter in "0123456789abcdef" for letter in text)


def add_automation(automation: Automation, *, is_active: bool = False, did: str = "added") -> None:
    """Add one by its id. Raises: BadPayload when there are too many, Conflict, StoreError."""
    now_ms = context().store.now_ms()
    changes: list[Callable[[Items], Items]] = [lambda items: editing.add(items, automation, now_ms)]
    _write(automation, changes, did, is_active=is_active)


def change_automation(automation: Automation, automation_id: str, seen: str, *, is_active: bool = False) -> None:
    """Give one another definition; is_active: and switch it on. Raises: Conflict, domain's NotFound, StoreError."""
    changed, now_ms = replace(automation, id=automation_id), context().store.now_ms()
    changes: list[Callable[[Items], Items]] = [lambda items: editing.change(items, changed, seen, now_ms)]
    _write(changed, changes, "changed", is_active=is_active)


def switch_automation(automation_id: str, is_active: bool) -> Automation:
    """Switch one on or off; return it as it was. Raises: NotFound, StoreError."""
    before, now_ms = find_automation(automation_id), context().store.now_ms()
    context().store.change_automations(lambda items: editing.set_active(items, automation_id, is_active, now_ms))
    if before.is_active != is_active:
        record(before, "switched on" if is_active else "switched off")
    return before


def record(automation: Automation, did: str) -> None:
    """Keep in the audit what the current user did to one."""
    record_audit("automation.changed", automation=f"{did} “{automation.name}”")


def saved(automation_id: str, name: str, *, is_active: bool) -> Response:
    """Lead to the list, which shows what was saved, and offers to switch it on."""
    if is_active:
        flash(f"“{name}” is saved and on. It holds within 2 seconds.", "good")
        return redirect(f"{LIST}#automation-{automation_id}", 303)
    return redirect(f"{LIST}?saved={automation_id}", 303)


def _write(automation: Automation, changes: list[Callable[[Items], Items]], did: str, *, is_active: bool) -> None:
    now_ms = context().store.now_ms()
    if is_active:
        changes.append(lambda items: editing.set_active(items, automation.id, True, now_ms))
    context().store.change_automations(editing.one_after_the_other(*changes))
    record(automation, f"{did} and switched on" if is_active else did)
