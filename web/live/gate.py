"""How many requests work at once. There are more threads than that, for the streams of live pages, which only wait."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class Gate:
    """Lets so many requests into the application at once; the others wait in line, as they would for a thread.

    A place is given back when the response is made: what is still to be written, a file or the events of a stream,
    takes a thread, but no place.
    """

    def __init__(self, application: Application, places: int) -> None:
        self._application = application
        self._free = places
        # Not a semaphore: it costs more, and lets those who come overtake those who wait.
        self._line: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        self._enter()
        try:
            return self._application(environ, start_response)
        finally:
            self._leave()

    def _enter(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Lock()
            turn.acquire()
            self._line.append(turn)
        turn.acquire()

    def _leave(self) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().release()
            else:
                self._free += 1
