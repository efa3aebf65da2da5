"""Servers on this machine that talk badly: they wait, or send a byte at a time."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A trickling server goes on for this long, so a call that outlasts it was ended by the server, not by us.
TRICKLE_S = 20.0

Talk = Callable[[socket.socket, threading.Event], None]


@contextmanager
def server(talk: Talk) -> Iterator[str]:
    """Serves one connection with `talk`; the event says that the test is over."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    talk(connection, over)
                except OSError:
                    return  # the caller has hung up, as it should

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            over.set()
            thread.join()


def wait(connection: socket.socket, over: threading.Event) -> None:
    """Says nothing."""
    over.wait(TRICKLE_S)


def hang_up(connection: socket.socket, over: threading.Event) -> None:
    """Reads the request and closes."""
    connection.recv(65536)


def trickle(start: bytes) -> Talk:
    """Return a server that sends `start` and then a byte every 50 ms, so that no single read ever times out."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(start)
        ends_at = time.monotonic() + TRICKLE_S
        while time.monotonic() < ends_at and not over.wait(0.05):
            connection.sendall(b"a")

    return talk
