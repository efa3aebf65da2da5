"""Delivers webhooks to the platform: in the background, in order per contact, a few times if need be."""

import heapq
import logging
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

import requests

from sandbox.webhooks import Webhook

log = logging.getLogger(__name__)

LANES = 8
MAX_WAITING = 2_000  # per lane
RETRY_AFTER_S = (0.3, 1.0, 2.0, 4.0, 8.0)
TIMEOUT_S = 5.0  # Facebook waits this long for a webhook's 200 (read 2026-11-22)
MAX_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back; status 0 when nothing did."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_timeout: bool = False


@dataclass(frozen=True, slots=True, order=True)
class _Errand:
    due_at: float
    seq: int
    webhook: Webhook = field(compare=False)
    attempt: int = field(compare=False)
    on_answer: Callable[[Answered], None] | None = field(compare=False)


def post(url: str, body: bytes, headers: Mapping[str, str], total_s: float = TIMEOUT_S) -> Answered:
    """POST and read at most MAX_ANSWER_BYTES; about `total_s` seconds in all. Never raises for the network."""
    ends_at = time.monotonic() + total_s
    try:
        with requests.post(
            url, data=body, headers=dict(headers), timeout=total_s, stream=True, allow_redirects=False
        ) as reply:
            received = b""
            for chunk in reply.iter_content(8192):
                received += chunk
                if time.monotonic() > ends_at:
                    return Answered(0, is_timeout=True)
                if len(received) > MAX_ANSWER_BYTES:
                    break
            return Answered(reply.status_code, reply.headers, received)
    except requests.Timeout:
        return Answered(0, is_timeout=True)
    except requests.RequestException:
        return Answered(0)


class Courier:
    """Posts webhooks from a few lanes, each a thread with a bounded queue; a contact always has the same lane."""

    def __init__(self, lanes: int = LANES) -> None:
        self._lanes = [_Lane(self._settle) for _ in range(lanes)]
        self._last_status = 200

    def deliver(
        self, webhook: Webhook, delay_s: float = 0.0, on_answer: Callable[[Answered], None] | None = None
    ) -> bool:
        """Post `webhook` after `delay_s`. False when too many wait already: it is dropped.

        on_answer is told the first 200, or the last failure.
        """
        lane = self._lanes[zlib.crc32(webhook.contact.encode()) % len(self._lanes)]
        return lane.add(webhook, delay_s, 0, on_answer)

    def deliver_now(self, webhook: Webhook) -> Answered:
        """Post `webhook` once and wait for the answer."""
        answered = post(webhook.url, webhook.body, webhook.headers)
        self._last_status = answered.status
        return answered

    @property
    def last_status(self) -> int:
        """The platform's answer to the latest webhook; 0 when it gave none."""
        return self._last_status

    def close(self) -> None:
        """Stop all lanes and wait for what is on its way; what still waits is dropped."""
        for lane in self._lanes:
            lane.close()
        for lane in self._lanes:
            lane.join()

    def _settle(self, lane: "_Lane", errand: _Errand) -> None:
        answered = self.deliver_now(errand.webhook)
        if answered.status != 200 and errand.attempt < len(RETRY_AFTER_S):
            wait_s = RETRY_AFTER_S[errand.attempt]
            if lane.add(errand.webhook, wait_s, errand.attempt + 1, errand.on_answer):
                return
        if answered.status != 200:
            log.warning("webhook given up: status=%s attempts=%s", answered.status, errand.attempt + 1)
        if errand.on_answer:
            errand.on_answer(answered)


class _Lane:
    def __init__(self, settle: Callable[["_Lane", _Errand], None]) -> None:
        self._settle = settle
        self._heap: list[_Errand] = []
        self._seq = count()
        self._changed = threading.Condition()
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def add(self, webhook: Webhook, delay_s: float, attempt: int, on_answer: Callable[[Answered], None] | None) -> bool:
        with self._changed:
            if len(self._heap) >= MAX_WAITING:
                return False
            errand = _Errand(time.monotonic() + delay_s, next(self._seq), webhook, attempt, on_answer)
            heapq.heappush(self._heap, errand)
            self._changed.notify()
            return True

    def close(self) -> None:
        with self._changed:
            self._is_open = False
            self._changed.notify()

    def join(self) -> None:
        self._thread.join(timeout=2 * TIMEOUT_S)

    def _run(self) -> None:
        while errand := self._next():
            try:
                self._settle(self, errand)
            except Exception:  # a lane that dies would silence its contacts for good
                log.exception("webhook failed in the sandbox itself")

    def _next(self) -> _Errand | None:
        with self._changed:
            while self._is_open:
                wait_s = self._heap[0].due_at - time.monotonic() if self._heap else None
                if wait_s is not None and wait_s <= 0:
                    return heapq.heappop(self._heap)
                self._changed.wait(wait_s)
        return None
