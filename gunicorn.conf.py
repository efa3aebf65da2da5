"""How gunicorn serves the platform; it finds this file by its name in the current directory."""

import sys
from pathlib import Path

import measures
from domain.errors import ConfigError
from settings import load

try:
    _settings = load()
except ConfigError as error:
    print(*(f"setting {problem}" for problem in error.problems), sep="\n", file=sys.stderr)
    raise SystemExit(1) from None  # gunicorn would print a traceback of anything else

bind = f"0.0.0.0:{_settings.port}"  # `make run` says --bind 127.0.0.1
worker_class = "gthread"
workers = _settings.web_concurrency
# Streams of live pages only wait; beside them web_threads requests work at once, see web/live/gate.py.
threads = _settings.web_threads + _settings.live_streams
backlog = 1024

# Nothing in web may take longer than a few seconds: Dialogflow waits 5 s, the platforms not much more.
timeout = 30
graceful_timeout = 8  # less than what `make run` waits before it kills
keepalive = 5

# Workers prove that they live by touching a file; on a slow disk that would stall them.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True  # gunicorn 27 opens one by default

accesslog = None  # the platform writes its own line per request, without tokens and texts
loglevel = "warning"
proc_name = "markdone"


def post_worker_init(worker):
    """Count for /metrics, and let the streams of live pages end as soon as their process is to, whatever the reason."""
    measures.start("web", _settings.metrics_dir or measures.default_folder(_settings.data_dir))
    hub = getattr(worker.wsgi, "extensions", {}).get("markdone.live")
    if hub is not None:
        hub.serve_while(lambda: worker.alive)
