"""What the platforms deliver is verified, recorded once and said yes to."""

import pytest
from flask.testing import FlaskClient

from app import create_app
from domain.models import Letter, Source
from store import Store
from tests.conftest import APP_SECRET, BOT, PAGE, VERIFY_TOKEN, body, settings_for, sign_facebook, sign_viber
from tests.servers import Valkey
from tests.web.deliveries import (
    entries,
    facebook,
    facebook_body,
    facebook_item,
    opened,
    post_facebook,
    post_viber,
    result,
    sent_reply,
    texts,
    viber,
    viber_body,
)

OTHER_PAGE = "104200000000043"


# -- Verification of the address


def test_the_verification_request_gets_its_challenge_back_as_plain_text(client: FlaskClient) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "<b>1158201444</b>"}
    response = client.get("/webhooks/facebook", query_string=query)
    assert (response.status_code, response.get_data(as_text=True)) == (200, "<b>1158201444</b>")
    assert response.mimetype == "text/plain"


@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.verify_token": "пароль\ud800"},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": None},
    ],
)
def test_any_other_verification_request_is_refused(client: FlaskClient, change: dict[str, str | None]) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1", **change}
    given = {name: value.encode("utf-8", "replace") for name, value in query.items() if value is not None}
    assert client.get("/webhooks/facebook", query_string=given).status_code == 403


# -- Signatures


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        {"X-Hub-Signature": "sha1=" + "0" * 40},
        {"X-Hub-Signature-256": "sha256=\xe9\xe9"},
    ],
)
def test_a_facebook_delivery_without_our_signature_is_refused_and_nothing_is_stored(
    client: FlaskClient, valkey: Valkey, store: Store, headers: dict[str, str]
) -> None:
    keys_before = valkey.client().dbsize()
    response = client.post("/webhooks/facebook", data=body(facebook_body(facebook_item())), headers=headers)
    assert response.status_code == 403 and valkey.client().dbsize() == keys_before


@pytest.mark.parametrize("headers", [{}, {"X-Viber-Content-Signature": "0" * 64}])
def test_a_viber_delivery_without_our_signature_is_refused_and_nothing_is_stored(
    client: FlaskClient, valkey: Valkey, headers: dict[str, str]
) -> None:
    keys_before = valkey.client().dbsize()
    response = client.post(f"/webhooks/viber/{BOT}", data=body(viber_body()), headers=headers)
    assert response.status_code == 403 and valkey.client().dbsize() == keys_before


def test_a_signature_of_another_body_or_another_secret_counts_for_nothing(client: FlaskClient, store: Store) -> None:
    raw = body(facebook_body(facebook_item()))
    for headers in (sign_facebook(raw + b" "), sign_facebook(raw, "another secret")):
        assert client.post("/webhooks/facebook", data=raw, headers=headers).status_code == 403
    raw = body(viber_body())
    assert client.post(f"/webhooks/viber/{BOT}", data=raw, headers=sign_viber(raw, "other")).status_code == 403
    assert store.contacts(10).items == []


def test_the_bytes_are_verified_as_they_came(client: FlaskClient, store: Store) -> None:
    raw = body(facebook_body(facebook_item("Здравей 👋"))).replace(b'"object"', b'  "object"')
    assert result(post_facebook(client, raw)) == "ok"
    assert texts(store, facebook()) == ["Здравей 👋"]


def test_while_the_app_secret_is_rotated_both_are_accepted(valkey: Valkey, store: Store) -> None:
    client = create_app(settings_for(valkey.url, facebook_app_secrets=("new", APP_SECRET))).test_client()
    for secret in ("new", APP_SECRET):
        raw = body(facebook_body(facebook_item(secret)))
        assert client.post("/webhooks/facebook", data=raw, headers=sign_facebook(raw, secret)).status_code == 200
    assert texts(store, facebook()) == ["new", APP_SECRET]


def test_a_bot_or_app_that_is_not_configured_is_not_found(client: FlaskClient, valkey: Valkey) -> None:
    raw = body(viber_body())
    assert client.post("/webhooks/viber/nobody", data=raw, headers=sign_viber(raw)).status_code == 404
    bare = create_app(settings_for(valkey.url, facebook_pages={})).test_client()
    assert bare.get("/webhooks/facebook").status_code == 404
    assert post_facebook(bare, facebook_body(facebook_item())).status_code == 404


# -- What is recorded


def test_a_message_is_recorded_and_opens_a_conversation(client: FlaskClient, store: Store) -> None:
    assert result(post_facebook(client, facebook_body(facebook_item("hello")))) == "ok"
    assert texts(store, facebook()) == ["hello"] and opened(store, facebook()).source is Source.CONTACT


def test_a_delivery_that_is_repeated_changes_nothing(client: FlaskClient, store: Store) -> None:
    data = facebook_body(facebook_item("once"))
    assert [result(post_facebook(client, data)) for _ in range(3)] == ["ok", "duplicate", "duplicate"]
    assert texts(store, facebook()) == ["once"] and opened(store, facebook()).incoming == 1


def test_a_batch_that_is_repeated_with_one_more_message_records_only_that_one(
    client: FlaskClient, store: Store
) -> None:
    first, second = facebook_item("one"), facebook_item("two")
    post_facebook(client, facebook_body(first))
    assert result(post_facebook(client, facebook_body(first, second))) == "ok"
    assert texts(store, facebook()) == ["one", "two"]


def test_a_batch_of_several_entries_and_pages_goes_to_each_contact_of_each_page(valkey: Valkey, store: Store) -> None:
    pages = {PAGE: "page-token-for-tests", OTHER_PAGE: "other-page-token"}
    client = create_app(settings_for(valkey.url, facebook_pages=pages)).test_client()
    data = facebook_body(facebook_item("to the first", ref="71"), facebook_item("me, too", ref="72"))
    data["entry"] += facebook_body({**facebook_item("to the other", ref="71")}, page=OTHER_PAGE)["entry"]
    data["entry"] += facebook_body(facebook_item("to nobody", ref="71"), page="999")["entry"]
    assert result(post_facebook(client, data)) == "ok"
    assert texts(store, facebook("71")) == ["to the first"] and texts(store, facebook("72")) == ["me, too"]
    assert texts(store, facebook("71", OTHER_PAGE)) == ["to the other"]
    assert len(store.contacts(10).items) == 3


def test_one_items_trouble_does_not_cost_the_others_of_its_batch(client: FlaskClient, store: Store) -> None:
    broken = {"sender": 7, "message": {"mid": ["x"], "text": {}}}
    data = facebook_body(facebook_item("before"), broken, {"message": None}, facebook_item("after"))
    data["entry"] += [None, 7, {"id": PAGE, "messaging": "text"}]
    assert result(post_facebook(client, data)) == "ok"
    assert texts(store, facebook()) == ["before", "after"]


def test_events_of_one_delivery_are_in_the_order_of_the_platforms_time(client: FlaskClient, store: Store) -> None:
    late, early = facebook_item("second"), facebook_item("first")
    early["timestamp"] -= 5
    post_facebook(client, facebook_body(late, early))
    assert texts(store, facebook()) == ["first", "second"]


def test_a_64_bit_token_stays_exact_so_that_neighbours_are_two_messages(client: FlaskClient, store: Store) -> None:
    tokens = [9_007_199_254_740_993, 9_007_199_254_740_992, 18_446_744_073_709_551_615]
    for token in tokens:
        assert result(post_viber(client, viber_body(token=token))) == "ok"
    assert len(texts(store, viber())) == 3


def test_a_receipt_with_a_64_bit_token_finds_its_message_and_not_its_neighbour(
    client: FlaskClient, store: Store
) -> None:
    post_viber(client, viber_body())
    sent = sent_reply(store, viber(), external_id="9007199254740993")
    receipt = {"event": "delivered", "timestamp": 1, "message_token": 9_007_199_254_740_992, "user_id": "vIbEr/+ref=="}
    post_viber(client, receipt)
    assert entries(store, viber())[sent].letter is Letter.SENT
    post_viber(client, {**receipt, "message_token": 9_007_199_254_740_993})
    assert entries(store, viber())[sent].letter is Letter.DELIVERED


def test_ids_that_come_as_numbers_are_the_same_contact_as_strings(client: FlaskClient, store: Store) -> None:
    data = facebook_body(facebook_item("as a string", ref="71"))
    data["entry"][0]["messaging"].append({**facebook_item("as a number"), "sender": {"id": 71}})
    data["entry"][0]["id"] = int(PAGE)
    post_facebook(client, data)
    assert texts(store, facebook("71")) == ["as a string", "as a number"]


def test_a_viber_profile_becomes_the_contacts(client: FlaskClient, store: Store) -> None:
    post_viber(client, viber_body())
    contact = store.snapshot(viber()).contact
    assert (contact.name, contact.language, contact.country, contact.is_subscribed) == ("Vesela", "bg", "BG", True)
