"""Trouble on demand: how tests make a stand-in slow, silent or refusing."""

import socket
import struct
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response, jsonify, request

from domain.errors import BadPayload

TARGETS = ("graph", "graph_profile", "viber", "dialogflow")
KINDS = ("latency_ms", "http_500", "hang", "refuse", "error_body", "drop_after_accept", "no_echo")
MAX_FAULTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with the next `count` sends (graph_profile: calls for a contact's name; Dialogflow: questions).

    latency_ms: answers after `latency_ms`. http_500: an HTML page, or INTERNAL from Dialogflow.
    hang: takes nothing and says nothing for `seconds`. refuse: closes the connection; UNAVAILABLE from Dialogflow.
    error_body: answers `status` and `body`; from Dialogflow the gRPC code named `code`.
    drop_after_accept: takes the message, then closes without an answer. no_echo: takes it, and sends no echo.
    """

    target: str
    kind: str
    count: int = 1
    contact_ref: str = ""  # empty: anybody's; Dialogflow: the end of the session name
    latency_ms: int = 0
    seconds: float = 20.0
    status: int = 400
    code: str = "UNAVAILABLE"
    body: dict[str, Any] = field(default_factory=dict)


class Faults:
    """The faults that are still to come, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, values: dict[str, Any]) -> Fault:
        """Plan a fault. Raises BadPayload when it is not one we know."""
        if values.get("target") not in TARGETS or values.get("kind") not in KINDS:
            raise BadPayload(f"a fault needs a target ({', '.join(TARGETS)}) and a kind ({', '.join(KINDS)})")
        try:
            fault = Fault(**values)
        except TypeError as e:
            raise BadPayload(
                "a fault has target, kind, count, contact_ref, latency_ms, seconds, status, code, body"
            ) from e
        with self._lock:
            if len(self._faults) >= MAX_FAULTS:
                raise BadPayload("too many faults wait: DELETE /sandbox/faults first")
            self._faults.append(fault)
        return fault

    def take(self, target: str, contact_ref: str) -> Fault | None:
        """Return the fault that meets this call, and count it."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.target == target and contact_ref.endswith(fault.contact_ref):
                    self._faults[index] = replace(fault, count=fault.count - 1)
                    if fault.count <= 1:
                        del self._faults[index]
                    return fault
        return None

    def waiting(self) -> list[Fault]:
        """Return the faults still to come."""
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._faults.clear()


def early_answer(fault: Fault | None) -> Response | None:
    """Act out a fault that comes before a message is taken; None where the call goes on."""
    if fault is None or fault.kind in ("drop_after_accept", "no_echo"):
        return None
    if fault.kind == "latency_ms":
        time.sleep(fault.latency_ms / 1000)
        return None
    if fault.kind == "error_body":
        answer = jsonify(fault.body)
        answer.status_code = fault.status
        return answer
    if fault.kind == "hang":
        time.sleep(fault.seconds)
    if fault.kind in ("hang", "refuse"):
        drop_connection()
    return Response("<html><body>Sorry, something went wrong.</body></html>", status=500, mimetype="text/html")


def drop_connection() -> None:
    """Close the caller's connection at once, with a reset: no answer arrives."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
