"""The stand-in for Dialogflow: real gRPC on this machine, so that the real client can be used unchanged."""

import logging
import time
from concurrent import futures
from typing import Any

import grpc
from google.cloud.dialogflow_v2.types import session as session_types

from sandbox.agent import read_agent
from sandbox.dialogues import Dialogues
from sandbox.faults import Fault
from sandbox.state import Sandbox

log = logging.getLogger(__name__)

CONCURRENCY = 32
MAX_TEXT_CHARS = 256  # Source: Dialogflow ES, detectIntent, read 2026-11-22
_SERVICE = "google.cloud.dialogflow.v2.Sessions"


def start_dialogflow(sandbox: Sandbox, address: str) -> tuple[Any, int]:
    """Start answering on `address` (host:port, port 0 for any) and return the server and its port.

    Raises: RuntimeError when the address is taken.
    """
    dialogues = Dialogues(
        read_agent(), f"{sandbox.setup.platform_url}/dialogflow/fulfillment", sandbox.setup.fulfillment_token
    )

    def detect_intent(
        request: session_types.DetectIntentRequest, context: grpc.ServicerContext
    ) -> session_types.DetectIntentResponse:
        session_id = request.session.rsplit("/", 1)[-1]
        fault = sandbox.faults.take("dialogflow", session_id)
        sandbox.note_call("dialogflow", "detectIntent", session_id, fault.kind if fault else "asked")
        _act_out(fault, context)
        _check(request, context)
        response = dialogues.answer(request)
        if fault and fault.kind == "drop_after_accept":
            context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
        return response

    handler = grpc.unary_unary_rpc_method_handler(
        detect_intent,
        request_deserializer=session_types.DetectIntentRequest.deserialize,
        response_serializer=session_types.DetectIntentResponse.serialize,
    )
    # Without so_reuseport=0 a second sandbox would silently share the port with the first.
    server = grpc.server(futures.ThreadPoolExecutor(CONCURRENCY), options=(("grpc.so_reuseport", 0),))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, {"DetectIntent": handler}),))
    port = server.add_insecure_port(address)
    server.start()
    return server, port


def _act_out(fault: Fault | None, context: grpc.ServicerContext) -> None:
    if fault is None:
        return
    if fault.kind == "latency_ms":
        time.sleep(fault.latency_ms / 1000)
    elif fault.kind == "hang":
        ends_at = time.monotonic() + fault.seconds
        while context.is_active() and time.monotonic() < ends_at:
            time.sleep(0.05)
        context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
    elif fault.kind == "http_500":
        context.abort(grpc.StatusCode.INTERNAL, "Internal error encountered.")
    elif fault.kind == "refuse":
        context.abort(grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses")
    elif fault.kind == "error_body":
        context.abort(grpc.StatusCode[fault.code], "The sandbox was asked for this error.")


def _check(request: session_types.DetectIntentRequest, context: grpc.ServicerContext) -> None:
    kind = session_types.QueryInput.pb(request.query_input).WhichOneof("input")
    text = request.query_input.text
    problems = {
        "Query input is not set: text or event is needed.": kind not in ("text", "event"),
        "Input text not set.": kind == "text" and not text.text,
        f"Input text exceeds {MAX_TEXT_CHARS} characters.": len(text.text) > MAX_TEXT_CHARS,
        "Language code is not set.": not (text if kind == "text" else request.query_input.event).language_code,
        "Session id is longer than 36 characters or missing.": not 1 <= len(request.session.rsplit("/", 1)[-1]) <= 36,
    }
    for problem, is_there in problems.items():
        if is_there:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, problem)
