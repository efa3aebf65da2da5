"""Opening, closing and writing by the API: once, for the right conversation, and never over a contact's head."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.actions import SetBot
from domain.models import Source
from store import Store
from tests.people import PETAR_ID, SUSAN_ID, lines, write
from tests.web.api_caller import Caller, of

STATUS = of(suffix="/conversation/status")
MESSAGES = of(suffix="/messages")


@pytest.fixture
def api(client: FlaskClient) -> Caller:
    return Caller(client)


def timeline(api: Caller) -> list[Any]:
    return list(api.get(of(suffix="/timeline"))["items"])


def test_closing_and_opening_say_what_they_did(api: Caller, store: Store) -> None:
    write(store)
    closed = api.post(STATUS, {"status": "close", "category": "orders", "summary": "All\u0000 good."})
    assert closed["changed"] and (closed["conversation"]["number"], closed["conversation"]["status"]) == (1, "closed")
    assert (closed["conversation"]["category"], closed["conversation"]["summary"]) == ("orders", "All good.")
    assert closed["conversation"]["closed_by"] == {"source": "api", "user": None, "automation": None}
    opened = api.post(STATUS, {"status": "open"})
    assert opened["changed"] and (opened["conversation"]["number"], opened["conversation"]["status"]) == (2, "open")
    assert opened["conversation"]["opened_by"]["source"] == "api"
    assert opened["conversation"] == api.get(of())["open_conversation"]


def test_opening_an_open_and_closing_a_closed_one_change_nothing_and_say_so(api: Caller, store: Store) -> None:
    write(store)
    again = api.post(STATUS, {"status": "open"})
    assert (again["changed"], again["conversation"]["number"]) == (False, 1)
    api.post(STATUS, {"status": "close"})
    assert api.post(STATUS, {"status": "close"}) == {"changed": False, "conversation": None}
    named = api.post(STATUS, {"status": "close", "conversation": 1})
    assert (named["changed"], named["conversation"]["status"]) == (False, "closed")
    assert lines(store) == [("opened", 1), ("message", 1), ("closed", 1)]


@pytest.mark.parametrize("named", [1, f"{SUSAN_ID}-1"])
def test_a_close_for_an_earlier_conversation_is_a_conflict_that_shows_the_open_one(
    api: Caller, store: Store, named: int | str
) -> None:
    write(store)
    api.post(STATUS, {"status": "close"})
    write(store)
    error = api.post(STATUS, {"status": "close", "conversation": named}, 409)["error"]
    assert error["code"] == "conflict" and error["details"]["conversation"]["number"] == 2
    assert api.post(STATUS, {"status": "close", "conversation": f"{SUSAN_ID}-2"})["changed"]


@pytest.mark.parametrize("named", [0, 2, -1, 10**30, "1", "x", f"{PETAR_ID}-1", f"{SUSAN_ID}-2"])
def test_a_close_for_a_conversation_that_never_was_is_404(api: Caller, store: Store, named: int | str) -> None:
    write(store)
    api.post(STATUS, {"status": "close", "conversation": named}, 404)
    assert api.get(of())["open_conversation"]["number"] == 1


def test_a_close_is_refused_when_the_contact_wrote_after_the_last_entry_seen(api: Caller, store: Store) -> None:
    write(store, "bye")
    seen = timeline(api)[-1]["id"]
    write(store, "wait!")
    error = api.post(STATUS, {"status": "close", "last_entry": seen}, 409)["error"]
    assert error["message"].startswith("The contact wrote meanwhile.")
    assert error["details"]["conversation"]["incoming_messages"] == 2
    assert api.post(STATUS, {"status": "close", "last_entry": timeline(api)[-1]["id"]})["changed"]


def test_a_last_entry_that_is_not_there_yet_is_refused(api: Caller, store: Store) -> None:
    write(store)
    for last_entry in ("2", "999999999999", "-1", "x", ""):
        api.post(STATUS, {"status": "close", "last_entry": last_entry}, 400)
    assert api.get(of())["open_conversation"]["number"] == 1


def test_what_belongs_to_a_close_is_refused_with_an_open(api: Caller, store: Store) -> None:
    write(store)
    for more in ({"conversation": 1}, {"last_entry": "1"}, {"category": "x"}, {"summary": "x"}):
        api.post(STATUS, {"status": "open", **more}, 400)


@pytest.mark.parametrize(("setting", "bot"), [("yes", "on"), ("no", "off")])
def test_a_close_switches_the_bot_on_again_where_the_setting_says_so(
    api: Caller, app: Flask, store: Store, setting: str, bot: str
) -> None:
    app.extensions["markdone"].store.change_setting("bot_back_on_at_close", setting)
    write(store)
    store.commit(store.snapshot(SUSAN_ID), [SetBot(number=1, is_on=False, source=Source.USER)])
    api.post(STATUS, {"status": "close"})
    assert api.get(of())["bot"] == bot


def test_of_many_who_open_and_close_at_once_each_change_happens_once(app: Flask, store: Store) -> None:
    write(store)

    def change(status: str) -> bool:
        return bool(Caller(app.test_client()).post(STATUS, {"status": status})["changed"])

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(change, ["close", "open"] * 20))
    kinds = [kind for kind, _ in lines(store)]
    assert kinds.count("closed") + kinds.count("opened") - 1 == sum(done) > 0
    states = [kind for kind in kinds if kind != "message"]
    assert states == ["opened", "closed"] * (len(states) // 2) + ["opened"] * (len(states) % 2)


def test_a_message_is_accepted_and_pending(api: Caller, store: Store) -> None:
    write(store)
    entry = api.post(MESSAGES, {"text": "Your order is here.\u0007"}, 202)
    assert (entry["sender"], entry["status"], entry["direction"]) == ("api", "pending", "outgoing")
    assert (entry["text"], entry["conversation"]) == ("Your order is here.", 1)
    assert timeline(api)[-1] == entry
    assert store.snapshot(SUSAN_ID).head is not None


def test_a_message_opens_a_conversation_only_where_it_says_so(api: Caller, store: Store) -> None:
    write(store)
    api.post(STATUS, {"status": "close"})
    assert api.post(MESSAGES, {"text": "hello"}, 409)["error"]["code"] == "conflict"
    assert len(timeline(api)) == 3
    entry = api.post(MESSAGES, {"text": "hello", "open": True}, 202)
    assert entry["conversation"] == 2
    assert api.get(of())["open_conversation"]["opened_by"]["source"] == "api"


def test_a_long_message_goes_out_in_pieces_that_the_channel_takes(api: Caller, store: Store) -> None:
    write(store)
    text = "a long word " * 400
    entry = api.post(MESSAGES, {"text": text}, 202)
    pieces = timeline(api)[2:]
    assert pieces[0] == entry and len(pieces) > 1 and all(len(piece["text"]) <= 2000 for piece in pieces)
    assert " ".join(piece["text"] for piece in pieces).split() == text.split()


@pytest.mark.parametrize("text", ["", "  \n", "\u0000\u0007", "x" * 20_001])
def test_a_text_that_is_empty_or_too_long_is_refused(api: Caller, store: Store, text: str) -> None:
    write(store)
    api.post(MESSAGES, {"text": text}, 400)
    assert len(timeline(api)) == 2


def test_a_repeat_with_the_same_key_sends_nothing_and_returns_the_first_message(api: Caller, store: Store) -> None:
    write(store)
    first = api.post(MESSAGES, {"text": "a long word " * 400}, 202, Idempotency_Key="order-1")
    length = len(timeline(api))
    assert api.post(MESSAGES, {"text": "a long word " * 400}, 202, Idempotency_Key="order-1") == first
    api.post(STATUS, {"status": "close"})
    assert api.post(MESSAGES, {"text": "a long word " * 400}, 202, Idempotency_Key="order-1") == first
    again = {"text": "a long word " * 400, "open": True}
    assert api.post(MESSAGES, again, 202, Idempotency_Key="order-1") == first
    assert len(timeline(api)) == length + 1
    other = api.post(MESSAGES, {"text": "another", "open": True}, 202, Idempotency_Key="order-2")
    assert other["id"] != first["id"]


def test_a_key_that_was_used_for_another_text_is_refused(api: Caller, store: Store) -> None:
    write(store)
    api.post(MESSAGES, {"text": "hello"}, 202, Idempotency_Key="order-1")
    api.post(MESSAGES, {"text": "goodbye"}, 409, Idempotency_Key="order-1")
    assert [kind for kind, _ in lines(store)].count("message") == 2


def test_a_repeat_long_after_opens_and_sends_nothing(api: Caller, store: Store) -> None:
    write(store)
    api.post(MESSAGES, {"text": "hello", "open": True}, 202, Idempotency_Key="order-1")
    for number in range(200):
        write(store, f"text {number}")
    api.post(STATUS, {"status": "close"})
    api.post(MESSAGES, {"text": "hello", "open": True}, 409, Idempotency_Key="order-1")
    assert store.snapshot(SUSAN_ID).open is None


def test_a_repeat_long_after_sends_nothing_either(api: Caller, store: Store) -> None:
    write(store)
    api.post(MESSAGES, {"text": "hello"}, 202, Idempotency_Key="order-1")
    for number in range(200):
        write(store, f"text {number}")
    api.post(MESSAGES, {"text": "hello"}, 409, Idempotency_Key="order-1")
    assert [kind for kind, _ in lines(store)].count("message") == 202


def test_repeats_at_the_same_time_send_once(app: Flask, store: Store) -> None:
    write(store)

    def send(_: int) -> str:
        caller = Caller(app.test_client())
        return str(caller.post(MESSAGES, {"text": "hello", "open": True}, 202, Idempotency_Key="order-1")["id"])

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(send, range(16)))) == 1
    assert len(lines(store)) == 3


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_that_is_empty_or_too_long_is_refused(api: Caller, store: Store, key: str) -> None:
    write(store)
    api.post(MESSAGES, {"text": "hello"}, 400, Idempotency_Key=key)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "not JSON"),
        (b"text=hello", "not JSON"),
        (b"[]", "`object`"),
        (b"null", "`object`"),
        (b"{}", "`text`"),
        (b'{"text": 7}', "`$.text`"),
        (b'{"text": "hi", "open": "yes"}', "`$.open`"),
        (b'{"text": "hi", "to": "x"}', "`to`"),
        (b'{"text": "\\ud800"}', "not JSON"),
        (b'{"text": "\xff"}', "not JSON"),
        (b'{"text": ' + b"[" * 30_000, "`$.text`"),
        (b"[" * 60_000, "`object`"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_with_what_is_wrong(
    client: FlaskClient, api: Caller, store: Store, body: bytes, named: str
) -> None:
    write(store)
    reply = client.post(f"/api/v1{MESSAGES}", data=body, headers=api.headers)
    assert reply.status_code == 400
    assert named in reply.get_json()["error"]["message"]
    assert len(timeline(api)) == 2


@pytest.mark.parametrize(
    "body", [{}, {"status": "closed"}, {"status": "close", "conversation": 1.5}, {"state": "open"}]
)
def test_a_status_that_cannot_be_used_is_refused(api: Caller, store: Store, body: Any) -> None:
    write(store)
    error = api.post(STATUS, body, 400)["error"]
    assert error["code"] == "bad_request" and len(json.dumps(error)) < 500
