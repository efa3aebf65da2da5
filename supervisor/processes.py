"""One process of a run: started so that it dies with us, stopped politely, its output shown under its name."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from supervisor.console import pass_through, say

STOP_WAIT_S = 10.0
FIRST_DELAY_S = 0.2
MAX_DELAY_S = 5.0
SETTLED_AFTER_S = 30.0  # who lived this long starts again as if it were the first time
_LAST_LINES_WAIT_S = 1.0
_PR_SET_PDEATHSIG = 1
# Looked up before any fork: between fork and exec only what is already loaded is safe to call.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Program:
    """What to start, how to tell that it is ready, and what to say then."""

    name: str
    argv: tuple[str, ...]
    environ: dict[str, str]
    is_ready: Callable[[], bool]
    announcement: str = "ready"
    ready_wait_s: float = 60.0
    left_out: str = ""  # lines of its output that hold this are not shown


class Process:
    """A program and the process that runs it now, if any."""

    def __init__(self, program: Program, children_lock: int) -> None:
        self.program = program
        self.start_at = 0.0  # monotonic; when it may be started again
        self._children_lock = children_lock
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._started_at = 0.0
        self._delay_s = 0.0

    def start(self) -> int:
        """Start it and return its process id. From the main thread only: Linux ties its life to the thread."""
        parent = os.getpid()
        self._process = subprocess.Popen(
            self.program.argv,
            env=self.program.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(self._children_lock,),
            process_group=0,  # Ctrl-C in the terminal reaches us alone, so that we can stop them in order
            preexec_fn=lambda: _die_with(parent),
        )
        self._started_at = time.monotonic()
        assert self._process.stdout is not None
        arguments = (self.program.name, self._process.stdout, self.program.left_out)
        self._reader = threading.Thread(target=pass_through, args=arguments, daemon=True)
        self._reader.start()
        return self._process.pid

    def has_died(self) -> bool:
        """Tell whether it was started and has ended since."""
        return self._process is not None and self._process.poll() is not None

    def is_due(self) -> bool:
        """Tell whether it has died and its back-off is over."""
        return self._process is None and time.monotonic() >= self.start_at

    def bury(self) -> tuple[int, str]:
        """After a death: plan the next start; return the process id that is free again and how it ended."""
        assert self._process is not None
        pid, how = self._process.pid, self.how_it_ended()
        is_settled = time.monotonic() - self._started_at >= SETTLED_AFTER_S
        self._delay_s = min(self._delay_s * 2, MAX_DELAY_S) if self._delay_s and not is_settled else FIRST_DELAY_S
        self.start_at = time.monotonic() + self._delay_s
        self._process = None
        return pid, f"{how}; starting it again in {self._delay_s:g} s"

    def how_it_ended(self) -> str:
        """Return in words how it died, once its last lines are shown; only after has_died()."""
        assert self._process is not None and self._reader is not None
        _signal_group(self._process.pid, signal.SIGKILL)  # workers that a killed master left behind still hold its port
        self._reader.join(_LAST_LINES_WAIT_S)
        return _describe(self._process.returncode)

    def stop(self) -> int | None:
        """Ask it to stop, kill what is left after STOP_WAIT_S; return the process id that is free again."""
        if self._process is None:
            return None
        pid = self._process.pid
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                say(f"{self.program.name} did not stop within {STOP_WAIT_S:g} s and is killed")
        _signal_group(pid, signal.SIGKILL)
        self._process.wait()
        if self._reader is not None:
            self._reader.join(_LAST_LINES_WAIT_S)
        self._process = None
        return pid


def _die_with(parent: int) -> None:
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() != parent:  # it was gone before the kernel knew that we care
            os._exit(1)


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says PermissionError of a group of zombies
        os.killpg(group, number)


def _describe(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"signal {-code}, {signal.Signals(-code).name}" if -code in set(signal.Signals) else f"signal {-code}"
