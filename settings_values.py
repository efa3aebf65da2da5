"""How one setting's text becomes a value: each reader returns it or raises ValueError with what is wrong.

No message repeats the text: it may be a secret, or hold one (a password inside a URL).
"""

import json
import re
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

import msgspec

Reader = Callable[[str], Any]

MIN_SECRET_CHARS = 16
MAX_ROTATION = 2  # the new secret and the one it replaces
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
# A name, an IPv4 address or an IPv6 address in brackets; and a port, or none.
_HOST = re.compile(r"([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_ENDPOINT = re.compile(r"(?:http://)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")


def whole_number(low: int, high: int) -> Reader:
    """Make a reader of whole numbers from `low` to `high`."""
    kind = Annotated[int, msgspec.Meta(ge=low, le=high)]

    def read(text: str) -> int:
        try:
            return msgspec.convert(text, kind, strict=False)
        except msgspec.ValidationError:
            raise ValueError(f"is not a whole number from {low} to {high}") from None

    return read


def word(pattern: str, wanted: str) -> Reader:
    """Make a reader of text that matches `pattern` completely; `wanted` says so in words."""
    shape = re.compile(pattern)

    def read(text: str) -> str:
        if shape.fullmatch(text) is None:
            raise ValueError(f"is not {wanted}")
        return text

    return read


def secrets(min_chars: int) -> Reader:
    """Make a reader of one secret, or two while one replaces the other: comma-separated, newest first."""

    def read(text: str) -> tuple[str, ...]:
        found = _split(text)
        if len(found) > MAX_ROTATION:
            raise ValueError(f"holds {len(found)} values; at most {MAX_ROTATION} are allowed, newest first")
        if len(set(found)) != len(found):
            raise ValueError("holds the same value twice")
        if any(len(secret) < min_chars for secret in found):
            raise ValueError(f"is too short: each value needs at least {min_chars} characters")
        return tuple(token(secret) for secret in found)

    return read


def token(text: str) -> str:
    """Read one secret that travels in a header or a URL."""
    if _PRINTABLE.fullmatch(text) is None:
        raise ValueError("holds a space or a character other than printable ASCII")
    return text


def pairs(pattern: str, wanted: str) -> Reader:
    """Make a reader of `name:token` pairs, comma-separated, whose names match `pattern` and differ."""
    name_of = word(pattern, wanted)

    def read(text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for place, pair in enumerate(_split(text), start=1):
            name, colon, secret = (part.strip() for part in pair.partition(":"))
            if not (name and colon and secret):
                raise ValueError(f"pair {place} is not name:token")
            try:
                name_of(name)
                found_already = name in found
                found[name] = token(secret)
            except ValueError as error:
                raise ValueError(f"pair {place} {error}") from None
            if found_already:
                raise ValueError(f"pair {place} names something that an earlier pair has named")
        return found

    return read


def redis_url(text: str) -> str:
    """Read where Redis is: `redis://`, `rediss://` or `unix://`."""
    url = _split_url(text)
    if url.scheme == "unix" and url.path.strip("/"):
        return text
    if url.scheme not in ("redis", "rediss") or not url.hostname or not re.fullmatch(r"/?|/[0-9]+", url.path):
        raise ValueError("is not redis://host:port/number, rediss://host:port/number or unix:///path")
    return text


def api_url(text: str) -> str:
    """Read a platform's address, without the slash at the end. Plain http is for stand-ins."""
    url = _split_url(text)
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment or url.username:
        raise ValueError("is not https://host/path, without user, query or fragment")
    return text.rstrip("/")


def public_url(text: str) -> str:
    """Read where the platforms reach us, without the slash at the end. Plain http only on this machine."""
    address = api_url(text)
    url = urlsplit(address)
    if url.scheme != "https" and not _is_loopback(url.hostname or ""):
        raise ValueError("does not start with https://, and the platforms call nothing else")
    return address


def endpoint(text: str) -> str:
    """Read where Dialogflow is: `host:port`, or `http://host:port` for plaintext gRPC."""
    match = _ENDPOINT.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= 65535:
        raise ValueError("is neither host:port nor http://host:port, without https:// and without a path")
    return text


def hosts(text: str) -> frozenset[str]:
    """Read hosts, comma-separated, each with a port or for all of them; in lower case."""
    found = _split(text.lower())
    for place, host in enumerate(found, start=1):
        match = _HOST.fullmatch(host)
        if match is None or (match[2] and not 1 <= int(match[2]) <= 65535):
            raise ValueError(f"entry {place} is neither host nor host:port, without https:// and without a path")
    return frozenset(found)


def location(text: str) -> str:
    """Read the agent's region; `global` is the same as none."""
    found: str = word(r"[a-z]+(-[a-z]+[0-9]{1,2})?", "a region's name")(text)
    return "" if found == "global" else found


def service_account(text: str) -> str:
    """Read the JSON of a service account's key; it stays text."""
    try:
        key = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON; in .env put it between single quotes on one line") from None
    if not isinstance(key, dict) or key.get("type") != "service_account":
        raise ValueError('is not a service account\'s key: its "type" is not "service_account"')
    missing = [name for name in ("client_email", "private_key", "token_uri") if not isinstance(key.get(name), str)]
    if missing:
        raise ValueError(f"is a service account's key without {', '.join(missing)}; download it again")
    return text


def directory(text: str) -> Path:
    """Read a directory's path; it need not exist yet."""
    path = Path(text)
    if path.exists() and not path.is_dir():
        raise ValueError("is not a directory")
    return path


def log_level(text: str) -> str:
    """Read a level of the standard library's logging, in either case."""
    found: str = word("DEBUG|INFO|WARNING|ERROR", "DEBUG, INFO, WARNING or ERROR")(text.upper())
    return found


def _split(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise ValueError("has an empty part between or beside its commas")
    return parts


def _split_url(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        is_sane = url.port != 0 and _PRINTABLE.fullmatch(text) is not None
    except ValueError:  # its message would repeat a password's characters
        is_sane = False
    if not is_sane:
        raise ValueError("is not a well-formed URL; percent-encode special characters of a password")
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
