"""Sockets that end in time: look-up, connecting, TLS, sending and reading together, not each by itself."""

import http.client
import io
import logging
import math
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

# Its warnings quote the address, with the secrets that may stand in it.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)

#: One address gets so long to answer; the next one is tried then.
CONNECT_S = 2.0

#: What the system's resolver returns: family, kind, protocol, name, address.
Addresses = Iterable[tuple[int, int, int, str, Any]]
#: What takes the place of socket.getaddrinfo.
Resolve = Callable[..., Addresses]
#: Finds the addresses to connect to, by host and port.
Find = Callable[[str, int], Addresses]


class Stage(IntEnum):
    """How far a call has come."""

    BEGUN = 0
    LOOKING_UP = 1
    CONNECTING = 2
    CONNECTED = 3  # with https, TLS is under way
    SENDING = 4  # something of it may have gone out


class TimedAdapter(HTTPAdapter):
    """Makes requests use the sockets of this module. `call` says how long, and to which addresses."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class Resolver:
    """Looks names up on threads of its own, since the system's resolver has no time-out.

    Look-ups that hang hold up nobody but each other.
    """

    def __init__(self, threads: int, resolve: Resolve | None = None) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="look-up")
        self._resolve = resolve

    def find(self, host: str, port: int) -> Addresses:
        """Return the addresses of `host`. Raises OSError or ValueError; TimeoutError when the call must end."""
        looked_up = self._threads.submit(self._resolve or socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            return looked_up.result(call.left_s())
        except TimeoutError:
            looked_up.cancel()  # it may not have begun
            raise


_resolver = Resolver(8)


class _Call(threading.local):
    """The call that this thread makes: when it must end, how far it is, and who finds its addresses."""

    ends_at = math.inf
    stage = Stage.BEGUN
    find: Find = _resolver.find

    def begin(self, total_s: float, find: Find | None) -> None:
        self.ends_at, self.stage, self.find = time.monotonic() + total_s, Stage.BEGUN, find or _resolver.find

    def left_s(self) -> float:
        left_s = self.ends_at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the call took too long")
        return left_s

    def is_over(self) -> bool:
        return time.monotonic() >= self.ends_at


call = _Call()


class _TimedReader(io.RawIOBase):
    """Reads a socket until the call must end. A plain time-out starts anew with each byte that trickles in."""

    def __init__(self, sock: socket.socket, raw: Any) -> None:
        self._sock, self._raw = sock, raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(call.left_s())
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReader(sock, self.fp.detach()))


class _TimedHttp(HTTPConnection):
    response_class = _TimedResponse

    def _new_conn(self) -> socket.socket:
        return _open_socket(self.host, self.port or self.default_port)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.sock.settimeout(call.left_s())
        call.stage = Stage.SENDING
        super().send(data)


class _TimedHttps(_TimedHttp, HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _TimedHttp


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TimedHttps


def _open_socket(host: str, port: int) -> socket.socket:
    """Connect to the first address that answers. The library's own gives the full time-out to each of them."""
    failure: OSError = OSError("the name has no address")
    call.stage = Stage.LOOKING_UP
    for family, kind, protocol, _, address in call.find(host, port):
        call.stage = Stage.CONNECTING
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(CONNECT_S, call.left_s()))
            sock.connect(address)
            sock.settimeout(call.left_s())
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            call.stage = Stage.CONNECTED
            return sock
        except OSError as error:
            sock.close()
            failure = error
    raise failure
