"""The contexts of each Dialogflow session: bounded, and forgotten after twenty minutes of silence."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

MAX_SESSIONS = 5_000
MAX_CONTEXTS = 100
LIFETIME_S = 20 * 60.0  # Source: Dialogflow ES, contexts, read 2026-11-22


@dataclass(frozen=True, slots=True)
class Context:
    """A context that is active: for `lifespan` more turns."""

    lifespan: int
    parameters: Mapping[str, Any] = field(default_factory=dict)


class Sessions:
    """Remembers the active contexts, by session and short lower-case name."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, tuple[float, dict[str, Context]]] = OrderedDict()

    def contexts(self, session: str) -> dict[str, Context]:
        """Return the session's active contexts."""
        with self._lock:
            used_at, contexts = self._sessions.get(session, (0.0, {}))
            return dict(contexts) if self._clock() - used_at < LIFETIME_S else {}

    def keep(self, session: str, contexts: Mapping[str, Context]) -> None:
        """Remember the contexts that are active from now on; those with no turn left are dropped."""
        alive = {name: context for name, context in contexts.items() if context.lifespan > 0}
        with self._lock:
            self._sessions[session] = (self._clock(), dict(list(alive.items())[-MAX_CONTEXTS:]))
            self._sessions.move_to_end(session)
            while len(self._sessions) > MAX_SESSIONS:
                self._sessions.popitem(last=False)


def aged(contexts: Mapping[str, Context]) -> dict[str, Context]:
    """Return the contexts with one turn less to live."""
    return {name: replace(context, lifespan=context.lifespan - 1) for name, context in contexts.items()}
