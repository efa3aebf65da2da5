"""What every part of the store stands on: the connection, the key names and the clock."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

from domain.errors import ConfigError, StoreError
from domain.identities import is_contact_id
from domain.periods import QUARTER_MS
from store.clock import Clock
from store.connection import Call, Connection
from store.keys import Keys

#: What stands for a native id or an effect in `seen` and `late`.
ID_BYTES = 12


class StoreBase:
    """A connection to one server, shared by all threads of a process."""

    def __init__(self, url: str, *, partitions: int, max_connections: int, timeout_s: float) -> None:
        self.connection = Connection(url, max_connections=max_connections, timeout_s=timeout_s)
        self.keys = Keys(partitions)
        self.clock = Clock(self._server_ms)
        self.now_ms: Callable[[], int] = self.clock.now_ms
        self._is_checked = False

    def start(self) -> None:
        """Set the clock and check that this store has as many partitions as we think.

        Raises: StoreError when the server is away, ConfigError when it was made with another PARTITIONS.
        """
        self.clock.measure_now()
        wanted = str(self.keys.partitions)
        key = self.keys.partition_count
        self.connection.command(lambda client: client.set(key, wanted, nx=True))
        found: str = self.connection.command(lambda client: client.get(key))
        if found != wanted:
            raise ConfigError([f"PARTITIONS: this store was made with {found}, not {wanted}; set PARTITIONS={found}"])
        self._is_checked = True

    def _check(self) -> None:
        """The server was away at the start: nothing is written before we know that it is the right store."""
        try:
            self.start()
        except ConfigError as error:
            raise StoreError(str(error)) from error

    def _server_ms(self) -> int:
        seconds, microseconds = self.connection.command(lambda client: client.time())
        return int(seconds) * 1000 + int(microseconds) // 1000

    def _call(self, script: str, contact: str, *args: str | int | bytes, extra_keys: Sequence[str] = ()) -> Call:
        if not self._is_checked:
            self._check()
        now_ms = self.now_ms()
        keys = self.keys.of_contact(contact, now_ms // QUARTER_MS)
        return Call(script, [*keys, *extra_keys], (contact, now_ms, *args))


def digest(text: str) -> bytes:
    """Return the 12 bytes that stand for a native id or an effect key."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:ID_BYTES]


def check_contact(contact: str) -> None:
    """Refuse what cannot be a contact's id before it becomes part of a key. Raises StoreError."""
    if not is_contact_id(contact):
        raise StoreError("that is not a contact's id")


def status_of(answer: list[Any], known: tuple[str, ...]) -> str:
    """Return a script's status word. Raises StoreError for one that we do not know."""
    word = str(answer[0])
    if word not in known:
        raise StoreError(f"a script answered {word!r}")
    return word


Flag = Literal["0", "1"]


def flag(value: object) -> Flag:
    """Write a truth as the scripts read it."""
    return "1" if value else "0"
