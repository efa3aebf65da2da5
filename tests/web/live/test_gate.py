"""How many requests work at once."""

import threading
from collections.abc import Iterable
from typing import Any

import pytest

from tests.servers import wait_for
from web.live.gate import Gate


def test_so_many_requests_work_at_once_and_the_others_wait() -> None:
    working, most = 0, 0
    lock, may_end = threading.Lock(), threading.Event()

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        may_end.wait(10)
        with lock:
            working -= 1
        return [b"done"]

    gate, answers = Gate(application, 2), []
    threads = [threading.Thread(target=lambda: answers.append(gate({}, None))) for _ in range(6)]
    for thread in threads:
        thread.start()
    wait_for(lambda: working == 2, "two work")
    may_end.set()
    for thread in threads:
        thread.join(10)
    assert len(answers) == 6 and most == 2


def test_what_is_still_to_be_written_takes_no_place() -> None:
    gate = Gate(lambda environ, start_response: iter([b"first", b"second"]), 1)
    first = gate({}, None)
    second = gate({}, None)  # would wait for ever
    assert [next(iter(first)), next(iter(second))] == [b"first", b"first"]


def test_a_request_that_fails_gives_its_place_back() -> None:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise ValueError("a mistake")

    gate = Gate(application, 1)
    for _ in range(2):
        with pytest.raises(ValueError, match="a mistake"):
            gate({}, None)
