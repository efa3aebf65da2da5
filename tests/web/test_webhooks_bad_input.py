"""Whatever stands in a signed body: never a 500, never a crash, and a log line without the content."""

import io
import json
import logging
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import Store
from store.platform import REJECTED_BODY_BYTES, REJECTED_KEPT
from tests.conftest import sign_facebook
from tests.servers import Valkey
from tests.web.deliveries import (
    facebook,
    facebook_body,
    facebook_item,
    post_facebook,
    post_viber,
    result,
    texts,
    viber,
    viber_body,
)

FIVE_MB = 5 * 1024 * 1024
SECRET = "s3cret-words-of-susan"

NOT_UNDERSTOOD = {
    "empty": b"",
    "not json": b'{"object": "page", ' + SECRET.encode(),
    "html": b"<html>" + SECRET.encode(),
    "a list": json.dumps([SECRET]).encode(),
    "a string": json.dumps(SECRET).encode(),
    "null": b"null",
    "NaN": b'{"object": NaN}',
    "not utf-8": b"\xff\xfe\x00\x80" + SECRET.encode(),
    "two objects": b'{"a": 1}{"b": 2}',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"entry":' * 100_000,
    "deep and closed": b'{"entry":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
}


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_a_signed_body_that_is_no_object_is_taken_and_kept_for_people(
    client: FlaskClient, store: Store, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    raw = NOT_UNDERSTOOD[name]
    with caplog.at_level(logging.INFO):
        for post, channel in ((post_facebook, "facebook"), (post_viber, "viber:shop")):
            assert result(post(client, raw)) == "rejected"
            kept = store.rejected()[0]
            assert (kept["channel"], kept["bytes"]) == (channel, len(raw)) and kept["reason"]
            assert kept["body"] == raw[:REJECTED_BODY_BYTES].decode("utf-8", "replace")
    assert len(caplog.records) == 2 and SECRET not in caplog.text


@pytest.mark.parametrize(
    "data", [{}, {"object": "user", "entry": []}, {"object": "page"}, {"object": "page", "entry": {}}]
)
def test_a_facebook_object_that_is_not_a_pages_is_kept_for_people(
    client: FlaskClient, store: Store, data: dict[str, Any]
) -> None:
    assert result(post_facebook(client, data)) == "rejected" and len(store.rejected()) == 1


@pytest.mark.parametrize("data", [{}, {"event": "brand_new"}, {"event": 7}, {"event": "message", "sender": None}])
def test_an_event_that_we_do_not_know_is_logged_by_its_keys_and_dropped(
    client: FlaskClient, store: Store, caplog: pytest.LogCaptureFixture, data: dict[str, Any]
) -> None:
    with caplog.at_level(logging.INFO):
        assert result(post_viber(client, {**data, "text": SECRET, "k\nforged=line": 1})) == "ok"
    assert store.contacts(10).items == [] and "webhook.unknown" in caplog.text
    assert SECRET not in caplog.text and "\nforged" not in caplog.text


def test_only_the_latest_rejected_bodies_are_kept(client: FlaskClient, store: Store, valkey: Valkey) -> None:
    for _ in range(REJECTED_KEPT):
        valkey.client().lpush(store.keys.rejected, "{}")
    post_facebook(client, b"the latest")
    assert len(store.rejected(REJECTED_KEPT + 10)) == REJECTED_KEPT and store.rejected(1)[0]["body"] == "the latest"


def test_a_body_of_five_megabytes_is_read(client: FlaskClient, store: Store) -> None:
    raw = json.dumps(facebook_body(facebook_item("still read"))).encode()
    assert result(post_facebook(client, raw.ljust(FIVE_MB))) == "ok"
    assert texts(store, facebook()) == ["still read"]


@pytest.mark.parametrize("path", ["/webhooks/facebook", "/webhooks/viber/shop"])
def test_a_larger_body_is_refused_unread_and_nothing_is_stored(client: FlaskClient, valkey: Valkey, path: str) -> None:
    raw = json.dumps(facebook_body(facebook_item())).encode().ljust(FIVE_MB + 1)
    keys_before = valkey.client().dbsize()
    assert client.post(path, data=raw, headers=sign_facebook(raw)).status_code == 413
    assert valkey.client().dbsize() == keys_before


def test_a_text_that_neither_json_nor_a_page_can_carry_loses_only_that(client: FlaskClient, store: Store) -> None:
    raw = json.dumps(facebook_body(facebook_item("a\x00b\ud800c|}{|d\u2028e"))).encode()
    assert result(post_facebook(client, raw)) == "ok"
    assert texts(store, facebook()) == ["abc|}{|d\u2028e"]


@pytest.mark.parametrize("ref", ["a\x00b", "\ud800", " \n", "x" * 600, "", 10**50, True, None, [], {}])
def test_an_id_that_is_none_makes_no_contact(client: FlaskClient, store: Store, ref: Any) -> None:
    item = facebook_item(SECRET)
    item["sender"]["id"] = ref
    assert result(post_facebook(client, facebook_body(item))) == "ok"
    assert store.contacts(10).items == []


@pytest.mark.parametrize("ref", ["a:b:c", "a{b}c", "a|b", "é", "' OR 1=1", "*", "../.."])
def test_an_odd_id_is_just_an_id(client: FlaskClient, store: Store, ref: str) -> None:
    post_facebook(client, facebook_body(facebook_item("one", ref=ref), facebook_item("two", ref=ref)))
    assert texts(store, facebook(ref)) == ["one", "two"]
    assert store.snapshot(facebook(ref)).contact.identity.contact_ref == ref


@pytest.mark.parametrize("stamp", [None, 0, -1, "yesterday", 1e308, True, [], 10**30, 1, "1795000000000", 1795000000])
def test_a_time_that_is_none_does_not_cost_the_message_nor_its_being_known_again(
    client: FlaskClient, store: Store, stamp: Any
) -> None:
    item = {**facebook_item("hello"), "timestamp": stamp}
    assert [result(post_facebook(client, facebook_body(item))) for _ in range(2)] == ["ok", "duplicate"]
    assert texts(store, facebook()) == ["hello"]


def test_a_very_long_text_is_cut_and_a_very_long_name_too(client: FlaskClient, store: Store) -> None:
    post_facebook(client, facebook_body(facebook_item("x" * 1_000_000)))
    assert len(texts(store, facebook())[0]) == 20_000
    data = viber_body()
    data["sender"]["name"] = "n" * 5_000
    post_viber(client, data)
    assert store.snapshot(viber()).contact.name == "n" * 60


def test_a_batch_with_a_great_many_events_is_taken_whole(client: FlaskClient, store: Store) -> None:
    items = [facebook_item(str(i), ref=str(7000 + i % 7)) for i in range(700)]
    assert result(post_facebook(client, facebook_body(*items))) == "ok"
    assert texts(store, facebook("7003")) == [str(i) for i in range(3, 700, 7)]


#: Anything at all, with the words that the parsers look for more likely than others.
WORDS = (
    *("object", "entry", "messaging", "standby", "changes", "message", "postback", "referral", "sender", "recipient"),
    *("id", "mid", "text", "is_echo", "metadata", "attachments", "payload", "quick_reply", "timestamp", "delivery"),
    *("mids", "watermark", "read", "event", "user", "user_id", "message_token", "type", "location", "lat", "contact"),
)
KEYS = st.sampled_from(WORDS)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["page", "104200000000042", "message", "conversation_started", "seen", "\ud800", "\x00", "GET_STARTED"]
    )
)
ANYTHING = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(), inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(item=ANYTHING, event=st.sampled_from(["message", "conversation_started", "seen", "subscribed", "failed", ""]))
def test_anything_at_all_in_a_signed_body_is_answered_with_200(client: FlaskClient, item: Any, event: str) -> None:
    item_of_ours = {**facebook_item("x", ref="71"), **(item if isinstance(item, dict) else {})}
    bodies = [item, {"object": "page", "entry": item}, facebook_body(item), facebook_body(item_of_ours)]
    for data in bodies:
        assert post_facebook(client, data).status_code == 200
    for data in (item, {**viber_body(), **(item if isinstance(item, dict) else {})}, {"event": event, "user": item}):
        assert post_viber(client, data).status_code == 200


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=st.binary(max_size=300))
def test_any_bytes_at_all_are_answered_with_200(client: FlaskClient, raw: bytes) -> None:
    assert post_facebook(client, raw).status_code == 200 and post_viber(client, raw).status_code == 200


def test_a_larger_body_without_a_length_is_refused_too(client: FlaskClient) -> None:
    raw = json.dumps(facebook_body(facebook_item())).encode().ljust(FIVE_MB + 1)
    answer = client.post(
        "/webhooks/facebook",
        input_stream=io.BytesIO(raw),
        headers={**sign_facebook(raw), "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413
