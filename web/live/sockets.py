"""Which pages went away. Nothing is read from them, so nobody would notice before the next write or the one after."""

import select
import socket
import ssl
from collections.abc import Iterable
from typing import Protocol, TypeVar


class HasSocket(Protocol):
    sock: socket.socket | None


Listener = TypeVar("Listener", bound=HasSocket)


def closed_ones(listeners: Iterable[Listener]) -> list[Listener]:
    """Return those whose other side has closed the connection; at once, and without reading anything."""
    by_number = {number: one for one in listeners if (number := _number(one.sock)) >= 0}
    if not by_number:
        return []
    poll = select.poll()
    for number in by_number:
        poll.register(number, select.POLLIN)
    return [by_number[number] for number, _ in poll.poll(0) if _is_closed(by_number[number])]


def _number(sock: socket.socket | None) -> int:
    # Encryption has its own end of a connection, which cannot be seen from outside.
    return -1 if sock is None or isinstance(sock, ssl.SSLSocket) else sock.fileno()


def _is_closed(one: HasSocket) -> bool:
    assert one.sock
    try:
        return not one.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
