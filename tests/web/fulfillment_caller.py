"""Calls the fulfillment webhook as Dialogflow does."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.actions import Close
from domain.models import Source
from store import Store
from tests.conftest import FULFILLMENT_TOKEN
from tests.people import SUSAN_ID

BEARER = {"Authorization": f"Bearer {FULFILLMENT_TOKEN}"}


def call(
    number: int | str = 1,
    *,
    entry: int | None = None,
    contact: str = SUSAN_ID,
    response_id: str = "response-1",
    **parameters: Any,
) -> dict[str, Any]:
    """A call about one of our conversations; with `entry` it is one that our own question led to."""
    turn = {"contact": contact, "conversation": number, "entry": str(entry)}
    return {
        "responseId": response_id,
        "session": f"projects/florist/agent/sessions/{contact}-{number}",
        "queryResult": {
            "queryText": "that is all",
            "parameters": parameters,
            "allRequiredParamsPresent": True,
            "intent": {"displayName": "goodbye"},
        },
        "originalDetectIntentRequest": {"payload": {} if entry is None else {"markdone": turn}},
    }


def post(client: FlaskClient, data: Any, headers: dict[str, str] | None = None) -> TestResponse:
    given = BEARER if headers is None else headers
    if isinstance(data, bytes):
        return client.post("/dialogflow/fulfillment", data=data, headers=given)
    return client.post("/dialogflow/fulfillment", json=data, headers=given)


def carried_out(client: FlaskClient, data: Any) -> None:
    """Call; the answer leaves the intent's own responses as they are."""
    response = post(client, data)
    assert (response.status_code, response.json) == (200, {})


def open_number(store: Store) -> int | None:
    opened = store.snapshot(SUSAN_ID).open
    return opened.number if opened else None


def close(store: Store, number: int = 1) -> None:
    assert store.commit(store.snapshot(SUSAN_ID), [Close(number=number, source=Source.USER)]).results == (1,)
