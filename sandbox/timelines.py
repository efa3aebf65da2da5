"""Reads the platform's JSON API for the live strips, and says in plain words when it does not answer."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from sandbox.setup import Setup

READ_TIMEOUT_S = 2.0
MIN_INTERVAL_S = 0.4  # however many pages look
MAX_ITEMS = 500
MAX_PAGES_AT_ONCE = 5
MAX_READINGS = 200  # contacts


@dataclass(slots=True)
class _Reading:
    pages: list[list[Any]] = field(default_factory=list)
    last_url: str = ""
    read_at: float = float("-inf")
    trouble: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Timelines:
    """Keeps what was read; each look reads only the last page again, and those after it."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._readings: dict[str, _Reading] = {}
        self._lock = threading.Lock()

    def read(self, reference: str) -> tuple[list[Any], str]:
        """Return the contact's timeline items, oldest first, and what is wrong with the connection (or "")."""
        with self._lock:
            reading = self._readings.setdefault(reference, _Reading())
            if len(self._readings) > MAX_READINGS:
                del self._readings[next(iter(self._readings))]
        with reading.lock:
            if time.monotonic() - reading.read_at >= MIN_INTERVAL_S:
                self._refresh(reference, reading)
                reading.read_at = time.monotonic()
            items = [item for page in reading.pages for item in page]
            return items[-MAX_ITEMS:], reading.trouble

    def _refresh(self, reference: str, reading: _Reading) -> None:
        url = reading.last_url or f"/api/v1/contacts/{quote(reference, safe='')}/timeline?limit=100"
        reading.trouble = ""
        for _ in range(MAX_PAGES_AT_ONCE):
            page, next_url, reading.trouble = self._get(url)
            if page is None:
                return
            if url == reading.last_url and reading.pages:
                reading.pages[-1] = page
            else:
                reading.pages.append(page)
            reading.last_url = url
            del reading.pages[:-10]
            if not next_url:
                return
            url = next_url

    def _get(self, url: str) -> tuple[list[Any] | None, str, str]:
        headers = {"Authorization": f"Bearer {self._setup.api_token}"}
        port = self._setup.platform_port
        try:
            reply = requests.get(
                self._setup.platform_url + url, headers=headers, timeout=READ_TIMEOUT_S, allow_redirects=False
            )
            body = reply.json() if reply.status_code == 200 else {}
        except requests.Timeout:
            return None, "", f"The platform on port {port} is too slow to answer; the strips may be behind."
        except requests.ConnectionError:
            return None, "", f"The platform does not answer on port {port}. Is it still starting? `make run` starts it."
        except (requests.RequestException, ValueError):
            return None, "", f"Whatever answers on port {port} does not speak the platform's API."
        if reply.status_code == 404:
            return None, "", ""  # nobody wrote yet
        if reply.status_code != 200:
            return None, "", _refusal(reply.status_code)
        items, pagination = body.get("items"), body.get("pagination")
        following = urlsplit(str(pagination.get("next") or "")) if isinstance(pagination, dict) else urlsplit("")
        # Only path and query: the API may know itself by another host name than we do.
        next_url = f"{following.path}?{following.query}" if following.path else ""
        return (items if isinstance(items, list) else []), next_url, ""


def _refusal(status: int) -> str:
    if status == 401:
        return "The platform refuses the sandbox's API token: both must run with the same API_TOKEN."
    return f"The platform answers with status {status}: its log says why."
