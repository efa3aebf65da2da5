"""What the recorder in the platform's place got, and waiting for it."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

from pytest_httpserver import HTTPServer

T = TypeVar("T")


def wait_for(find: Callable[[], T], limit_s: float = 8.0) -> T:
    """Return what `find` returns as soon as it is true."""
    ends_at = time.monotonic() + limit_s
    while not (found := find()):
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(0.02)
    return found


def posted(httpserver: HTTPServer, path: str) -> list[Any]:
    """The bodies that were posted to `path`, oldest first."""
    return [json.loads(request.get_data()) for request, _ in list(httpserver.log) if request.path == path]


def facebook_items(httpserver: HTTPServer, key: str) -> list[dict[str, Any]]:
    """The messaging items that have `key`."""
    bodies = posted(httpserver, "/webhooks/facebook")
    return [item for body in bodies for item in body["entry"][0]["messaging"] if key in item]
