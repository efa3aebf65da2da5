"""How every process logs: one line an event on standard output, key=value, never a text, a token or a signature."""

import atexit
import logging
import sys
import threading
import time
import traceback
from collections import deque
from typing import Any, TextIO

#: Lines are written this often. A write for each would cost a webhook a tenth of its time.
WRITE_EVERY_S = 0.05
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
    """Writes lines a few at a time; a warning or worse at once, with all that came before it."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._waiting: deque[str] = deque(maxlen=MOST_WAITING)
        self._has_lines = threading.Event()
        self._writing = threading.Lock()
        threading.Thread(target=self._write_on, name="log", daemon=True).start()
        atexit.register(self.flush)

    def emit(self, record: logging.LogRecord) -> None:
        self._waiting.append(self.format(record))
        if record.levelno >= logging.WARNING:
            self.flush()
        elif not self._has_lines.is_set():
            self._has_lines.set()

    def flush(self) -> None:
        with self._writing:
            lines = []
            while self._waiting:
                lines.append(self._waiting.popleft())
            if lines:
                try:
                    self._stream.write("\n".join(lines) + "\n")
                    self._stream.flush()
                except (OSError, ValueError):
                    # Nobody reads it any more; that must not stop the work.
                    return

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
        return super().format(record).replace("\n", " ")
