"""What an automation's step "Call a URL" does: one POST, to an address that a person wrote, and never to our inside.

Whoever may edit automations chooses the address; whoever owns the name decides where it leads, and may decide anew at
each look-up. So the one look-up of a call is judged, and exactly what was judged is connected to.
"""

import json
import re
from http import HTTPStatus
from http.client import responses
from typing import Any

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from calls.addresses import is_public
from calls.sockets import Addresses, Resolve, Resolver, Stage
from calls.timed import CallFailed, exchange, make_session
from domain.errors import HookError

#: A call ends after this many seconds, whatever the other side does; a turn's lease allows for 6.
HOOK_TOTAL_S = 5.5

# reason: whether the same would happen again, and what people read.
_REASONS = {
    "bad_url": (True, "This is not an address that can be called. Write one like https://example.com/path."),
    "not_https": (
        True,
        "The address does not begin with https://, and nothing else is called. "
        "Plain http is for hosts that the setting AUTOMATION_HOSTS names.",
    ),
    "internal_address": (
        True,
        "The host's name leads into a private network, which automations must not call. "
        "Whoever runs Markdone can allow the host by the setting AUTOMATION_HOSTS.",
    ),
    "redirected": (
        True,
        "The other side sent us on to another address, and redirects are not followed. Write the final address.",
    ),
    "unknown_host": (False, "The host's name was not found. Check how it is spelled."),
    "unreachable": (False, "No connection: the host does not answer at this port. Check that it is up."),
    "tls_failed": (
        False,
        "No safe connection: the host's certificate is not valid for its name, has run out, or TLS failed. "
        "Have its certificate mended.",
    ),
    "timed_out": (False, f"No answer within {HOOK_TOTAL_S:g} seconds. Let the other side answer first and work then."),
    "no_answer": (
        False,
        "The connection broke before there was an answer that is HTTP. Look at the other side's logs.",
    ),
}
_REASON_BY_STAGE = {
    Stage.BEGUN: "bad_url",
    Stage.LOOKING_UP: "unknown_host",
    Stage.CONNECTING: "unreachable",
    Stage.CONNECTED: "tls_failed",
    Stage.SENDING: "no_answer",
}
# They ask for another try; every other 4xx says that this call is wrong.
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
# What parsers of addresses disagree about.
_ODD = re.compile(r"[\x00-\x20\x7f\\]")


class Hooks:
    """Calls addresses that people wrote. One per process; threads may share it."""

    def __init__(self, allowed: frozenset[str] = frozenset(), resolve: Resolve | None = None) -> None:
        """allowed: `host` or `host:port`, in lower case, that may be called although it is internal or plain http.

        resolve: takes the place of the system's resolver.
        """
        self._allowed = allowed
        self._session = make_session()
        # Not the threads on which channels look up: names of other people's may hang as long as their owners like.
        self._resolver = Resolver(16, resolve)

    def call(self, url: str, body: dict[str, Any], delivery: str) -> int:
        """POST `body` as JSON and return the status, which is 2xx. It takes HOOK_TOTAL_S at most.

        delivery: the same in each try of the same call, so that the other side can tell; ASCII.
        What is answered beside the status is thrown away; redirects are not followed. Nothing is logged.
        Raises HookError.
        """
        self._check(url)
        headers = {
            "Content-Type": "application/json",
            "X-Markdone-Delivery": delivery,
            # A connection kept would be as safe, since it leads where it led when its address was judged. But these
            # calls are few, and one that the other side has closed meanwhile fails.
            "Connection": "close",
        }
        raw = json.dumps(body, ensure_ascii=False).encode(errors="replace")  # half of a surrogate pair is no UTF-8
        try:
            status, _ = exchange(
                self._session, "POST", url, total_s=HOOK_TOTAL_S, find=self._find, data=raw, headers=headers
            )
        except CallFailed as failed:
            if failed.status is None:
                raise _error("timed_out" if failed.is_late else _REASON_BY_STAGE[failed.stage]) from None
            status = failed.status  # it took the call; that its answer broke off or goes on for ever changes nothing
        return _judge(status)

    def _check(self, url: str) -> None:
        """Refuse what is no plain web address. Where it leads is judged when that is known, not by its spelling."""
        try:
            parts = parse_url(url)  # what requests goes by
        except LocationParseError:
            raise _error("bad_url") from None
        if _ODD.search(url) or not parts.host or parts.auth is not None or parts.port == 0:
            raise _error("bad_url")
        is_plain = parts.scheme == "http" and self._is_allowed(parts.host.strip("[]").rstrip("."), parts.port or 80)
        if parts.scheme != "https" and not is_plain:
            raise _error("not_https")

    def _find(self, host: str, port: int) -> Addresses:
        """Return the addresses to connect to, when not one of them is internal. A name with both is set to trick us."""
        found = list(self._resolver.find(host, port))
        if not self._is_allowed(host, port) and not all(is_public(address[0]) for *_, address in found):
            raise _error("internal_address")
        return found

    def _is_allowed(self, host: str, port: int) -> bool:
        """host: in lower case, as urllib3 reads and keeps it."""
        name = f"[{host}]" if ":" in host else host
        return not self._allowed.isdisjoint((name, f"{name}:{port}"))


def _judge(status: int) -> int:
    if 200 <= status < 300:
        return status
    if 300 <= status < 400:
        raise _error("redirected")
    is_permanent = 400 <= status < 500 and status not in _PASSING
    answered = f"{status} {responses.get(status, '')}".strip()
    advice = "Check the address and what it takes." if is_permanent else "It may take the call later."
    raise HookError(f"status_{status}", is_permanent, f"The other side answered {answered}. {advice}")


def _error(reason: str) -> HookError:
    return HookError(reason, *_REASONS[reason])
