"""How every process logs: one line an event on standard output, key=value, never a text, a token or a signature."""

import logging
import sys


def set_up_logging(level: str) -> None:
    """Send this process's log to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("urllib3", "google", "grpc", "werkzeug"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
