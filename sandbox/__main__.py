"""Starts the sandbox: `python -m sandbox`, with the same settings as web and worker."""

import logging
import signal
import sys
import threading
from typing import Any

from werkzeug.serving import make_server

from domain.errors import ConfigError
from logs import set_up_logging
from sandbox.server import create_sandbox
from sandbox.setup import LOOPBACK, read_setup
from sandbox.state import Sandbox
from settings import load

log = logging.getLogger("sandbox")


def main() -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit status."""
    try:
        settings = load(is_server=False)
    except ConfigError as error:
        print(f"The sandbox cannot start:\n{error}", file=sys.stderr)
        return 2
    set_up_logging(settings.log_level)  # which keeps werkzeug's request lines out: they show access tokens
    sandbox = Sandbox(read_setup(settings))
    try:
        server = make_server(LOOPBACK, sandbox.setup.sandbox_port, create_sandbox(sandbox), threaded=True)
    except (OSError, SystemExit):
        log.error("port %s is taken: end what listens there, or set SANDBOX_PORT", sandbox.setup.sandbox_port)
        return 1
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    agent = None
    if sandbox.setup.dialogflow_address:
        agent = _start_agent(sandbox)
        if agent is None:
            return 1
    log.info("phones at http://%s:%s", LOOPBACK, sandbox.setup.sandbox_port)
    stop.wait()
    server.shutdown()
    sandbox.courier.close()
    if agent is not None:
        agent.stop(grace=1).wait()
    return 0


def _start_agent(sandbox: Sandbox) -> Any:
    # gRPC takes a while to import; without an agent of our own it is not needed.
    from sandbox.dialogflow_server import start_dialogflow

    try:
        return start_dialogflow(sandbox, sandbox.setup.dialogflow_address)[0]
    except (RuntimeError, ValueError) as error:
        log.error("no agent on %s: %s", sandbox.setup.dialogflow_address, error)
        return None


if __name__ == "__main__":
    sys.exit(main())
