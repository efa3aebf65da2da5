"""The first owner's link: asked of the platform's own command, since the store is not ours to read."""

import subprocess
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

_WAIT_S = 20.0
_COMMAND = ("-m", "flask", "--app", "app", "user", "first-link")


def ask_for_first_link(environ: Mapping[str, str]) -> str:
    """Return path and query of a new link for the first owner; empty when somebody can log in, or nothing came."""
    try:
        done = subprocess.run(
            (sys.executable, *_COMMAND),
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_WAIT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # where to log in is said all the same
    address = urlsplit(done.stdout.strip())
    return f"{address.path}?{address.query}" if address.query else ""
