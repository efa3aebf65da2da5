"""The least that any webhook of this kind costs: Flask, the signature, one script. Served by the same gunicorn.

`/floor` runs a script that does nothing; `/floor/write` one that keeps the body, so that the disk's part can be told.
"""

import hashlib
import hmac
from typing import Any

import redis
from flask import Flask, Response, request
from redis.backoff import NoBackoff
from redis.retry import Retry

import settings as configuration

NOTHING = "#!lua\nreturn 1"
WRITE = "#!lua\nredis.call('SET', KEYS[1], ARGV[1])\nreturn 1"


def create_floor(settings: configuration.Settings) -> Flask:
    """Make the application, with a client like the store's own."""
    pool = redis.BlockingConnectionPool.from_url(
        settings.redis_url,
        max_connections=settings.web_threads + 4,
        timeout=0.3,
        socket_timeout=0.7,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
    )
    client: Any = redis.Redis(connection_pool=pool)
    nothing, write = client.script_load(NOTHING), client.script_load(WRITE)
    secret = settings.facebook_app_secrets[0].encode()
    app = Flask("floor", static_folder=None)

    def answer(script: str) -> Response:
        raw = request.get_data(cache=False)
        wanted = hmac.digest(secret, raw, hashlib.sha256).hex()
        if not hmac.compare_digest(f"sha256={wanted}", request.headers.get("X-Hub-Signature-256", "")):
            return Response("", 403, mimetype="text/plain")
        client.execute_command("EVALSHA", script, 1, "floor", raw)
        return Response("", 200, mimetype="text/plain")

    @app.post("/floor")
    def do_nothing() -> Response:
        return answer(nothing)

    @app.post("/floor/write")
    def keep() -> Response:
        return answer(write)

    @app.get("/healthz")
    def health() -> Response:
        return Response("", 200, mimetype="text/plain")

    return app


def __getattr__(name: str) -> Any:
    """`app` is made when gunicorn asks for it."""
    if name != "app":
        raise AttributeError(name)
    return create_floor(configuration.load())
