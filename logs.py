"""How every process logs: one line an event on standard output, key=value, never a text, a token or a signature."""

import atexit
import logging
import sys
import threading
import time
import traceback
from collections import deque
from io import TextIOWrapper
from typing import Any, TextIO

#: Lines are written this often. A write for each would cost a webhook a tenth of its time.
WRITE_EVERY_S = 0.05
STUCK_S = 1.0
#: If standard output is stuck, the oldest lines go.
MOST_WAITING = 10_000


def set_up_logging(level: str) -> None:
    """Send this process's log to standard output. Call it after a fork: it starts a thread."""
    handler = BatchHandler(sys.stdout)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level)
    for chatty in ("urllib3", "google", "grpc", "werkzeug"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class BatchHandler(logging.Handler):
    """Writes lines a few at a time, on a thread of its own: standard output that is stuck holds nobody up."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._waiting: deque[str] = deque(maxlen=MOST_WAITING)
        self._has_lines = threading.Event()
        self._writing = threading.Lock()
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
        threading.Thread(target=self._write_on, name="log", daemon=True).start()
        atexit.register(self.flush)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._waiting.append(self.format(record))
        except Exception:
            self.handleError(record)
        if not self._has_lines.is_set():
            self._has_lines.set()

    def flush(self) -> None:
        """Write what waits; give up after a second if the writer is stuck."""
        if not self._writing.acquire(timeout=STUCK_S):
            return
        try:
            lines = []
            while self._waiting:
                lines.append(self._waiting.popleft())
            if lines:
                self._stream.write("\n".join(lines) + "\n")
                self._stream.flush()
        except (OSError, ValueError):
            # Nobody reads it any more; that must not stop the work.
            return
        finally:
            self._writing.release()

    def close(self) -> None:
        self.flush()
        atexit.unregister(self.flush)
        super().close()

    def _write_on(self) -> None:
        while True:
            self._has_lines.wait()
            time.sleep(WRITE_EVERY_S)
            self._has_lines.clear()
            self.flush()


class _OneLine(logging.Formatter):
    """An exception becomes its type and where it came from: its message could quote a contact."""

    def formatException(self, ei: Any) -> str:
        kind, _, trace = ei
        frames = traceback.extract_tb(trace)[-8:]
        places = " > ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}:{frame.name}" for frame in frames)
        return f"error={kind.__name__} at={places}"

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\n", " ").replace("\r", " ")
