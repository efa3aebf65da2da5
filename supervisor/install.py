"""Makes `.venv` and installs the requirement files given as arguments; a quick no-op when nothing changed.

make starts it with the system's Python, which may be older than the platform's: it must at least get as far as the
sentence that says so. So only the standard library, and no newer syntax.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

MIN_PYTHON = (3, 11)
VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"


def main(requirement_files: list[str]) -> str:
    """Make `.venv` in the current directory; return what went wrong in one sentence, empty when all is well."""
    problem = _unfit_python()
    if problem:
        return problem
    # `make run` and `make test` may both be started on a fresh clone: the second waits for the first.
    with Path(requirement_files[0]).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _install(requirement_files)


def _unfit_python() -> str:
    here = f"Python {sys.version_info[0]}.{sys.version_info[1]} ({sys.executable})"
    if sys.version_info < MIN_PYTHON:
        return f"{here} is too old, 3.11 or newer is needed; name one: make run PYTHON=/path/to/python3.11"
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return f"{here} has no venv module; on Debian or Ubuntu: apt install python3-venv"
    return ""


def _install(requirement_files: list[str]) -> str:
    stamps = {VENV / f"installed-{name}": _hash(requirement_files[: n + 1]) for n, name in enumerate(requirement_files)}
    if PYTHON.exists() and all(path.is_file() and path.read_text() == text for path, text in stamps.items()):
        return ""
    if not _has_pip():
        print(f"Making {VENV} with {sys.executable}", flush=True)
        if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
            return f"{VENV} could not be made: see the lines above; is the disk full, or the folder not yours?"
    print(f"Installing {' and '.join(requirement_files)} into {VENV}", flush=True)
    if subprocess.call(_pip("install", "-r", requirement_files[-1])) != 0:
        return "the packages could not be installed: see pip's lines above; is this machine online? Then try again"
    for path, text in stamps.items():
        path.write_text(text)
    return ""


def _has_pip() -> bool:
    return PYTHON.exists() and subprocess.call(_pip("--version"), stdout=subprocess.DEVNULL) == 0


def _pip(*arguments: str) -> list[str]:
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]


def _hash(names: list[str]) -> str:
    return hashlib.sha256(b"".join(Path(name).read_bytes() for name in names)).hexdigest()


if __name__ == "__main__":
    problem = main(sys.argv[1:])
    sys.exit(f"setup: {problem}" if problem else 0)
