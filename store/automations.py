"""The automations that people keep, and what became of them."""

import logging
import math
import time
from collections.abc import Callable, Mapping

from domain.automations import Automation, Automations
from domain.errors import BadPayload, StoreError
from store.automation_words import decode_automation, encode_automation
from store.base import StoreBase, status_of
from store.connection import Call

log = logging.getLogger(__name__)

AUTOMATIONS_CACHED_S = 2.0
#: How often a change is tried anew because somebody else was faster.
MOST_CHANGES = 20

#: Given the automations in the order of the list, returns what there shall be.
Change = Callable[[tuple[Automation, ...]], tuple[Automation, ...]]


class AutomationsKept(StoreBase):
    """Partition 0's automations."""

    _automations_read_at = -AUTOMATIONS_CACHED_S
    _automations = Automations()
    _automations_stored: Mapping[str, str] | None = None

    def automations(self, *, is_fresh: bool = False) -> Automations:
        """Return all automations, at most 2 s old; is_fresh: as they are at this moment. Raises StoreError."""
        if is_fresh or time.monotonic() - self._automations_read_at >= AUTOMATIONS_CACHED_S:
            # Without a lock, like the settings: threads that wait in a row for a hanging server would add up.
            stored = self.connection.command(lambda client: client.hgetall(self.keys.automations))
            if stored != self._automations_stored:
                self._automations = Automations(_in_order(stored))
                self._automations_stored = stored
            self._automations_read_at = time.monotonic()
        return self._automations

    def ignore_automations(self) -> None:
        """Know of none from here on: what is played again from the past makes nothing run."""
        self._automations, self._automations_read_at = Automations(), math.inf

    def change_automations(self, change: Change) -> None:
        """Write what `change` makes of the automations as they are, all or nothing, and lose nobody else's change.

        change: is asked anew when somebody was faster; what it raises is passed on, and nothing is written then. What
        it leaves out is deleted; the order it returns is the order of the list.
        Raises StoreError.
        """
        if not self._is_checked:
            self._check()
        for _ in range(MOST_CHANGES):
            stored = self.connection.command(lambda client: client.hgetall(self.keys.automations))
            args = _differences(stored, change(_in_order(stored)))
            if not args:
                return
            answer = self.connection.run(Call("change_settings", [self.keys.automations], args))
            if status_of(answer, ("ok", "conflict")) == "ok":
                self._automations_read_at = -AUTOMATIONS_CACHED_S
                return
        raise StoreError("the automations change too fast")


def _in_order(stored: Mapping[str, str]) -> tuple[Automation, ...]:
    found = []
    for automation_id, text in stored.items():
        try:
            found.append(decode_automation(text))
        except BadPayload:
            log.warning("automations.broken id=%s it_is=left_out", automation_id)
    return tuple(sorted(found, key=lambda item: (item.position, item.id)))


def _differences(stored: Mapping[str, str], wanted: tuple[Automation, ...]) -> list[str]:
    """Return name, value that was seen and new value of each that changes; what cannot be read is left alone."""
    before = {item.id: encode_automation(item) for item in _in_order(stored)}
    after = {item.id: encode_automation(item) for item in wanted}
    words: list[str] = []
    for automation_id in {**before, **after}:
        if before.get(automation_id) != after.get(automation_id):
            words += [automation_id, stored.get(automation_id, ""), after.get(automation_id, "")]
    return words
