"""Whatever ends a test run, the servers that it started end with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT, wait_for

RUN = """
import signal, sys
from tests.scenarios.platform import running
from tests.servers import Valkey
valkey = Valkey()
valkey.start()
with running(valkey, workers=1) as platform:
    print(valkey.pid, *platform.pids(), flush=True)
    signal.pause()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process's life to its parent's")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_from_outside_leaves_no_server_running(ending: signal.Signals) -> None:
    run = subprocess.Popen([sys.executable, "-c", RUN], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert run.stdout
    pids = [int(pid) for pid in run.stdout.readline().split()]
    assert len(pids) == 6, "Valkey, gunicorn and its two, a worker, the sandbox"
    assert all(is_running(pid) for pid in pids)
    os.kill(run.pid, ending)
    run.wait(10)
    run.stdout.close()
    try:
        wait_for(lambda: not any(is_running(pid) for pid in pids), "all of them are gone")
    finally:
        for pid in filter(is_running, pids):
            os.kill(pid, signal.SIGKILL)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
