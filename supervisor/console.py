"""What the person at the terminal sees. Nobody reading any more is no reason to stop."""

import contextlib
import sys
import threading
from typing import BinaryIO

NAME_CHARS = 8
_MAX_LINE_BYTES = 64 * 1024
_lock = threading.Lock()


def say(text: str, *, name: str = "run") -> None:
    """Print one line that starts with who speaks."""
    _write(f"{name:<{NAME_CHARS}}│ {text}\n".encode())


def show(text: str) -> None:
    """Print a block of text as it is."""
    _write(text.encode())


def pass_through(name: str, stream: BinaryIO, left_out: str = "") -> None:
    """Print what a process writes, line by line under its name, until it closes `stream`. Runs in a thread.

    left_out: lines that hold this text are not shown; empty shows all.
    """
    with stream:
        while line := stream.readline(_MAX_LINE_BYTES):
            text = line.decode(errors="backslashreplace").rstrip()
            if text and not (left_out and left_out in text):
                say(text, name=name)


def _write(text: bytes) -> None:
    with _lock, contextlib.suppress(OSError, ValueError):
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
