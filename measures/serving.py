"""GET /metrics of a worker on a machine of its own, where no web process answers for it."""

import hmac
import logging
import time
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any

from measures import NUMBERS
from measures.exposition import CONTENT_TYPE, expose

log = logging.getLogger(__name__)

PATH = "/metrics"
#: How long one who asks may stand still. They are served one by one: a worker has better things to do.
WAIT_S = 5.0
#: Another worker of this machine may have the port; it answers for all of them, and when it ends somebody takes over.
TRY_AGAIN_S = 5.0


def serve(port: int, tokens: tuple[str, ...]) -> None:
    """Answer on `port` to who shows one of `tokens` as Bearer token, for ever. For a thread of its own."""
    is_told = False
    while True:
        try:
            server = _Server(("", port), _handler(tokens))
        except OSError as error:
            if not is_told:
                log.info("measures.port_taken port=%d error=%s", port, error)
                is_told = True
            time.sleep(TRY_AGAIN_S)
            continue
        log.info("measures.serving port=%d", port)
        server.serve_forever()


class _Server(TCPServer):
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked has gone."""
        log.info("measures.not_answered")


def _handler(tokens: tuple[str, ...]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = WAIT_S
        server_version, sys_version = "markdone", ""

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != PATH:
                self._answer(404, b"There is only /metrics.\n")
            elif not _may_read(self.headers.get("Authorization", ""), tokens):
                text = b"The API token is missing or wrong: send Authorization: Bearer <API_TOKEN>.\n"
                self._answer(401, text, {"WWW-Authenticate": "Bearer"})
            else:
                text = expose(NUMBERS.read_all(), {})
                self._answer(200, text, {"Content-Type": CONTENT_TYPE})

        def _answer(self, status: int, text: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/plain", "Cache-Control": "no-store", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: a line of each scrape would drown the rest."""

    return Handler


def _may_read(header: str, tokens: tuple[str, ...]) -> bool:
    scheme, _, rest = header.strip().partition(" ")
    given = rest.strip().encode("utf-8", "surrogatepass") if scheme.lower() == "bearer" else b""
    # Each is compared, so that the time says nothing about which one it was.
    matches = [hmac.compare_digest(given, token.encode()) for token in tokens]
    return any(matches)
