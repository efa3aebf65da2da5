"""Stops what a killed supervisor leaves behind, on every system and also what does not listen to SIGTERM.

Only the supervisor holds the writing end of the guard's standard input, on which it names the processes it started
and those that ended. When that end closes, however the supervisor went, the guard stops the ones still named. On
Linux the kernel also sends them SIGTERM at once (PR_SET_PDEATHSIG), so they do not wait for the guard.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

KILL_AFTER_S = 10.0


class Guard:
    """The supervisor's side: a process that is told what to watch, and started again if somebody ends it."""

    def __init__(self) -> None:
        self._pids: set[int] = set()
        self._process = _start()

    def watch(self, pid: int) -> None:
        """Name a process group that must not outlive this process."""
        self._pids.add(pid)
        self._tell(f"+{pid}")

    def forget(self, pid: int | None) -> None:
        """Take back what watch() said: the group has ended, its number may soon mean another one."""
        if pid is not None:
            self._pids.discard(pid)
            self._tell(f"-{pid}")

    def check(self) -> None:
        """Start the guard again if it has died."""
        if self._process.poll() is not None:
            self._process = _start()
            for pid in self._pids:
                self._tell(f"+{pid}")

    def close(self) -> None:
        """End the guard; what is still watched is stopped by it."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it has died: check() tells its successor
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "supervisor.guard"], stdin=subprocess.PIPE, process_group=0)


def main() -> None:
    """The guard's side: read until the supervisor is gone, then stop what is left."""
    groups: set[int] = set()
    for line in sys.stdin:
        if line.startswith("+"):
            groups.add(int(line[1:]))
        else:
            groups.discard(int(line[1:]))
    deadline = time.monotonic() + KILL_AFTER_S
    _signal(groups, signal.SIGTERM)
    while groups := {group for group in groups if _is_alive(group)}:
        if time.monotonic() > deadline:
            _signal(groups, signal.SIGKILL)
            return
        time.sleep(0.1)


def _signal(groups: set[int], number: signal.Signals) -> None:
    for group in groups:
        with suppress(OSError):
            os.killpg(group, number)


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
