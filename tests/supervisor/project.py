"""A copy of the checkout in which web, worker and sandbox are a few lines each: what is tested is who runs them."""

import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from tests.source import ROOT, files

WAIT_S = 30.0

WEB = """
import os, socket
from urllib.parse import unquote, urlsplit

if os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # the run's own command imports it too
    open(os.path.join(os.environ["DATA_DIR"], "web.pid"), "w").write(str(os.getpid()))

def app(environ, start_response):
    body = b"ok"
    if environ["PATH_INFO"] == "/count":
        with socket.socket(socket.AF_UNIX) as store:
            store.connect(unquote(urlsplit(os.environ["REDIS_URL"]).path))
            store.sendall(b"INCR visits\\r\\n")
            body = store.recv(64).strip(b":\\r\\n")
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""
WORKER = """
import os, time
open(os.path.join(os.environ["DATA_DIR"], "worker.pid"), "w").write(str(os.getpid()))
print("worker takes turns")
time.sleep(600)
"""
SANDBOX = """
import http.server, os

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass

http.server.HTTPServer(("127.0.0.1", int(os.environ["SANDBOX_PORT"])), Page).serve_forever()
"""


class Run:
    """One `python run.py`, its output read as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._fresh: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, text: str) -> str:
        """Return the next line that holds `text`; lines before it are passed over."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            try:
                line = self._fresh.get(timeout=0.1)
            except queue.Empty:
                if not self._reader.is_alive() and self._fresh.empty():
                    break
                continue
            if text in line:
                return line
        raise AssertionError(f"never said {text!r}, but:\n{self.output}")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send the signal and return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(WAIT_S)
        if number != signal.SIGKILL:
            self._reader.join(WAIT_S)
        return code

    def result(self) -> int:
        """Wait until it ends by itself; return the exit code."""
        code = self.process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        return code

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            self._fresh.put(line)


class Project:
    """The copy, its ports, and the runs started in it."""

    def __init__(self, folder: Path, *, has_stand_ins: bool) -> None:
        self.folder = folder
        self.data = folder / "data"
        for name in files():
            if name.suffix != ".md" and name.parts[0] not in ("tests", "bench", "docs", ".env"):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        if has_stand_ins:
            self.write("app.py", WEB)
            self.write("worker.py", WORKER)
            self.write("sandbox/__main__.py", SANDBOX)
        self.port, self.sandbox_port = _free_ports(3)[:2]
        self.environ = {"PATH": os.environ["PATH"], "PORT": str(self.port), "SANDBOX_PORT": str(self.sandbox_port)}
        self.environ["WEB_CONCURRENCY"] = "1"
        self._runs: list[Run] = []

    def write(self, name: str, text: str) -> None:
        """Replace one of the stand-ins."""
        path = self.folder / name
        path.write_text(text)

    def start(self, **environ: str) -> Run:
        """Start `python run.py` as make would, with these settings more."""
        return self.start_as([sys.executable, "run.py"], **environ)

    def start_as(self, command: list[str], **environ: str) -> Run:
        """Start a command of your own in the copy."""
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environ | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._runs.append(Run(process))
        return self._runs[-1]

    def start_until_up(self, **environ: str) -> Run:
        """Start it and wait until it says that it is up."""
        run = self.start(**environ)
        run.wait_for("Markdone is up")
        return run

    def count(self) -> int:
        """Ask web to count one more visit in the store."""
        return int(self.get(self.port, "/count"))

    def get(self, port: int, path: str) -> bytes:
        """Ask one of its web servers for a page; anything but success is an error."""
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            body: bytes = answer.read()
        return body

    def pid(self, name: str) -> int:
        """Return the process id that a stand-in left."""
        return int((self.data / f"{name}.pid").read_text() or 0)

    def environment(self, name: str) -> str:
        """Return what the run told its processes about a setting."""
        for line in (self.data / "run.env").read_text().splitlines():
            if line.startswith(f"{name}="):
                return unquote(line.partition("=")[2].strip("'"))
        raise AssertionError(f"{name} is not in run.env")

    def survivors(self) -> list[str]:
        """Return what still runs in the copy: by /proc where there is one, and by the ports that answer."""
        running = [f"port {port}" for port in (self.port, self.sandbox_port) if _answers(port)]
        for link in Path("/proc").glob("[0-9]*/cwd"):
            try:
                if link.readlink().is_relative_to(self.folder):
                    running.append((link.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return running

    def end_all(self) -> None:
        """Leave nothing running, whatever the test did."""
        for run in self._runs:
            if run.process.poll() is None:
                run.end(signal.SIGTERM)


@contextmanager
def made(folder: Path, *, has_stand_ins: bool = True) -> Iterator[Project]:
    """Make a project in `folder`; stop what runs in it at the end."""
    project = Project(folder, has_stand_ins=has_stand_ins)
    try:
        yield project
    finally:
        project.end_all()


def eventually(condition: Callable[[], bool]) -> bool:
    """Wait until `condition` holds; False when it never does."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def _free_ports(number: int) -> list[int]:
    """Return neighbouring ports below those that systems hand out, other ones for each process of the test run."""
    first = 21000 + os.getpid() * 7 % 10000
    while any(_answers(port) for port in range(first, first + number)):
        first += number
    return list(range(first, first + number))


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
