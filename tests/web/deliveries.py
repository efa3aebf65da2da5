"""Deliveries as Messenger and Viber make them, signed, and what is on the timelines afterwards."""

import itertools
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.actions import Send
from domain.identities import Identity, contact_id
from domain.models import Entry, OpenConversation, Sender
from store import Settled, Store, Turn
from tests.conftest import BOT, PAGE, body, sign_facebook, sign_viber

NOW_MS = 1_795_000_000_000
_numbers = itertools.count(1)


def facebook_item(text: str = "hello", *, ref: str = "7100000000000011", mid: str = "", **parts: Any) -> dict[str, Any]:
    """One item of `messaging`: a text message, or what `parts` puts in its place."""
    what = parts or {"message": {"mid": mid or f"m_web-{next(_numbers)}", "text": text}}
    return {"sender": {"id": ref}, "recipient": {"id": PAGE}, "timestamp": NOW_MS, **what}


def facebook_echo(text: str, *, ref: str = "7100000000000011", **message: Any) -> dict[str, Any]:
    """A copy of what the page sent."""
    copy = {"mid": f"m_echo-{next(_numbers)}", "is_echo": True, "text": text, **message}
    return {"sender": {"id": PAGE}, "recipient": {"id": ref}, "timestamp": NOW_MS, "message": copy}


def facebook_body(*items: dict[str, Any], page: str = PAGE, key: str = "messaging") -> dict[str, Any]:
    return {"object": "page", "entry": [{"id": page, "time": NOW_MS, key: list(items)}]}


def viber_body(event: str = "message", *, ref: str = "vIbEr/+ref==", token: int = 0, **parts: Any) -> dict[str, Any]:
    """A Viber callback: a text message, or another event with `parts`."""
    person = {"id": ref, "name": "Vesela", "language": "bg", "country": "BG"}
    token = token or 4_912_661_846_655_238_145 + next(_numbers)
    common = {"event": event, "timestamp": NOW_MS, "message_token": token}
    if event == "message":
        return {**common, "sender": person, "message": {"type": "text", "text": "zdravei"}, **parts}
    return {**common, "user": person, **parts}


def post_facebook(client: FlaskClient, data: Any) -> TestResponse:
    raw = data if isinstance(data, bytes) else body(data)
    return client.post("/webhooks/facebook", data=raw, headers=sign_facebook(raw))


def post_viber(client: FlaskClient, data: Any) -> TestResponse:
    raw = data if isinstance(data, bytes) else body(data)
    return client.post(f"/webhooks/viber/{BOT}", data=raw, headers=sign_viber(raw))


def result(response: TestResponse) -> str:
    """What the platform says became of a delivery that it took."""
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.headers["X-Markdone-Result"]


def facebook(ref: str = "7100000000000011", page: str = PAGE) -> str:
    return contact_id(Identity("facebook", page, ref))


def viber(ref: str = "vIbEr/+ref==") -> str:
    return contact_id(Identity("viber", BOT, ref))


def entries(store: Store, contact: str) -> list[Entry]:
    return [entry for entry, _ in store.timeline(contact, 0, 1000).entries]


def texts(store: Store, contact: str) -> list[str]:
    """The texts of the messages on a timeline, in order."""
    return [entry.text for entry in entries(store, contact) if entry.data["kind"] == "message"]


def opened(store: Store, contact: str) -> OpenConversation:
    """The conversation that must be open."""
    found = store.snapshot(contact).open
    assert found, "nothing is open"
    return found


def begun_reply(store: Store, contact: str) -> tuple[int, str]:
    """Let a worker have begun to send a reply: its entry and nonce."""
    return _begin(store, contact)[:2]


def sent_reply(store: Store, contact: str, *, external_id: str) -> int:
    """Let a worker have sent a reply: its entry."""
    number, nonce, turn = _begin(store, contact)
    assert store.settle_send(turn, number, nonce, Settled.SENT, external_id=external_id)
    return number


def _begin(store: Store, contact: str) -> tuple[int, str, Turn]:
    taken = store.take_turn(contact)
    assert taken and taken[1].undecided
    turn, snapshot = taken
    reply = Send(number=1, text="our reply", sender=Sender.BOT)
    committed = store.commit(snapshot, [reply], turn=turn, decides=taken[1].undecided.number, keeps_lease=True)
    number, nonce = committed.results[0], "nonce-of-the-test"
    assert store.start_send(turn, number, nonce, echo_wait_ms=60_000)
    return number, nonce, turn
