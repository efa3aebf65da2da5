"""The one way in which channels call out: HTTP calls that end in time and say whether anything went out."""

import http.client
import io
import math
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from channels.bodies import read_object
from domain.errors import BadPayload, ChannelError, Outcome

#: A send ends after this many seconds, whatever the other side does; a turn's lease allows for 6.
SEND_TOTAL_S = 5.5
#: Registering takes longer: the platform calls our webhook before it answers.
REGISTER_TOTAL_S = 30.0
CONNECT_S = 2.0
#: Answers are a few hundred bytes; we read no more than this.
MAX_ANSWER_BYTES = 64 * 1024

# requests' errors are OSErrors. ValueError: an address or a header that cannot be sent at all.
_CALL_FAILURES = (OSError, ValueError, urllib3.exceptions.HTTPError, http.client.HTTPException)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a platform answered. body is None when it is not a JSON object of at most MAX_ANSWER_BYTES."""

    status: int
    body: dict[str, Any] | None


class Caller:
    """Makes HTTP calls that end in time. One per channel object; threads may share it."""

    def __init__(self) -> None:
        self._session = requests.Session()
        # Proxies and credentials come from our settings, never from a netrc file or the environment.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update({"Accept-Encoding": "identity", "User-Agent": "markdone"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _TimedAdapter(pool_maxsize=32))

    def call(self, method: str, url: str, *, total_s: float = SEND_TOTAL_S, **request: Any) -> Reply:
        """Make one call; `request` is what requests.request takes. Redirects are not followed, nothing is repeated.

        total_s: bounds looking up the name, connecting, TLS, sending and reading together.
        Raises ChannelError: RETRY when nothing was sent, AMBIGUOUS when the call broke or timed out after that.
        """
        _call.ends_at, _call.is_sent = time.monotonic() + total_s, False
        try:
            answer = self._session.request(
                method, url, timeout=(CONNECT_S, total_s), allow_redirects=False, stream=True, **request
            )
            with answer:
                raw = answer.raw.read(MAX_ANSWER_BYTES + 1, decode_content=False)
        except _CALL_FAILURES:
            # Without "from": these errors quote the address, and with it the proof of the app secret.
            if _call.is_sent:
                raise ChannelError(Outcome.AMBIGUOUS, "no_answer") from None
            raise ChannelError(Outcome.RETRY, "unreachable") from None
        return Reply(answer.status_code, _object_or_none(raw))


def _object_or_none(raw: bytes) -> dict[str, Any] | None:
    try:
        return read_object(raw) if len(raw) <= MAX_ANSWER_BYTES else None
    except BadPayload:
        return None


class _Call(threading.local):
    """The call that this thread makes: when it must end, and whether anything of it has gone out."""

    ends_at = math.inf
    is_sent = False

    def left_s(self) -> float:
        left_s = self.ends_at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the call took too long")
        return left_s


_call = _Call()
# The system's resolver has no time-out. On threads of their own, look-ups that hang hold nobody up but each other.
_look_ups = ThreadPoolExecutor(8, thread_name_prefix="look-up")


class _TimedReader(io.RawIOBase):
    """Reads a socket until the call must end. A plain time-out starts anew with each byte that trickles in."""

    def __init__(self, sock: socket.socket, raw: Any) -> None:
        self._sock, self._raw = sock, raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_call.left_s())
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
        return _open_socket(self.host, self.port)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.sock.settimeout(_call.left_s())
        _call.is_sent = True
        super().send(data)


class _TimedHttps(_TimedHttp, HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _TimedHttp


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TimedHttps


class _TimedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


def _open_socket(host: str, port: int | None) -> socket.socket:
    """Connect to the first address that answers. The library's own gives the full time-out to each of them."""
    failure: OSError = OSError("the name has no address")
    looked_up = _look_ups.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    for family, kind, protocol, _, address in looked_up.result(_call.left_s()):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(CONNECT_S, _call.left_s()))
            sock.connect(address)
            sock.settimeout(_call.left_s())
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        except OSError as error:
            sock.close()
            failure = error
    raise failure
