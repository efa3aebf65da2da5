"""Puts the stand-ins and the page into one small Flask application, for this machine only."""

from flask import Flask, Response, abort, request
from werkzeug.routing import BaseConverter

from sandbox import graph, graph_objects, viber, views
from sandbox.state import Sandbox, attach, current

MAX_BODY_BYTES = 1024 * 1024
_LOCAL_HOSTS = ("127.0.0.1", "localhost")
# {platform}: its files are shown on the phones.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' {platform}; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
#: What everybody may have: the platform's pages lead to the files that contacts sent.
_SAMPLES = "/static/samples/"

# Once, here: a blueprint inside of another is registered with it.
graph.blueprint.register_blueprint(graph_objects.blueprint)


class _AnyText(BaseConverter):
    """Part of a path that may hold slashes anywhere: Viber ids do."""

    regex = ".+?"
    part_isolating = False


def create_sandbox(sandbox: Sandbox) -> Flask:
    """Return the application that serves the stand-ins and the page of `sandbox`."""
    app = Flask("sandbox", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.url_map.converters["any_text"] = _AnyText
    attach(app, sandbox)
    app.before_request(_stay_local)
    app.after_request(_harden)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(graph.blueprint)
    app.register_blueprint(viber.blueprint)
    return app


def _stay_local() -> None:
    # A page somewhere on the web could otherwise reach us through a host name that it points at 127.0.0.1.
    if request.host.rsplit(":", 1)[0] not in _LOCAL_HOSTS:
        abort(403, "the sandbox answers to 127.0.0.1 and localhost only; it is not made for a tunnel")
    if not request.path.startswith(_SAMPLES) and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        abort(403, "another site's page may not use the sandbox")


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY.format(platform=current().setup.platform_url)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
