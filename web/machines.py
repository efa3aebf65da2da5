"""What machines call has an application of its own: nothing that stands before pages stands before a webhook."""

from collections.abc import Iterable
from typing import Any

from flask import Flask

from web.bodies import limit_body_wait
from web.context import KEY as CONTEXT
from web.fulfillment import fulfillment
from web.health import health
from web.metrics import metrics
from web.webhooks import webhooks

KEY = "markdone.machines"
#: Called by machines, which show a signature or a token of their own, have no cookie and show nobody anything.
MACHINES = (webhooks, fulfillment, health, metrics)


def set_up_machines(app: Flask) -> None:
    """Let a second application with the same context and limits answer what machines call, before `app` sees it.

    Call it before anything else is put around the application: that is then around both.
    """
    machines = Flask(KEY, root_path=app.root_path, static_folder=None)
    machines.config["MAX_CONTENT_LENGTH"] = app.config["MAX_CONTENT_LENGTH"]
    machines.extensions[CONTEXT] = app.extensions[CONTEXT]
    limit_body_wait(machines)
    for blueprint in MACHINES:
        machines.register_blueprint(blueprint)
    app.extensions[KEY] = machines
    _choose_by_path(app, machines)


def _choose_by_path(app: Flask, machines: Flask) -> None:
    rules = list(machines.url_map.iter_rules())
    paths = frozenset(rule.rule for rule in rules if not rule.arguments)
    beginnings = tuple(rule.rule.partition("<")[0] for rule in rules if rule.arguments)
    for_pages, for_machines = app.wsgi_app, machines.wsgi_app

    def choose(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        is_for_machines = path in paths or path.startswith(beginnings)
        return (for_machines if is_for_machines else for_pages)(environ, start_response)

    app.wsgi_app = choose  # type: ignore[method-assign]
