"""Who may work on a data directory: one `make run` at a time, and not while the last one's processes still stop.

Both locks are flocks, which the kernel releases when the last process that holds them is gone, however it went.
"""

import fcntl
import os
import time
from pathlib import Path

from supervisor.console import say
from supervisor.problems import StartError

LEFTOVERS_WAIT_S = 20.0  # longer than the guard gives those of a killed run


def lock_directory(data_dir: Path) -> int:
    """Take the directory for this run; return the lock's descriptor, held until this process ends.

    Raises: StartError when another run has it.
    """
    descriptor = _open(data_dir / "run.lock")
    if not _try_lock(descriptor):
        other = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
        raise StartError(
            f"make run already works on {data_dir} (process {other}): stop that one, or use another DATA_DIR and PORT"
        )
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def lock_children(data_dir: Path, wait_s: float = LEFTOVERS_WAIT_S) -> int:
    """Return the descriptor that every process of this run inherits, once no process of an earlier run holds it.

    Raises: StartError when one still does after `wait_s` seconds.
    """
    descriptor = _open(data_dir / "children.lock")
    deadline = time.monotonic() + wait_s
    is_told = False
    while not _try_lock(descriptor):
        if time.monotonic() > deadline:
            raise StartError(f"processes of an earlier run still work on {data_dir}: stop them, then start again")
        if not is_told:
            say("waiting for the processes of the run before to stop")
            is_told = True
        time.sleep(0.1)
    return descriptor


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
