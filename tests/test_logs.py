"""The log: lines in batches, one line an event, and never in the way of the work."""

import io
import logging
import os
import threading
from collections.abc import Iterator

import pytest

from logs import BatchHandler, set_up_logging
from tests.servers import wait_for


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    logger = logging.getLogger()
    before = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:], level = before[0], before[1]
    logger.setLevel(level)


def test_an_exception_is_one_line_that_says_where_but_not_what(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("INFO")
    try:
        raise ValueError("what Susan wrote")
    except ValueError:
        logging.getLogger("webhooks").exception("webhook.broke channel=%s", "facebook\r\nforged")
    for handler in root.handlers:
        handler.close()
    [line] = capsys.readouterr().out.splitlines()
    assert "webhook.broke channel=facebook  forged error=ValueError at=test_logs.py:" in line and "Susan" not in line


def test_a_reader_that_stops_reading_holds_nobody_up() -> None:
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "w")
    handler = BatchHandler(stream)
    logger = logging.Logger("stuck")
    logger.addHandler(handler)

    def say_a_lot() -> None:
        for _ in range(5000):
            logger.warning("a line that is long enough to fill a pipe " * 3)

    talker = threading.Thread(target=say_a_lot, daemon=True)
    talker.start()
    talker.join(20)
    assert not talker.is_alive()
    os.close(reading)


def test_every_line_arrives_in_order() -> None:
    stream = io.StringIO()
    handler = BatchHandler(stream)
    logger = logging.Logger("busy")
    logger.addHandler(handler)
    for number in range(1000):
        logger.info("line %d", number)
    wait_for(lambda: stream.getvalue().count("\n") == 1000, "all lines are written")
    assert stream.getvalue().splitlines() == [f"line {number}" for number in range(1000)]
