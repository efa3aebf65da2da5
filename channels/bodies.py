"""Reading webhook bodies in which anything may stand anywhere.

The helpers below never raise: a value of the wrong type reads as "nothing there". Only a body as a whole can be bad.
"""

import hashlib
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from domain.errors import BadPayload
from domain.events import AnyEvent, Event, Unknown
from domain.identities import Identity
from domain.texts import clean

#: Messenger's longest ids are about 200 characters; what is longer is not an id.
MAX_ID_CHARS = 512
#: Longer numbers are neither ids nor times. Viber's 64-bit tokens have up to 20 digits.
MAX_DIGITS = 40
MAX_URL_CHARS = 4096

# Anything outside of September 2001 to 2100 is not the time of a message. In this range seconds have 10 digits.
_FIRST_MS, _LAST_MS = 1_000_000_000_000, 4_102_444_800_000
_FIRST_S, _LAST_S = _FIRST_MS // 1000, _LAST_MS // 1000
_WEB_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_NOT_IN_A_KEY = re.compile(r"[^A-Za-z0-9_.-]")
_decode = msgspec.json.Decoder().decode


def read_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in `raw`.

    Lone surrogates, invalid UTF-8 and numbers beyond any range are let through or read as null, since the rest of
    such a body is still of use. Raises BadPayload for anything else that is not JSON, NaN and Infinity included.
    """
    try:
        body = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = _read_leniently(raw)
    if not isinstance(body, dict):
        raise BadPayload("expected a JSON object")
    return body


def as_object(value: Any) -> dict[str, Any]:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Return a string or a whole number as clean text, anything else as an empty one."""
    if isinstance(value, str):
        return clean(value)
    return str(value) if _is_whole(value) else ""


def as_id(value: Any) -> str:
    """Return an id as a string; empty when it is missing, too long or not printable. Old bodies have whole numbers."""
    text = value if isinstance(value, str) else as_text(value)
    return text if len(text) <= MAX_ID_CHARS and text.isprintable() else ""


def as_url(value: Any) -> str:
    """Return a web address; empty for anything else, `javascript:` and the like included."""
    text = as_text(value).strip()
    return text if len(text) <= MAX_URL_CHARS and _WEB_URL.fullmatch(text) else ""


def as_degrees(value: Any, limit: float) -> float | None:
    """Return a latitude or longitude; None when it is none or beyond `limit`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Not math.isfinite: it breaks on a whole number of 400 digits. Neither NaN nor infinity is below a limit.
    return float(value) if abs(value) <= limit else None


def as_ms(value: Any) -> int | None:
    """Return a time in epoch milliseconds; seconds are converted; None for zero, absent and absurd values."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS:
        value = int(value)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if _FIRST_MS <= value <= _LAST_MS:
        return int(value)
    return int(value * 1000) if _FIRST_S <= value <= _LAST_S else None


def fingerprint(*parts: object) -> str:
    """Name an event that has no id of its own by what it says. The same parts give the same name."""
    return hashlib.sha256(msgspec.json.encode([str(part) for part in parts])).hexdigest()[:32]


def unknown(channel: str, item: Any) -> Unknown:
    """Return an event that we do not understand, by its keys, made safe for a log line."""
    keys = list(as_object(item))[:20]
    return Unknown(channel=channel, keys=tuple(_NOT_IN_A_KEY.sub("?", key[:40]) for key in keys))


def in_order(events: list[AnyEvent]) -> list[AnyEvent]:
    """Order the events of one POST by the platform's time, contact by contact.

    The places that a contact's events take among the others stay the same; an event without a time keeps its own.
    """
    if len(events) < 2:
        return events
    places: defaultdict[Identity, list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        if isinstance(event, Event) and event.sent_at_ms is not None:
            places[event.identity].append(place)
    ordered = list(events)
    for taken in places.values():
        for place, source in zip(taken, _by_time(events, taken), strict=True):
            ordered[place] = events[source]
    return ordered


def _by_time(events: list[AnyEvent], places: Iterable[int]) -> list[int]:
    def sent_at_ms(place: int) -> int:
        event = events[place]
        return (event.sent_at_ms or 0) if isinstance(event, Event) else 0

    return sorted(places, key=sent_at_ms)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**MAX_DIGITS


def _read_leniently(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8-sig", "replace")
        return json.loads(text, parse_int=_int_or_none, parse_float=_float_or_none, parse_constant=_refuse)
    except (ValueError, RecursionError):
        # Without "from": the decoder's message quotes the body.
        raise BadPayload("the body is not JSON") from None


def _int_or_none(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


def _float_or_none(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
