"""How often somebody may try to log in, counted in Redis for all processes together.

Only the few views that are named here ask; a webhook or an API request never costs this round trip.
"""

import hashlib
from ipaddress import IPv6Address, ip_address
from typing import cast

from flask import current_app, request
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from domain.errors import StoreError
from web.context import context

KEY = "markdone-throttle"
TIMEOUT_S = 0.7
PER_ADDRESS = parse("20 per minute")
PER_EMAIL = parse("5 per 5 minutes")
PER_LINK_ADDRESS = parse("30 per minute")
#: A whole network of that size is what one household gets.
_IPV6_PREFIX_BITS = 64


def make_limiter(redis_url: str) -> MovingWindowRateLimiter:
    """Make what counts; nothing is sent to the server yet."""
    options = {} if redis_url.startswith("unix:") else {"socket_connect_timeout": TIMEOUT_S}
    storage = storage_from_string(
        limits_url(redis_url), wrap_exceptions=True, socket_timeout=TIMEOUT_S, key_prefix="markdone-limits", **options
    )
    return MovingWindowRateLimiter(storage)


def limits_url(redis_url: str) -> str:
    """Return the server's address as the library limits writes it."""
    return f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url


def count_visitor() -> None:
    """Count one try to log in, from where it comes. Raises: TooManyRequests, StoreError."""
    _count(PER_ADDRESS, "address", _address())


def count_email(email: str) -> None:
    """Count one try to log in with this address, before the password is looked at. Raises: TooManyRequests, StoreError.

    Also where nobody has it, and before it is known to fail: many at once are counted as well.
    """
    _count(PER_EMAIL, "email", _hidden(email))


def forget_failures(email: str) -> None:
    """After a log-in: earlier tries of that email address count no more. Raises StoreError."""
    try:
        _limiter().clear(PER_EMAIL, "email", _hidden(email))
    except StorageError as error:
        raise StoreError("Redis does not count tries to log in") from error


def count_password_check(user: str) -> None:
    """Count one try to say the old password, by somebody who is logged in. Raises: TooManyRequests, StoreError."""
    _count(PER_EMAIL, "password", user)


def count_link() -> None:
    """Count one look at a one-time link. Raises: TooManyRequests, StoreError."""
    _count(PER_LINK_ADDRESS, "link", _address())


def _count(limit: RateLimitItem, *names: str) -> None:
    limiter = _limiter()
    try:
        if limiter.hit(limit, *names):
            return
        free_at_s = limiter.get_window_stats(limit, *names).reset_time
    except StorageError as error:
        # Without a count nobody is let try: guessing must not become free by taking Redis down.
        raise StoreError("Redis does not count tries to log in") from error
    wait_s = max(1, round(free_at_s - context().store.now_ms() / 1000))
    words = f"Too many tries. Try again in {_in_words(wait_s)}."
    raise TooManyRequests(words, retry_after=wait_s)


def _limiter() -> MovingWindowRateLimiter:
    return cast(MovingWindowRateLimiter, current_app.extensions[KEY])


def _address() -> str:
    """The browser's address: what the nearest proxy says where we stand behind one, in our network or machine."""
    peer, said = request.remote_addr or "", request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        is_near = not peer or ip_address(peer).is_private  # no peer: a socket of this machine
        address = ip_address(said) if said and is_near else ip_address(peer)
    except ValueError:
        return peer
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or int(address) >> (128 - _IPV6_PREFIX_BITS))
    return str(address)


def _hidden(email: str) -> str:
    return hashlib.sha256(email.strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _in_words(wait_s: int) -> str:
    if wait_s < 60:
        return f"{wait_s} second{'s' if wait_s > 1 else ''}"
    minutes = -(-wait_s // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
