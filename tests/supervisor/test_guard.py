"""The guard ends what a killed supervisor leaves behind; here it stands alone, without the kernel's own signal."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.source import ROOT
from tests.supervisor.project import WAIT_S

GUARD = "import supervisor.guard as guard; guard.KILL_AFTER_S = 0.3; guard.main()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
POLITE = "import signal; print('up', flush=True); signal.pause()"


@pytest.fixture
def guard() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", GUARD], cwd=ROOT, stdin=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def started(code: str) -> subprocess.Popen[str]:
    """Start a process in a group of its own and wait until it is up."""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, process_group=0)
    assert process.stdout is not None and process.stdout.readline() == "up\n"
    return process


@pytest.mark.parametrize(("code", "ended_by"), [(POLITE, signal.SIGTERM), (STUBBORN, signal.SIGKILL)])
def test_what_is_watched_ends_when_the_supervisor_is_gone(
    guard: subprocess.Popen[str], code: str, ended_by: signal.Signals
) -> None:
    with started(code) as process:
        guard.communicate(f"+{process.pid}\n", timeout=WAIT_S)
        assert process.wait(WAIT_S) == -ended_by


def test_what_was_taken_back_lives_on(guard: subprocess.Popen[str]) -> None:
    with started(POLITE) as forgotten, started(POLITE) as watched:
        guard.communicate(f"+{forgotten.pid}\n+{watched.pid}\n-{forgotten.pid}\n", timeout=WAIT_S)
        assert watched.wait(WAIT_S) == -signal.SIGTERM
        assert forgotten.poll() is None
        forgotten.kill()
