"""A Dialogflow on this machine: a real gRPC server that answers what a test tells it to."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import grpc
from google.cloud.dialogflow_v2.types import DetectIntentRequest, DetectIntentResponse

FIXTURES = Path(__file__).parent.parent / "fixtures" / "dialogflow"

Behaviour = Callable[[DetectIntentRequest, Any], DetectIntentResponse]


def load(name: str) -> dict[str, Any]:
    """Read one fixture."""
    body: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return body


def response(name: str) -> DetectIntentResponse:
    """Read a fixture as what Dialogflow sends."""
    made: DetectIntentResponse = DetectIntentResponse.from_json(json.dumps(load(name)))
    return made


def says(text: str, intent: str = "small.talk", is_fallback: bool = False) -> DetectIntentResponse:
    """Make an answer of one reply."""
    messages = [{"text": {"text": [text]}}]
    result = {
        "fulfillment_messages": messages,
        "intent": {"display_name": intent, "is_fallback": is_fallback},
        "all_required_params_present": True,
    }
    return DetectIntentResponse(response_id="r-1", query_result=result)


class StandIn:
    """The server; `behaviour` answers each request, `requests` and `peers` keep what came."""

    def __init__(self, port: int = 0, tls: tuple[bytes, bytes] | None = None) -> None:
        self.requests: list[DetectIntentRequest] = []
        self.peers: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.behaviour: Behaviour = lambda _request, _context: says("Hello.")
        self.released = threading.Event()
        handler = grpc.method_handlers_generic_handler(
            "google.cloud.dialogflow.v2.Sessions",
            {
                "DetectIntent": grpc.unary_unary_rpc_method_handler(
                    self._detect_intent,
                    request_deserializer=DetectIntentRequest.deserialize,
                    response_serializer=DetectIntentResponse.serialize,
                )
            },
        )
        self._server = grpc.server(ThreadPoolExecutor(20), options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers((handler,))
        address = f"127.0.0.1:{port}"
        if tls:
            self.port: int = self._server.add_secure_port(address, grpc.ssl_server_credentials([tls]))
        else:
            self.port = self._server.add_insecure_port(address)
        self._server.start()

    @property
    def endpoint(self) -> str:
        """What DIALOGFLOW_ENDPOINT would say."""
        return f"http://127.0.0.1:{self.port}"

    def fail(self, code: grpc.StatusCode, message: str = "no") -> None:
        """Answer everything with an error from now on."""

        def abort(_request: DetectIntentRequest, context: Any) -> NoReturn:
            context.abort(code, message)
            raise AssertionError("abort raises")

        self.behaviour = abort

    def hang(self) -> None:
        """Answer nothing from now on."""

        def wait(_request: DetectIntentRequest, _context: Any) -> DetectIntentResponse:
            self.released.wait()
            return says("Too late.")

        self.behaviour = wait

    def stop(self) -> None:
        """Close the port, and let go of whoever hangs."""
        self.released.set()
        self._server.stop(grace=None).wait()

    def _detect_intent(self, request: DetectIntentRequest, context: Any) -> DetectIntentResponse:
        self.requests.append(request)
        self.peers.append(context.peer())
        self.headers.append(dict(context.invocation_metadata()))
        return self.behaviour(request, context)
