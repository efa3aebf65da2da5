"""What the API shows of contacts, conversations and timelines."""

import base64
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.actions import Assign, Close, NeedPerson, NoteNotSent, Pause, Send, SetBot
from domain.arrivals import RecordReceipt
from domain.events import Profile, ReceiptStatus
from domain.identities import Identity, contact_id
from domain.models import Sender, Source
from store import Settled, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, take, welcome, write
from tests.web.api_caller import Caller, of


@pytest.fixture
def api(client: FlaskClient) -> Caller:
    return Caller(client)


def close(store: Store, number: int, **changes: Any) -> None:
    store.commit(store.snapshot(SUSAN_ID), [Close(number=number, **{"source": Source.API, **changes})])


def say(store: Store, text: str, **changes: Any) -> int:
    values: dict[str, Any] = {"number": 1, "text": text, "sender": Sender.BOT, **changes}
    return store.commit(store.snapshot(SUSAN_ID), [Send(**values)]).results[0]


def test_a_contact_is_shown_with_what_is_known_of_it(api: Caller, store: Store) -> None:
    store.receive([message(profile=Profile(name="Susan", language="en-GB", country="GB"))])
    shown = api.get(of())
    assert (shown["id"], shown["identities"]) == (SUSAN_ID, [str(SUSAN)])
    assert (shown["name"], shown["language"], shown["country"]) == ("Susan", "en-GB", "GB")
    assert (shown["bot"], shown["conversations"]) == ("on", 1)
    assert shown["open_conversation"]["id"] == f"{SUSAN_ID}-1"
    assert shown["created_at"].endswith("Z") and len(shown["created_at"]) == len("2026-11-22T15:04:05.678Z")


@pytest.mark.parametrize("who", ["PETAR/=+==", "abc//def==", "a/conversations", "ends/", "/begins", "with space%", "ж"])
def test_a_viber_contact_is_found_whatever_its_id_holds(api: Caller, store: Store, who: str) -> None:
    identity = Identity("viber", "shop", who)
    write(store, who=identity)
    coded = base64.urlsafe_b64encode(who.encode()).decode().rstrip("=")
    for reference in (f"viber:shop:{who}", f"viber:shop:{coded}", f"id:{contact_id(identity)}"):
        timeline = api.get(of(Identity.parse(reference) if ":" in reference[3:] else reference, "/timeline"))
        assert timeline["items"][1]["text"] == "hello"
    assert api.get(of(Identity("viber", "shop", coded)))["identities"] == [f"viber:shop:{coded}"]


def test_decoded_slashes_in_the_path_are_part_of_the_id(api: Caller, store: Store) -> None:
    write(store, who=PETAR)
    assert api.get("/contacts/viber:shop:pEt4r+/Viber==")["id"] == PETAR_ID
    assert api.get("/contacts/viber:shop:pEt4r+/Viber==/conversations")["items"][0]["number"] == 1


def test_a_viber_id_as_given_goes_before_its_decoded_form(api: Caller, store: Store) -> None:
    plain, coded = Identity("viber", "shop", "petar"), Identity("viber", "shop", "cGV0YXI")
    write(store, who=plain)
    assert api.get(of(coded))["id"] == contact_id(plain)
    write(store, who=coded)
    assert api.get(of(coded))["id"] == contact_id(coded)


@pytest.mark.parametrize(
    "reference", ["facebook:1:2", "viber:shop:none", "id:short", f"id:{SUSAN_ID}", "none", "x:", ":"]
)
def test_an_unknown_contact_is_404_everywhere(api: Caller, reference: str) -> None:
    for suffix in ("", "/conversations", "/timeline"):
        assert api.get(of(reference, suffix), 404)["error"]["code"] == "not_found"
    api.post(of(reference, "/conversation/status"), {"status": "open"}, 404)
    api.post(of(reference, "/messages"), {"text": "hello", "open": True}, 404)


def test_a_conversation_is_shown_from_opening_to_close(
    api: Caller, app: Flask, store: Store, clock: StoppedClock
) -> None:
    write(store)
    clock.pass_s(10)
    say(store, "How can I help?", sender=Sender.USER, by=BOB)
    snapshot = store.snapshot(SUSAN_ID)
    store.commit(snapshot, [Assign(number=1, user=BOB, by=ALICE)])
    now = api.get(of())["open_conversation"]
    assert (now["status"], now["closed_at"], now["closed_by"], now["resolution_time_s"]) == ("open", None, None, None)
    assert (now["first_response_time_s"], now["incoming_messages"], now["outgoing_messages"]) == (10, 1, 1)
    assert (now["assignee"], now["bot"], now["channel"]) == (BOB, "on", "facebook")
    assert now["opened_by"] == {"source": "contact", "user": None, "automation": None}
    clock.pass_s(32.5)
    close(store, 1, source=Source.USER, by=ALICE, category="orders", summary="Sent again.")
    after = api.get(f"/conversations/{SUSAN_ID}-1")
    assert (after["status"], after["resolution_time_s"]) == ("closed", 42.5)
    assert after["closed_by"] == {"source": "user", "user": ALICE, "automation": None}
    assert (after["category"], after["summary"]) == ("orders", "Sent again.")
    assert (after["needs_person"], after["waiting_since"], after["bot"]) == (None, None, None)
    assert api.get(of())["open_conversation"] is None


def test_an_automation_is_named_as_such(api: Caller, store: Store) -> None:
    write(store)
    close(store, 1, source=Source.AUTOMATION, by={"id": "a1", "name": "Nightly"})
    closed = api.get(f"/conversations/{SUSAN_ID}-1")
    assert closed["closed_by"] == {"source": "automation", "user": None, "automation": {"id": "a1", "name": "Nightly"}}
    assert api.get(of(suffix="/timeline"))["items"][-1]["automation"] == {"id": "a1", "name": "Nightly"}


def test_who_waits_for_a_person_says_why_and_since_when(api: Caller, store: Store) -> None:
    write(store)
    store.commit(store.snapshot(SUSAN_ID), [NeedPerson(number=1, reason="notify", text="call me")])
    (shown,) = api.get("/conversations")["items"]
    assert shown["needs_person"] == "notify" and shown["waiting_since"] == shown["opened_at"]


def test_the_bot_is_on_paused_or_off(api: Caller, store: Store) -> None:
    def states() -> tuple[str, str, str]:
        listed = api.get("/conversations")["items"][0]["bot"]
        return api.get(of())["bot"], api.get(f"/conversations/{SUSAN_ID}-1")["bot"], listed

    write(store)
    assert states() == ("on", "on", "on")
    store.commit(store.snapshot(SUSAN_ID), [Pause(number=1, reason="user_replied")])
    assert states() == ("on", "paused", "paused")
    store.commit(store.snapshot(SUSAN_ID), [SetBot(number=1, is_on=False, source=Source.USER)])
    assert states() == ("off", "off", "off")


@pytest.mark.parametrize(
    "name", ["x", "1", f"{SUSAN_ID}-2", f"{SUSAN_ID}-0", f"{SUSAN_ID}-99999999999", f"{PETAR_ID}-1"]
)
def test_an_unknown_conversation_is_404(api: Caller, store: Store, name: str) -> None:
    write(store)
    assert api.get(f"/conversations/{name}", 404)["error"]["code"] == "not_found"


def test_a_timeline_tells_what_happened_in_order(api: Caller, store: Store) -> None:
    write(store, "Where is my order?")
    bot = {"intent": "order status", "confidence": 0.91}
    say(store, "On its way.", details={"bot": bot})
    store.commit(
        store.snapshot(SUSAN_ID), [NoteNotSent(number=1, text="late", sender=Sender.BOT, reason="paused", details={})]
    )
    close(store, 1, source=Source.DIALOGFLOW)
    opened, asked, answered, late, closed = api.get(of(suffix="/timeline"))["items"]
    assert (opened["kind"], opened["source"], opened["conversation"]) == ("opened", "contact", 1)
    assert (asked["direction"], asked["sender"], asked["text"]) == ("incoming", "contact", "Where is my order?")
    assert (answered["direction"], answered["sender"], answered["status"]) == ("outgoing", "bot", "pending")
    assert answered["bot"] | bot == answered["bot"]
    assert (late["status"], late["reason"], late["direction"]) == ("not_sent", "paused", "outgoing")
    assert (closed["kind"], closed["source"], closed["direction"]) == ("closed", "dialogflow", None)
    assert closed["resolution_time_s"] >= 0


def test_the_token_of_a_welcome_and_the_key_of_a_repeat_stay_inside(
    api: Caller, client: FlaskClient, store: Store
) -> None:
    store.receive([welcome(who=PETAR, token="4912661846655238145")])
    api.post(of(PETAR, "/messages"), {"text": "hello"}, 202, Idempotency_Key="my-key")
    text = client.get(f"/api/v1{of(PETAR, '/timeline')}", headers=api.headers).get_data(as_text=True)
    assert "conversation" in text and "4912661846655238145" not in text and '"op"' not in text


@pytest.mark.parametrize(
    ("status", "ahead_ms", "shown"),
    [
        (ReceiptStatus.DELIVERED, 0, "delivered"),
        (ReceiptStatus.READ, 0, "read"),
        (ReceiptStatus.READ, -1, "sent"),
    ],
)
def test_a_watermark_says_what_was_delivered_and_read(
    api: Caller, store: Store, clock: StoppedClock, status: ReceiptStatus, ahead_ms: int, shown: str
) -> None:
    write(store)
    number = say(store, "hello")
    turn, _ = take(store)
    assert store.start_send(turn, number, "nonce-123", echo_wait_ms=0)
    store.settle_send(turn, number, "nonce-123", Settled.SENT, external_id="m:1")
    store.receive([RecordReceipt(identity=SUSAN, status=status, watermark_ms=clock.ms + ahead_ms)])
    assert api.get(of(suffix="/timeline"))["items"][-1]["status"] == shown


def test_a_failed_message_says_why(api: Caller, store: Store) -> None:
    write(store)
    number = say(store, "hello")
    turn, _ = take(store)
    assert store.start_send(turn, number, "nonce-123", echo_wait_ms=0)
    store.settle_send(turn, number, "nonce-123", Settled.FAILED, reason="window_closed")
    last = api.get(of(suffix="/timeline"))["items"][-1]
    assert (last["status"], last["reason"]) == ("failed", "window_closed")
