"""The one way in which the platform calls others: HTTP calls that end in time and say whether anything went out."""

import http.client
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3

from calls.sockets import CONNECT_S, Find, Stage, TimedAdapter, call
from domain.errors import BadPayload, ChannelError, Outcome

#: A send ends after this many seconds, whatever the other side does; a turn's lease allows for 6.
SEND_TOTAL_S = 5.5
#: Registering takes longer: the platform calls our webhook before it answers.
REGISTER_TOTAL_S = 30.0
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

    def __init__(self, read: Callable[[bytes], dict[str, Any]]) -> None:
        """read: makes an object of an answer's bytes. Raises BadPayload."""
        self._session = make_session()
        self._read = read

    def call(self, method: str, url: str, *, total_s: float = SEND_TOTAL_S, **request: Any) -> Reply:
        """Make one call; `request` is what requests.request takes. Redirects are not followed, nothing is repeated.

        total_s: bounds looking up the name, connecting, TLS, sending and reading together.
        Raises ChannelError: RETRY when nothing was sent, AMBIGUOUS when the call broke or timed out after that.
        """
        try:
            status, raw = exchange(self._session, method, url, total_s=total_s, **request)
        except CallFailed as failed:
            if failed.stage is Stage.SENDING:
                raise ChannelError(Outcome.AMBIGUOUS, "no_answer") from None
            raise ChannelError(Outcome.RETRY, "unreachable") from None
        return Reply(status, self._object_or_none(raw))

    def _object_or_none(self, raw: bytes) -> dict[str, Any] | None:
        try:
            return self._read(raw) if len(raw) <= MAX_ANSWER_BYTES else None
        except BadPayload:
            return None


@dataclass
class CallFailed(Exception):
    """A call broke. Whoever made it says what that means.

    is_late: its time was over. status: what was answered, when it broke only after that.
    """

    stage: Stage
    is_late: bool
    status: int | None


def make_session() -> requests.Session:
    """Make what `exchange` calls with: no proxies, no netrc, no cookies, no redirects."""
    session = _Session()
    # Proxies and credentials come from our settings, never from a netrc file or the environment.
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"Accept-Encoding": "identity", "User-Agent": "markdone"})
    for scheme in ("http://", "https://"):
        session.mount(scheme, TimedAdapter(pool_maxsize=32))
    return session


def exchange(
    session: requests.Session, method: str, url: str, *, total_s: float, find: Find | None = None, **request: Any
) -> tuple[int, bytes]:
    """Make one call and return the status and up to MAX_ANSWER_BYTES + 1 bytes of the answer, as they came.

    find: finds the addresses of the host, instead of the system's resolver; what it raises beside OSError and
    ValueError comes through. Raises CallFailed.
    """
    call.begin(total_s, find)
    status = None
    try:
        answer = session.request(
            method, url, timeout=(CONNECT_S, total_s), allow_redirects=False, stream=True, **request
        )
        status = answer.status_code
        with answer:
            return status, answer.raw.read(MAX_ANSWER_BYTES + 1, decode_content=False)
    except _CALL_FAILURES:
        # Without "from": these errors quote the address, and with it the proof of the app secret.
        raise CallFailed(call.stage, call.is_over(), status) from None


class _Session(requests.Session):
    def get_redirect_target(self, resp: Any) -> None:
        """Say that there is none: to tell where one leads, requests would read and unpack the whole answer."""
