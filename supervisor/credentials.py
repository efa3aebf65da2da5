"""Secrets that a run makes once and keeps, so that links, sessions and tokens outlive a restart."""

import os
import secrets
from pathlib import Path


def keep(directory: Path, name: str, *, prefix: str = "") -> Path:
    """Return the file that holds the secret `name`; make it, `prefix` and 256 random bits, if it is not there yet.

    Only this user can read it. It appears whole or not at all, however the machine stops.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / name
    if not path.exists():
        draft = directory / f".{name}.new"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(f"{prefix}{secrets.token_urlsafe(32)}\n")
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(path)
    return path
