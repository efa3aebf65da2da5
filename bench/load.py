"""Sends prepared requests over a few connections at a time, and takes the time of each. One thread, no library.

Whichever of the server's processes is quicker takes a new connection, and may get nearly all of those that are opened
at once. So each is given up after some requests, as those of a platform would be; then they spread by themselves.
"""

import gc
import selectors
import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.processes import HOST, BenchError

ANSWER_WAIT_S = 10.0
REQUESTS_PER_CONNECTION = 50


@dataclass(frozen=True, slots=True)
class Served:
    """What one round gave."""

    per_second: float
    p50_ms: float
    p99_ms: float
    count: int


@dataclass(slots=True)
class _Lane:
    port: int
    sock: socket.socket = field(default_factory=socket.socket)
    left: int = 0  # requests that this connection still takes
    began: float = 0.0
    answer: bytes = b""

    def send(self, request: bytes, selector: selectors.BaseSelector) -> None:
        self.began = time.perf_counter()
        if self.left == 0:
            self.close(selector)
            self.sock = socket.create_connection((HOST, self.port), ANSWER_WAIT_S)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(self.sock, selectors.EVENT_READ, self)
            self.left = REQUESTS_PER_CONNECTION
        self.left -= 1
        self.sock.sendall(request)

    def close(self, selector: selectors.BaseSelector) -> None:
        if self.sock in selector.get_map():
            selector.unregister(self.sock)
        self.sock.close()


def post(port: int, requests: Sequence[bytes], *, connections: int, seconds: float = float("inf")) -> Served:
    """Send the requests in order, each connection the next one as soon as it has its answer.

    Ends after `seconds` or with the last request. Raises BenchError when an answer is missing or not 200.
    """
    lanes = [_Lane(port) for _ in range(min(connections, len(requests)))]
    gc.disable()  # a pause of ours would look like one of the server
    with selectors.DefaultSelector() as selector:
        try:
            return _run(lanes, requests, seconds, selector)
        finally:
            gc.enable()
            for lane in lanes:
                lane.close(selector)


def _run(lanes: list[_Lane], requests: Sequence[bytes], seconds: float, selector: selectors.BaseSelector) -> Served:
    waiting, times, clock = iter(requests), [], time.perf_counter
    began = clock()
    for lane in lanes:
        lane.send(next(waiting), selector)
    busy = len(lanes)
    while busy:
        ready = selector.select(ANSWER_WAIT_S)
        if not ready:
            raise BenchError(f"no answer within {ANSWER_WAIT_S:.0f} s")
        for key, _ in ready:
            lane = key.data
            if not _is_answered(lane):
                continue
            now = clock()
            times.append(now - lane.began)
            following = next(waiting, None) if now - began < seconds else None
            if following is None:
                busy -= 1
                continue
            lane.send(following, selector)
    lasted_s = clock() - began
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
    return Served(len(times) / lasted_s, cuts[49] * 1000, cuts[98] * 1000, len(times))


def _is_answered(lane: _Lane) -> bool:
    piece = lane.sock.recv(65536)
    lane.answer += piece
    head, end, body = lane.answer.partition(b"\r\n\r\n")
    if piece and not (end and len(body) >= _body_bytes(head)):
        return False
    if not head.startswith(b"HTTP/1.1 200 "):
        raise BenchError(f"the server answered {head.splitlines()[:1]} instead of 200")
    lane.answer = b""
    return True


def _body_bytes(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0
