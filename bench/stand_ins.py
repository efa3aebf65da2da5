"""A Graph API and a Dialogflow that answer at once or after a while, in a process of their own.

`python -m bench.stand_ins PORT AGENT_PORT LATENCY_MS`: latency of the agent alone. GET on PORT tells how much was sent.
"""

import http.client
import itertools
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from google.cloud.dialogflow_v2.types import DetectIntentRequest, DetectIntentResponse

from bench.processes import HOST, BenchError, Processes, free_port
from supervisor.readiness import answers_http

#: More than any number of worker threads that is measured.
AGENT_THREADS = 128
REPLY = "We are open from nine to five."
MESSAGE_ID_CHARS = 90


class StandIns:
    """The stand-ins as a measurement sees them."""

    def __init__(self, processes: Processes, *, latency_ms: int) -> None:
        """Start them. latency_ms: how long the agent thinks."""
        self._port, agent_port = free_port(), free_port()
        words = ("-m", "bench.stand_ins", str(self._port), str(agent_port), str(latency_ms))
        processes.start_python("stand-ins", words, lambda: answers_http(HOST, self._port, "/"))
        self.settings = {
            "FACEBOOK_GRAPH_URL": f"http://{HOST}:{self._port}/v25.0",
            "DIALOGFLOW_PROJECT_ID": "benchmark",
            "DIALOGFLOW_ENDPOINT": f"http://{HOST}:{agent_port}",
        }

    def sent(self) -> int:
        """Return how many messages have been sent so far."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=10)
        connection.request("GET", "/")
        count: int = json.loads(connection.getresponse().read())["sent"]
        connection.close()
        return count

    def wait_until_sent(self, count: int, *, within_s: float = 120.0) -> None:
        """Return when `count` messages have been sent. Raises BenchError when they are not in time."""
        give_up_at = time.monotonic() + within_s
        while (sent := self.sent()) < count:
            if time.monotonic() > give_up_at:
                raise BenchError(f"only {sent} of {count} replies were sent within {within_s:.0f} s")
            time.sleep(0.02)


class _Graph(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sends = itertools.count(1)
    last = 0

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = _Graph.last = next(self.sends)
        self._answer({"recipient_id": asked["recipient"]["id"], "message_id": f"m_{number:0{MESSAGE_ID_CHARS - 2}d}"})

    def do_GET(self) -> None:
        self._answer({"sent": _Graph.last})

    def log_message(self, format: str, *args: object) -> None:
        """A line per call would only cost time."""

    def _answer(self, body: dict[str, object]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def _start_agent(port: int, latency_ms: int) -> grpc.Server:
    result = {
        "fulfillment_messages": [{"text": {"text": [REPLY]}}],
        "intent": {"display_name": "opening hours"},
        "intent_detection_confidence": 0.9,
        "all_required_params_present": True,
    }
    response = DetectIntentResponse(response_id="response-of-the-benchmark", query_result=result)

    def detect_intent(_request: DetectIntentRequest, _context: grpc.ServicerContext) -> DetectIntentResponse:
        time.sleep(latency_ms / 1000)
        return response

    handler = grpc.unary_unary_rpc_method_handler(
        detect_intent,
        request_deserializer=DetectIntentRequest.deserialize,
        response_serializer=DetectIntentResponse.serialize,
    )
    server = grpc.server(ThreadPoolExecutor(AGENT_THREADS), options=(("grpc.so_reuseport", 0),))
    service = "google.cloud.dialogflow.v2.Sessions"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"DetectIntent": handler}),))
    server.add_insecure_port(f"{HOST}:{port}")
    server.start()
    return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main(port: int, agent_port: int, latency_ms: int) -> None:
    """Answer until somebody ends the process."""
    agent = _start_agent(agent_port, latency_ms)
    threading.Thread(target=_Server((HOST, port), _Graph).serve_forever, daemon=True).start()
    agent.wait_for_termination()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
