"""Running an automation by hand: a user asks for it, the contact's next turn does it."""

from typing import Any

from domain.actions import Action, NoteLine
from domain.automations import Automation, TriggerKind
from domain.errors import Conflict
from domain.models import Snapshot


def run(snapshot: Snapshot, automation: Automation | None, *, by: dict[str, Any]) -> list[Action]:
    """Ask for it, in the open conversation if there is one. automation: None when it is gone.

    Raises Conflict when it cannot be run by hand any more, or the contact is a part of another one.
    """
    if automation is None or not automation.is_active or automation.trigger.kind is not TriggerKind.BY_HAND:
        raise Conflict("This automation cannot be run by hand any more; reload the page.")
    if snapshot.contact.merged_into:
        raise Conflict(f"The contact was merged into another one: id:{snapshot.contact.merged_into}.")
    number = snapshot.open.number if snapshot.open else 0
    return [NoteLine(number=number, kind="run_by_hand", details={"automation": automation.card, "by": by})]
