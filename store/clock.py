"""One clock for all processes: the local monotonic clock, set to the Redis server's time.

Two machines whose own clocks differ would otherwise disagree about who came first.
"""

import threading
import time
from collections.abc import Callable

MEASURE_EVERY_S = 10.0


class Clock:
    """Milliseconds since the epoch, as the Redis server counts them. It never blocks and never goes back by much."""

    def __init__(self, read_server_ms: Callable[[], int]) -> None:
        """read_server_ms: ask the server; may raise, then the last measurement stands (at first: the local clock)."""
        self._read_server_ms = read_server_ms
        self._offset_ms = time.time() * 1000 - time.monotonic() * 1000
        self._next_at = 0.0
        self._measuring = threading.Lock()

    def now_ms(self) -> int:
        """Return the time; starts a measurement beside the request when the last one is old."""
        if time.monotonic() >= self._next_at and self._measuring.acquire(blocking=False):
            self._next_at = time.monotonic() + MEASURE_EVERY_S
            threading.Thread(target=self._measure, name="clock", daemon=True).start()
        return int(time.monotonic() * 1000 + self._offset_ms)

    def measure_now(self) -> None:
        """Ask the server at once. Raises what asking raises."""
        before = time.monotonic()
        server_ms = self._read_server_ms()
        after = time.monotonic()
        self._offset_ms = server_ms - (before + after) / 2 * 1000
        self._next_at = after + MEASURE_EVERY_S

    def _measure(self) -> None:
        try:
            self.measure_now()
        except Exception:
            # The old offset is good enough until the server is back.
            self._next_at = time.monotonic() + 1.0
        finally:
            self._measuring.release()
