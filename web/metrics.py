"""GET /metrics: the running system's numbers, as Prometheus reads them."""

import logging

from flask import Blueprint, Response, request

from domain.errors import StoreError, Unauthorized
from measures import NUMBERS
from measures.catalogue import NEEDING_PERSON, OLDEST_DUE, OPEN, STORE_UP, Metric
from measures.exposition import CONTENT_TYPE, expose
from store import Store
from web.api import authenticate
from web.context import context

log = logging.getLogger(__name__)
metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def show() -> Response:
    """Answer also while the store is away, without what only the store knows."""
    authenticate(request.headers.get("Authorization", ""), context().api_tokens)
    text = expose(NUMBERS.read_all(), _look_up(context().store))
    return Response(text, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _look_up(store: Store) -> dict[Metric, float]:
    try:
        load = store.load()
    except StoreError as error:
        log.warning("metrics.no_store error=%s", error)
        return {STORE_UP: 0}
    return {
        STORE_UP: 1,
        OLDEST_DUE: load.oldest_due_s,
        OPEN: load.open_conversations,
        NEEDING_PERSON: load.needing_person,
    }


@metrics.errorhandler(Unauthorized)
def refuse(error: Unauthorized) -> Response:
    """Say which token it takes."""
    headers = {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}
    return Response(f"{error}\n", 401, headers, mimetype="text/plain")
