"""A store that does not answer now and then: what may be repeated is, for a quarter of a minute."""

import time
from collections.abc import Callable
from typing import TypeVar

from domain.errors import StoreError

Result = TypeVar("Result")
#: Longer than a connection spares a server that did not answer.
PAUSES_S = (1.0, 2.0, 4.0, 8.0)


def patiently(do: Callable[[], Result], pause: Callable[[float], object] = time.sleep) -> Result:
    """Return what `do` returns, which may be done more than once. pause: waits so many seconds.

    Raises what `do` raises; StoreError only when it was raised each time.
    """
    for seconds in PAUSES_S:
        try:
            return do()
        except StoreError:
            pause(seconds)
    return do()
