"""GET /metrics: what this process counted, what the store knows, and to whom it is told."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

import measures
from app import create_app
from domain.actions import NeedPerson
from measures.numbers import Numbers
from store import Heard
from tests.conftest import API_TOKEN, settings_for, sign_viber
from tests.measures.scraped import Scraped
from tests.servers import Valkey, wait_for
from tests.web.deliveries import facebook, facebook_body, facebook_item, post_facebook, post_viber, viber, viber_body
from tests.web.fulfillment_caller import BEARER, call
from web.live.hub import Hub

#: "Within a second", on a machine that does other things as well.
SOON_S = 3.0


@pytest.fixture(autouse=True)
def numbers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Numbers]:
    """Every test counts from zero."""
    fresh = Numbers()
    monkeypatch.setattr(measures, "NUMBERS", fresh)
    monkeypatch.setattr("web.metrics.NUMBERS", fresh)
    yield fresh


def scrape(client: FlaskClient, token: str = API_TOKEN) -> Scraped:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return Scraped(answer.text)


def test_each_outcome_of_a_delivery_is_counted_under_its_channel(client: FlaskClient) -> None:
    data = facebook_body(facebook_item())
    post_facebook(client, data)
    post_facebook(client, data)
    post_facebook(client, b"not json")
    client.post("/webhooks/facebook", data=b"{}")
    client.post("/webhooks/facebook", data=b"x" * (5 * 1024 * 1024 + 1))
    client.post("/webhooks/viber/nobody", data=b"{}")
    post_viber(client, viber_body())
    found = scrape(client)
    counted = {
        (labels["channel"], labels["outcome"]): found.of("markdone_webhooks_total", **labels)
        for labels in map(dict, found.labels("markdone_webhooks_total"))
    }
    assert {words: number for words, number in counted.items() if number} == {
        ("facebook", "ok"): 1,
        ("facebook", "duplicate"): 1,
        ("facebook", "rejected"): 1,
        ("facebook", "refused"): 1,
        ("facebook", "failed"): 1,
        ("viber", "not_found"): 1,
        ("viber", "ok"): 1,
    }
    assert found.of("markdone_webhook_seconds_count", channel="facebook") == 5
    assert 0 < found.of("markdone_webhook_seconds_sum", channel="viber") < 10


def test_looking_at_an_address_is_no_delivery(client: FlaskClient) -> None:
    client.get("/webhooks/facebook")
    client.get("/webhooks/viber/shop")
    assert scrape(client)["markdone_webhooks_total"] == 0


def test_nothing_that_a_stranger_sends_makes_a_series(client: FlaskClient) -> None:
    before = scrape(client)
    for name in ("nobody", "shop2", 'x"} 1\nmarkdone_evil 1', "%0a%22", "a" * 2000, "é", "facebook"):
        client.post(f"/webhooks/viber/{name}", data=b"{}", headers=sign_viber(b"{}"))
        client.post(f"/webhooks/{name}", data=b"{}", headers={"X-Markdone-Result": "evil"})
        client.post(f"/dialogflow/{name}", data=b"{}")
        client.get(f"/metrics?name={name}", headers={"Authorization": f"Bearer {API_TOKEN}"})
    after = scrape(client)
    assert after.samples.keys() == before.samples.keys()
    assert after.of("markdone_webhooks_total", channel="viber", outcome="not_found") >= 5


def test_fulfillment_calls_are_counted_by_outcome(client: FlaskClient) -> None:
    post_facebook(client, facebook_body(facebook_item()))
    client.post("/dialogflow/fulfillment", json={}, headers={"Authorization": "Bearer wrong"})
    client.post("/dialogflow/fulfillment", data=b"[", headers=BEARER)
    client.post("/dialogflow/fulfillment", json=call(contact=facebook()), headers=BEARER)
    found = scrape(client)
    counted = {outcome: found.of("markdone_fulfillment_calls_total", outcome=outcome) for outcome in ("ok", "refused")}
    assert counted == {"ok": 1, "refused": 1}
    assert found.of("markdone_fulfillment_calls_total", outcome="rejected") == 1
    assert found["markdone_fulfillment_seconds_count"] == 3


def test_open_conversations_and_the_longest_wait_are_read_from_the_store(client: FlaskClient) -> None:
    empty = scrape(client)
    assert empty["markdone_open_conversations"] == empty["markdone_oldest_due_turn_age_seconds"] == 0
    for ref in ("71", "72"):
        post_facebook(client, facebook_body(facebook_item(ref=ref)))
    post_viber(client, viber_body())
    store = client.application.extensions["markdone"].store
    snapshot = store.snapshot(viber())
    assert store.commit(snapshot, [NeedPerson(number=1, reason="test")]).is_done
    now_ms = store.now_ms()
    store.now_ms = lambda: now_ms + 90_000
    found = scrape(client)
    assert (found["markdone_open_conversations"], found["markdone_store_up"]) == (3, 1)
    assert found["markdone_open_conversations_needing_person"] == 1
    assert 89 < found["markdone_oldest_due_turn_age_seconds"] < 120


def test_the_streams_of_live_pages_are_counted_while_they_last(client: FlaskClient) -> None:
    quiet = threading.Event()

    def hear() -> Iterator[Heard]:
        quiet.wait()
        yield Heard()

    hub = Hub(hear, lambda: 0, 4)
    try:
        streams = [hub.join("u1", (), None), hub.join("u2", (), None)]
        assert scrape(client)["markdone_live_streams"] == 2
        for _ in range(2):
            assert streams[0]
            hub.leave(streams[0])
        assert scrape(client)["markdone_live_streams"] == 1
    finally:
        quiet.set()


@pytest.mark.parametrize(
    "shown", [None, "", "Bearer", "Bearer wrong", f"Basic {API_TOKEN}", API_TOKEN, "Bearer é\udce9"]
)
def test_without_the_token_nothing_is_told(client: FlaskClient, shown: str | None) -> None:
    answer = client.get("/metrics", headers={} if shown is None else {"Authorization": shown})
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    assert "markdone_" not in answer.text and "API_TOKEN" in answer.text


def test_while_tokens_rotate_both_are_good(valkey: Valkey) -> None:
    tokens = ("newer-token-for-tests", "older-token-for-tests")
    client = create_app(settings_for(valkey.url, api_tokens=tokens)).test_client()
    for token in tokens:
        assert scrape(client, token)["markdone_store_up"] == 1
    assert client.get("/metrics", headers={"Authorization": f"Bearer {API_TOKEN}"}).status_code == 401


@pytest.mark.parametrize("how", ["dead", "hanging"])
def test_while_the_store_is_away_the_rest_is_told_soon(how: str) -> None:
    server = Valkey()
    server.start()
    try:
        client = create_app(settings_for(server.url)).test_client()
        post_facebook(client, facebook_body(facebook_item()))
        os.kill(server.pid, signal.SIGSTOP) if how == "hanging" else server.kill()
        began = time.monotonic()
        assert scrape(client)["markdone_store_up"] == 0
        assert time.monotonic() - began < SOON_S
        assert post_facebook(client, facebook_body(facebook_item())).status_code == 503
        found = scrape(client)
        assert found["markdone_store_up"] == 0 and "markdone_open_conversations" not in found.names
        assert found.of("markdone_webhooks_total", channel="facebook", outcome="ok") == 1
        assert found.of("markdone_webhooks_total", channel="facebook", outcome="unavailable") == 1
        os.kill(server.pid, signal.SIGCONT) if how == "hanging" else server.start()
        wait_for(lambda: scrape(client)["markdone_store_up"] == 1, "the store is there again")
    finally:
        os.kill(server.pid, signal.SIGCONT)
        server.kill()
