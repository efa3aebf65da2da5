"""What callers send: bodies, limits and the opaque cursors of lists."""

import hashlib
import re
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import request

from domain.errors import BadPayload
from domain.identities import is_contact_id
from web.api_models import Pagination
from web.api_references import decode, encode

Body = TypeVar("Body", bound=msgspec.Struct)
Place = TypeVar("Place")

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
#: A message may name a field of the caller's; that is not repeated at any length.
MAX_REASON_CHARS = 300
#: No timeline is longer, and Redis counts no further than 2^63.
_NUMBER = re.compile("0|[1-9][0-9]{0,11}")
_CHECK_CHARS = 8


class Mark(msgspec.Struct):
    """Where a page of a history begins."""

    position: str


def read_body(wanted: type[Body]) -> Body:
    """Return the body of this request. Raises BadPayload with what is wrong with it, RequestEntityTooLarge."""
    raw = request.get_data(cache=False)
    try:
        return msgspec.json.decode(raw, type=wanted)
    except msgspec.ValidationError as error:
        raise BadPayload(f"The body does not fit: {str(error)[:MAX_REASON_CHARS]}.") from None
    except RecursionError:
        raise BadPayload("The body is nested too deeply.") from None
    except ValueError:  # without its message, which can repeat the body
        raise BadPayload("The body is not JSON in UTF-8.") from None


def read_number(name: str, text: str) -> int:
    """Read a number from 0 on. Raises BadPayload."""
    if not _NUMBER.fullmatch(text):
        raise BadPayload(f"{name} is not what this API returned.")
    return int(text)


def read_entry_id(name: str, text: str) -> tuple[str, int]:
    """Read an entry's id: the contact that it names, or nothing, and the number. Raises BadPayload."""
    contact, dot, number = text.rpartition(".")
    if dot and not is_contact_id(contact):
        raise BadPayload(f"{name} is not what this API returned.")
    return contact, read_number(name, number)


def read_limit(name: str = "limit") -> int:
    """Return how many items are wanted. Raises BadPayload."""
    text = request.args.get(name, str(DEFAULT_LIMIT))
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= MAX_LIMIT:
        raise BadPayload(f"{name} is a number from 1 to {MAX_LIMIT}.")
    return int(text)


def read_cursor(name: str, place: type[Place]) -> Place | None:
    """Return where the page begins; None for the first one.

    name: of the list, so that a cursor works only there. Raises BadPayload for a cursor that we did not make.
    """
    given = request.args.get("cursor")
    if given is None:
        return None
    text = decode(given) or ""
    if text[:_CHECK_CHARS] != _check(name, text[_CHECK_CHARS:]):
        raise BadPayload("cursor is not one that this list returned: begin again without it.")
    try:
        return msgspec.json.decode(text[_CHECK_CHARS:], type=place)
    except ValueError:
        raise BadPayload("cursor is not one that this list returned: begin again without it.") from None


def pagination(name: str, path: str, place: Any, **query: str | int) -> Pagination:
    """Make the address of the next page. place: what read_cursor shall return there; None at the end."""
    if place is None:
        return Pagination(None)
    text = msgspec.json.encode(place).decode()
    return Pagination(f"{path}?{urlencode({**query, 'cursor': encode(_check(name, text) + text)})}")


def _check(name: str, text: str) -> str:
    """Tells a cursor of ours from one with a slip in it; it keeps no secret."""
    return hashlib.sha256(f"{name} {text}".encode()).hexdigest()[:_CHECK_CHARS]
