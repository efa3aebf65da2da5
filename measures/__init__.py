"""What the running system measures about itself, for GET /metrics. One function for each thing that happens.

Counting never fails and never waits: it adds to a number in memory, see files.py.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from domain.answers import Answer
from domain.errors import StoreError
from measures import catalogue
from measures.files import default_folder
from measures.numbers import Numbers

__all__ = ["count_answer", "count_fulfillment", "count_send", "count_webhook", "default_folder", "set_streams", "start"]
__all__ += ["NUMBERS", "measured_turn"]

log = logging.getLogger(__name__)
NUMBERS = Numbers()


def start(kind: Literal["web", "worker"], folder: Path) -> None:
    """Keep this process's numbers in `folder`, with those of the others there. Once, and after the last fork.

    A folder that cannot be used stops nobody: it is logged, and the process counts for itself.
    """
    try:
        NUMBERS.keep(folder, kind)
    except OSError as error:
        log.error("measures.alone folder=%s error=%s: set METRICS_DIR to a folder of this user", folder, error)
    NUMBERS.count(catalogue.STARTS, kind)


def count_webhook(channel: str, outcome: str, seconds: float) -> None:
    """A delivery was answered. channel: its kind, facebook or viber."""
    NUMBERS.count(catalogue.WEBHOOKS, channel, outcome)
    NUMBERS.observe(catalogue.WEBHOOK_SECONDS, seconds, channel)


def count_fulfillment(outcome: str, seconds: float) -> None:
    """A fulfillment call was answered."""
    NUMBERS.count(catalogue.FULFILLMENT_CALLS, outcome)
    NUMBERS.observe(catalogue.FULFILLMENT_SECONDS, seconds)


@contextmanager
def measured_turn() -> Iterator[None]:
    """Count the turn that is worked on inside, by how it ends."""
    began, outcome = time.monotonic(), "failed"
    try:
        yield
        outcome = "done"
    except StoreError:
        outcome = "unavailable"
        raise
    finally:
        NUMBERS.count(catalogue.TURNS, outcome)
        NUMBERS.observe(catalogue.TURN_SECONDS_TAKEN, time.monotonic() - began)


def count_send(channel: str, outcome: str | None) -> None:
    """A message was attempted. channel: its kind. outcome: what was settled; None while nobody knows."""
    NUMBERS.count(catalogue.SENDS, channel, outcome or "unsure")


def count_answer(answer: Answer) -> None:
    """The agent answered, or did not."""
    NUMBERS.count(catalogue.DIALOGFLOW_ANSWERS, answer.failure or ("fallback" if answer.is_fallback else "answered"))
    NUMBERS.observe(catalogue.DIALOGFLOW_SECONDS, answer.latency_ms / 1000)


def set_streams(number: int) -> None:
    """So many pages have a stream of this process now."""
    NUMBERS.set(catalogue.LIVE_STREAMS, number)
