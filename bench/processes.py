"""The processes that a measurement starts: a private store, the platform's own, and what stands in for the world."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from bench.bodies import APP_SECRET, PAGE
from supervisor import private_server
from supervisor.guard import Guard
from supervisor.readiness import answers_http

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
READY_WAIT_S = 60.0
STOP_WAIT_S = 15.0
WEB_PROCESSES = 2
WEB_THREADS = 4
SECRET_KEY = "secret-key-of-the-benchmark"


class BenchError(Exception):
    """Something that is measured did not work; the message says what."""


class Processes:
    """Starts processes in a directory of their own, and stops them at the end, also when this process is killed."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="mdb"))  # short: a socket's path has at most 107 bytes
        self.store_url = ""
        self._guard = Guard()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pid in reversed(list(self._processes)):
            self.stop(pid)
        self._guard.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start_store(self) -> int:
        """Start the same server as `make run` does, and return its process id."""
        path = self.directory / "s"
        program = private_server.program(self.directory, path, _base_environ())
        self.store_url = private_server.url(path)
        return self.start("store", program.argv, program.environ, program.is_ready)

    def start_web(self, application: str, **settings: str) -> tuple[int, int]:
        """Serve `application` with the platform's own gunicorn settings; return process id and port."""
        port = free_port()
        config = str(ROOT / "gunicorn.conf.py")
        words = ("-m", "gunicorn", "--config", config, "--bind", f"{HOST}:{port}", application)
        environ = {**self._settings(), "PORT": str(port), **settings}
        return self.start_python(
            f"web {application}", words, lambda: answers_http(HOST, port, "/healthz"), **environ
        ), port

    def start_worker(self, **settings: str) -> int:
        """Start one worker process and return its id."""
        environ = {**self._settings(), **settings}
        log = self._log("worker")
        seen = log.stat().st_size if log.exists() else 0
        words = (str(ROOT / "worker.py"),)
        return self.start_python("worker", words, lambda: b"worker.ready" in log.read_bytes()[seen:], **environ)

    def start_python(self, name: str, words: tuple[str, ...], is_ready: Callable[[], bool], **environ: str) -> int:
        """Start a Python program of this project and wait until it serves; return its process id."""
        return self.start(name, (sys.executable, *words), {**_base_environ(), **environ}, is_ready)

    def start(self, name: str, argv: tuple[str, ...], environ: dict[str, str], is_ready: Callable[[], bool]) -> int:
        """Start a process and wait until it serves. Raises BenchError with its last lines when it does not."""
        with self._log(name).open("ab") as log:
            process = subprocess.Popen(
                argv, cwd=self.directory, env=environ, stdout=log, stderr=log, start_new_session=True
            )
        self._processes[process.pid] = process
        self._guard.watch(process.pid)
        give_up_at = time.monotonic() + READY_WAIT_S
        while not is_ready():
            if process.poll() is not None or time.monotonic() > give_up_at:
                raise BenchError(f"{name} did not start; it said:\n{self._log(name).read_text()[-2000:]}")
            time.sleep(0.02)
        return process.pid

    def stop(self, pid: int) -> None:
        """Stop a process and everything that it started."""
        process = self._processes.pop(pid)
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_WAIT_S)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        process.wait()
        self._guard.forget(pid)

    def _log(self, name: str) -> Path:
        return self.directory / f"{name.replace('/', '-')}.log"

    def _settings(self) -> dict[str, str]:
        """Settings of a platform with one page; the processes run where no `.env` of the developer is."""
        return {
            "REDIS_URL": self.store_url,
            "SECRET_KEY": SECRET_KEY,
            "API_TOKEN": "api-token-of-the-benchmark",
            "FACEBOOK_APP_ID": "700000000000070",
            "FACEBOOK_APP_SECRET": APP_SECRET,
            "FACEBOOK_VERIFY_TOKEN": "verify-token-of-the-benchmark",
            "FACEBOOK_PAGES": f"{PAGE}:page-token-of-the-benchmark",
            "METRICS_DIR": str(self.directory / "metrics"),
            "WEB_CONCURRENCY": str(WEB_PROCESSES),
            "WEB_THREADS": str(WEB_THREADS),
        }


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        port: int = one.getsockname()[1]
        return port


def _base_environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return {**kept, "PYTHONPATH": str(ROOT)}
