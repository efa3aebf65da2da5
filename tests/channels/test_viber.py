import json
from collections.abc import Mapping
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from calls.timed import Reply
from channels import viber_errors
from channels.viber import Viber
from domain.errors import ChannelError, Outcome
from domain.events import (
    AccountNotice,
    AnyEvent,
    Attachment,
    MessageReceived,
    Noted,
    NoteKind,
    Profile,
    ReceiptReceived,
    ReceiptStatus,
    Unknown,
    WelcomeReceived,
)
from domain.identities import Identity
from tests.channels.contract import ANY_PATH, SECRET, ChannelContract, fixture

PETAR_REF = "cGV0YXI+dGVzdC9pZA=="
PETAR = Identity("viber", "shop", PETAR_REF)
T_MS = 1_767_225_600_000
TOKEN = "5890000000000000123"


def viber(url: str = "http://127.0.0.1:9", token: str = SECRET, sender_name: str = "Cake Shop") -> Viber:
    return Viber("shop", token, url, lambda: sender_name)


def event(name: str) -> AnyEvent:
    (only,) = viber().parse(fixture("viber", name))
    return only


class TestContract(ChannelContract):
    kind = "viber"
    identity = PETAR

    def channel(self, url: str = "http://127.0.0.1:9", secret: str = SECRET) -> Viber:
        return viber(url, secret)

    def signed(self, signature: str) -> Mapping[str, str]:
        return {"X-Viber-Content-Signature": signature}

    def message(self, text: str) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(fixture("viber", "message__text"))
        body["message"]["text"] = text
        return body


def test_a_known_signature_is_accepted() -> None:
    raw = b'{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}'
    signature = "d21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef"
    viber(token="44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3").verify(
        raw, {"X-Viber-Content-Signature": signature}
    )


def test_a_text_message_is_read_completely() -> None:
    assert event("message__text") == MessageReceived(
        identity=PETAR,
        sent_at_ms=T_MS + 100,
        native_id=f"message:{TOKEN}",
        profile=Profile(name="Petar", language="bg-BG", country="BG"),
        external_id=TOKEN,
        text="Имате ли торта?",
        is_subscribed=True,
    )


@pytest.mark.parametrize(
    ("name", "text", "attachment"),
    [
        ("picture", "this cake", Attachment(kind="image", url="https://cdn.example.com/c.jpg", name="c.jpg")),
        ("video", "", Attachment(kind="video", url="https://cdn.example.com/v.mp4")),
        ("file", "", Attachment(kind="file", url="https://cdn.example.com/o.pdf", name="o.pdf")),
        ("sticker", "", Attachment(kind="sticker", url="https://cdn.example.com/40105.png")),
        ("contact", "", Attachment(kind="contact", name="Maria", phone="+359888000000")),
        ("contact_share_phone", "", Attachment(kind="contact", name="Petar", phone="359888000001")),
        ("url", "https://shop.example.com/torta", Attachment(kind="link", url="https://shop.example.com/torta")),
        ("location", "", Attachment(kind="location", latitude=42.69, longitude=23.32)),
        ("unknown_type", "", Attachment(kind="voice", url="https://cdn.example.com/v.m4a")),
        ("members_of_all_types", "", Attachment(kind="location", latitude=1.5, longitude=2.5)),
    ],
)
def test_a_message_is_read_by_its_type_alone(name: str, text: str, attachment: Attachment) -> None:
    found = event(f"message__{name}")
    assert isinstance(found, MessageReceived)
    assert (found.text, found.attachments) == (text, (attachment,))


def test_a_share_phone_button_brings_its_own_text_as_payload() -> None:
    found = event("message__contact_share_phone")
    assert isinstance(found, MessageReceived)
    assert found.payload == "phone:share"


def test_a_token_keeps_all_its_digits() -> None:
    for token in (b"18446744073709551615", b'"18446744073709551615"'):
        raw = fixture("viber", "message__text").replace(TOKEN.encode(), token)
        (found,) = viber().parse(raw)
        assert isinstance(found, MessageReceived)
        assert found.external_id == "18446744073709551615"
    found = event("message__token_as_string")
    assert isinstance(found, MessageReceived)
    assert found.external_id == "590000000000000123"


@pytest.mark.parametrize(("name", "ref", "is_subscribed"), [("context", "promo-42", False), ("subscribed", "", True)])
def test_opening_the_chat_is_a_welcome_that_names_its_token(name: str, ref: str, is_subscribed: bool) -> None:
    found = event(f"conversation_started__{name}")
    assert isinstance(found, WelcomeReceived)
    assert (found.cause, found.welcome_token, found.referral) == ("conversation_started", TOKEN, ref)
    assert found.is_subscribed is is_subscribed


@pytest.mark.parametrize(
    ("name", "note", "is_subscribed", "details"),
    [
        ("subscribed", NoteKind.SUBSCRIBED, True, {}),
        ("unsubscribed", NoteKind.UNSUBSCRIBED, False, {}),
        ("client_status", NoteKind.PAYMENT_STATUS, None, {"type": "payment", "code": "0"}),
    ],
)
def test_what_nobody_answers_is_noted(
    name: str, note: NoteKind, is_subscribed: bool | None, details: dict[str, str]
) -> None:
    found = event(name)
    assert isinstance(found, Noted)
    assert (found.identity, found.note, found.is_subscribed, found.details) == (PETAR, note, is_subscribed, details)


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("delivered", ReceiptStatus.DELIVERED, ""),
        ("seen", ReceiptStatus.READ, ""),
        ("failed", ReceiptStatus.FAILED, "the message was not valid"),
    ],
)
def test_a_receipt_names_the_message_and_is_told_by_its_contact(name: str, status: ReceiptStatus, reason: str) -> None:
    found = event(name)
    assert isinstance(found, ReceiptReceived)
    assert (found.status, found.external_ids, found.reason) == (status, (TOKEN,), reason)
    assert found.native_id == f"{name}:{TOKEN}:{PETAR_REF}"


def test_the_probe_of_set_webhook_is_a_notice() -> None:
    assert event("webhook") == AccountNotice(channel="viber:shop", note="webhook_probe")


def test_an_unknown_event_is_unknown_and_no_error() -> None:
    assert isinstance(event("unknown__action"), Unknown)


def test_ids_that_differ_by_case_are_different_contacts() -> None:
    (other,) = viber().parse(fixture("viber", "message__text").replace(b"cGV0", b"cGv0"))
    assert isinstance(other, MessageReceived)
    assert other.identity != PETAR


def test_a_text_goes_to_the_contact_under_the_senders_name(httpserver: HTTPServer) -> None:
    answer = b'{"status":0,"status_message":"ok","message_token":5890000000000000777,"billing_status":2}'
    httpserver.expect_request("/pa/send_message", method="POST").respond_with_data(answer)
    channel = viber(httpserver.url_for("/pa"), sender_name="A name that is longer than Viber allows")
    assert channel.send_text(PETAR, "Да, имаме", "") == "5890000000000000777"
    ((request, _),) = httpserver.log
    assert json.loads(request.data) == {
        "receiver": PETAR_REF,
        "type": "text",
        "text": "Да, имаме",
        "sender": {"name": "A name that is longer than V"},
    }
    assert request.headers["X-Viber-Auth-Token"] == SECRET


@pytest.mark.parametrize("character", ["🎂", '"', "\\", "\n", "\u2028", "ж"])
def test_the_longest_text_stays_below_vibers_30_kilobytes(httpserver: HTTPServer, character: str) -> None:
    httpserver.expect_request(ANY_PATH).respond_with_json({"status": 0, "message_token": 1})
    channel = viber(httpserver.url_for(""), sender_name="🎂" * 40)
    channel.send_text(PETAR._replace(contact_ref="x" * 512), character * channel.max_text_chars, "")
    ((request, _),) = httpserver.log
    assert len(request.data) < 30_000


def test_the_welcome_is_a_message_without_a_receiver() -> None:
    assert json.loads(viber().welcome_body("Здравейте!")) == {
        "type": "text",
        "text": "Здравейте!",
        "sender": {"name": "Cake Shop"},
    }


@pytest.mark.parametrize(
    ("status", "outcome", "reason", "is_account_wide"),
    [
        (2, Outcome.RETRY, "bad_token", True),
        (3, Outcome.PERMANENT, "bad_request", False),
        (5, Outcome.PERMANENT, "contact_gone", False),
        (6, Outcome.PERMANENT, "not_subscribed", False),
        (7, Outcome.RETRY, "account_blocked", True),
        (10, Outcome.RETRY, "webhook_not_set", True),
        (11, Outcome.PERMANENT, "not_supported_by_the_contacts_viber", False),
        (12, Outcome.WAIT, "rate_limited", False),
        (16, Outcome.PERMANENT, "not_allowed", False),
        (23, Outcome.WAIT, "no_balance", False),
        (999, Outcome.RETRY, "platform_error", False),
        (-1, Outcome.RETRY, "platform_error", False),
    ],
)
def test_each_status_means_what_the_table_says(
    httpserver: HTTPServer, status: int, outcome: Outcome, reason: str, is_account_wide: bool
) -> None:
    httpserver.expect_request(ANY_PATH).respond_with_json({"status": status, "status_message": "words"})
    with pytest.raises(ChannelError) as caught:
        viber(httpserver.url_for("")).send_text(PETAR, "hi", "")
    assert (caught.value.outcome, caught.value.reason) == (outcome, reason)
    assert caught.value.is_account_wide is is_account_wide


@pytest.mark.parametrize(("minute", "wait_s"), [(0, 3600), (15, 2700), (59, 60)])
def test_too_many_messages_to_a_contact_wait_for_the_next_full_hour(minute: int, wait_s: int) -> None:
    with pytest.raises(ChannelError) as caught:
        viber_errors.check(Reply(200, {"status": 12}), T_MS / 1000 + minute * 60)
    assert caught.value.retry_after_s == wait_s
