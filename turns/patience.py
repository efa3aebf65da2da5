"""Saying the same thing to the store again until it hears it: every script may be repeated."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from domain.errors import StoreError

log = logging.getLogger(__name__)
Result = TypeVar("Result")
#: What a platform or the bot has said is worth a wait: a server that restarts is back by then.
PATIENCE_S = 30.0
PAUSE_S = 0.25


def insist(run: Callable[[], Result], *, patience_s: float = PATIENCE_S) -> Result:
    """Call `run` until it goes through. Raises StoreError when it did not within `patience_s` seconds."""
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            return run()
        except StoreError:
            if time.monotonic() + PAUSE_S > give_up_at:
                raise
            time.sleep(PAUSE_S)
