"""Passwords: hashed with Argon2, a few at a time, and as slow for an address that nobody has."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from werkzeug.exceptions import ServiceUnavailable

MIN_CHARS = 10
MAX_CHARS = 200  # the hash takes any length; nobody needs more, and a long one costs time
#: Each takes 64 MiB and a core for a tenth of a second, which webhooks want too.
AT_ONCE = 1
#: With those who wait for it: a thread that waits takes no webhook.
PLACES = 2
TRY_AGAIN_S = 3

_hasher = PasswordHasher(parallelism=1)  # as much work, but in one thread: four of them push aside who takes webhooks
_places = threading.BoundedSemaphore(PLACES)
_turns = threading.BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """Return what is kept of a password. Raises ServiceUnavailable when too many are logging in at once."""
    with _place():
        return _hasher.hash(password)


def is_password(stored: str, password: str) -> bool:
    """Tell whether this is the password whose hash is `stored`; as slow for an empty one, which is nobody's.

    Raises ServiceUnavailable when too many are logging in at once.
    """
    with _place():
        nobodys = _nobodys()  # first, so that it takes its time whoever comes first
        try:
            _hasher.verify(stored or nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(stored)


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with other costs than we take today."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    return _hasher.hash("of nobody")


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        words = "Many people are logging in at this moment. Try again in a few seconds."
        raise ServiceUnavailable(words, retry_after=TRY_AGAIN_S)
    try:
        with _turns:
            yield
    finally:
        _places.release()
