"""Webhooks as Messenger sends them, signed before the clock starts."""

import hashlib
import hmac
import itertools
import time
from collections.abc import Iterator

APP_SECRET = "app-secret-of-the-benchmark"
PAGE = "104200000000099"
TEXT = "Twenty letters long."
#: As long as the ids that Messenger makes.
MESSAGE_ID_CHARS = 90

_BODY = (
    '{"object":"page","entry":[{"id":"%(page)s","time":%(at)d,"messaging":[{"sender":{"id":"%(contact)s"},'
    '"recipient":{"id":"%(page)s"},"timestamp":%(at)d,"message":{"mid":"%(id)s","text":"%(text)s"}}]}]}'
)
_HEAD = (
    b"POST %b HTTP/1.1\r\nHost: markdone.example.com\r\nUser-Agent: facebookexternalua\r\nAccept: */*\r\n"
    b"Content-Type: application/json\r\nX-Hub-Signature-256: sha256=%b\r\nContent-Length: %d\r\n\r\n"
)
_numbers = itertools.count(int(time.time() * 1000))


def message(contact: int) -> bytes:
    """Return the body of a new message of contact number `contact`, written now."""
    values = {
        "page": PAGE,
        "at": int(time.time() * 1000),
        "contact": f"71{contact:014d}",
        "id": f"m_{next(_numbers):0{MESSAGE_ID_CHARS - 2}d}",
        "text": TEXT,
    }
    return (_BODY % values).encode()


def request(path: str, body: bytes) -> bytes:
    """Return the whole HTTP request, signed."""
    signature = hmac.digest(APP_SECRET.encode(), body, hashlib.sha256).hex()
    return _HEAD % (path.encode(), signature.encode(), len(body)) + body


def requests(path: str, contacts: Iterator[int], count: int) -> list[bytes]:
    """Return `count` requests, of the contacts in their order."""
    return [request(path, message(contact)) for contact in itertools.islice(contacts, count)]
