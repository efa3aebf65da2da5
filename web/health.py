"""Whether this process lives, and whether it can do its work."""

from flask import Blueprint, Response, jsonify

from domain.errors import ConfigError, StoreError
from web.context import context

health = Blueprint("health", __name__)


@health.get("/healthz")
def live() -> tuple[Response, int]:
    """This process answers."""
    return jsonify(status="ok"), 200


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """The store answers, too. A channel that rests does not make it fail: the others go on."""
    store = context().store
    try:
        store.start()
        channels = _channels()
    except (StoreError, ConfigError) as error:
        return jsonify(status="unavailable", reason=str(error), channels=[]), 503
    return jsonify(status="ok", partitions=store.keys.partitions, channels=channels), 200


def _channels() -> list[dict[str, object]]:
    rests = context().store.rests(list(context().channels))
    return [
        {"channel": channel, "state": "resting" if reason else "ok", "since": since, "reason": reason or None}
        for channel, (reason, since) in rests.items()
    ]
