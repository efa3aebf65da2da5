"""Liveness and readiness: what a platform's health check and a person at three in the morning see."""

from datetime import datetime

from flask.testing import FlaskClient

from app import create_app
from store import Store
from tests.conftest import BOT, PAGE, make_store, settings_for
from tests.servers import Valkey


def test_a_process_that_answers_is_alive_also_without_redis() -> None:
    client = create_app(settings_for("unix:///nowhere/at/all")).test_client()
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.json and ready.json["status"] == "unavailable" and ready.json["reason"]


def test_readiness_names_every_channel_and_how_it_is(client: FlaskClient) -> None:
    ready = client.get("/readyz")
    assert ready.status_code == 200 and ready.json
    assert ready.json["channels"] == [
        {"channel": f"facebook:{PAGE}", "state": "ok", "since": None, "reason": None},
        {"channel": f"viber:{BOT}", "state": "ok", "since": None, "reason": None},
    ]


def test_a_channel_that_rests_says_why_and_since_when_and_does_not_make_readiness_fail(
    client: FlaskClient, store: Store
) -> None:
    store.rest(f"viber:{BOT}", "bad_token", 300)
    ready = client.get("/readyz")
    assert ready.status_code == 200 and ready.json
    facebook, viber = ready.json["channels"]
    assert facebook["state"] == "ok"
    assert (viber["state"], viber["reason"]) == ("resting", "bad_token")
    since = datetime.fromisoformat(viber["since"]).timestamp()
    assert abs(since * 1000 - store.now_ms()) < 60_000


def test_readiness_comes_back_with_the_server(valkey: Valkey) -> None:
    server = Valkey()
    server.start()
    try:
        client = create_app(settings_for(server.url)).test_client()
        assert client.get("/readyz").status_code == 200
        server.kill()
        assert client.get("/readyz").status_code == 503
        server.start()
        assert client.get("/readyz").status_code == 200
    finally:
        server.kill()


def test_readiness_fails_on_a_store_of_another_number_of_partitions_and_says_what_to_do(valkey: Valkey) -> None:
    server = Valkey()
    client = create_app(settings_for(server.url, partitions=4)).test_client()
    server.start()
    try:
        make_store(server)
        ready = client.get("/readyz")
        assert ready.status_code == 503 and ready.json and "PARTITIONS=16" in ready.json["reason"]
    finally:
        server.kill()


def test_health_needs_no_token_and_tells_no_secret(client: FlaskClient) -> None:
    for path in ("/healthz", "/readyz"):
        text = client.get(path).get_data(as_text=True)
        assert "token-for-tests" not in text and "secret" not in text
