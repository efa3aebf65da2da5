"""Redis away: 503 within a second or so, the platform repeats, nothing is lost or doubled, and nobody has to help."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from domain.errors import ConfigError, StoreError
from store import Store
from tests.conftest import FULFILLMENT_TOKEN, make_store, settings_for
from tests.servers import Valkey, wait_for
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

#: "Within a second", on a machine that does other things as well.
SOON_S = 3.0


@pytest.fixture
def server() -> Iterator[Valkey]:
    """A server that the test may hurt."""
    own = Valkey()
    own.start()
    yield own
    own.kill()


@pytest.fixture
def web(server: Valkey) -> FlaskClient:
    return create_app(settings_for(server.url)).test_client()


def hang(server: Valkey) -> Callable[[], None]:
    """Stop the server in its tracks, as a machine does that swaps; return what lets it go on."""
    pid = int(server.client().info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    return lambda: os.kill(pid, signal.SIGCONT)


def soon(post: Callable[[], TestResponse]) -> int:
    began = time.monotonic()
    status = post().status_code
    assert time.monotonic() - began < SOON_S
    return status


def take_once_back(web: FlaskClient, server: Valkey, data: dict[str, object]) -> Store:
    """Repeat the delivery until it is taken, as the platform does, and then once more."""
    store = make_store(server)
    wait_for(lambda: post_facebook(web, data).status_code == 200, "the delivery is taken")
    assert result(post_facebook(web, data)) == "duplicate"
    return store


def test_a_server_that_dies_and_comes_back_costs_nothing(web: FlaskClient, server: Valkey) -> None:
    first, data = facebook_body(facebook_item("before")), facebook_body(facebook_item("while it is away"))
    assert result(post_facebook(web, first)) == "ok"
    server.kill()
    for _ in range(3):
        assert soon(lambda: post_facebook(web, data)) == 503
        assert soon(lambda: post_viber(web, viber_body())) == 503
    server.start()
    store = take_once_back(web, server, data)
    assert result(post_facebook(web, first)) == "duplicate"
    assert texts(store, facebook()) == ["before", "while it is away"]


def test_a_server_that_hangs_is_answered_for_with_503_and_the_delivery_is_taken_once(
    web: FlaskClient, server: Valkey
) -> None:
    data = facebook_body(facebook_item("while it hangs"))
    assert result(post_facebook(web, facebook_body(facebook_item("before")))) == "ok"
    go_on = hang(server)
    try:
        for _ in range(3):
            assert soon(lambda: post_facebook(web, data)) == 503
    finally:
        go_on()
    store = take_once_back(web, server, data)
    assert texts(store, facebook()) == ["before", "while it hangs"]


def test_many_deliveries_at_a_hanging_server_do_not_wait_for_one_another(web: FlaskClient, server: Valkey) -> None:
    app = web.application

    def deliver(i: int) -> int:
        data = facebook_body(facebook_item(str(i)))
        return soon(lambda: post_facebook(app.test_client(), data))

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(deliver, range(8))) == {200}
        # Everybody finds the settings out of date at the same time.
        app.extensions["markdone"].store.change_setting("welcome_text:viber:shop", "Hi!")
        go_on = hang(server)
        try:
            assert set(pool.map(deliver, range(8, 16))) == {503}
        finally:
            go_on()


def test_a_delivery_is_never_called_unreadable_because_the_server_was_away(
    server: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings_for(server.url))
    store: Store = app.extensions["markdone"].store
    ask = store.connection.command
    failures = iter([StoreError("the network lost this one")])

    def lose_one(run: Callable[[object], object]) -> object:
        for failure in failures:
            raise failure
        return ask(run)

    monkeypatch.setattr(store.connection, "command", lose_one)
    data = facebook_body(facebook_item("hello"))
    assert post_facebook(app.test_client(), data).status_code == 503
    assert store.rejected() == []
    take_once_back(app.test_client(), server, data)


def test_a_body_that_cannot_be_kept_is_asked_for_again(web: FlaskClient, server: Valkey) -> None:
    server.kill()
    assert soon(lambda: post_facebook(web, b"not json")) == 503
    server.start()
    assert result(post_facebook(web, b"not json")) == "rejected"


def test_a_server_that_is_full_takes_nothing_by_half_and_the_log_keeps_quiet_about_the_text(
    web: FlaskClient, server: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    store, data = make_store(server), facebook_body(facebook_item("s3cret words"), facebook_item("s3cret too"))
    server.client().config_set("maxmemory", "1")
    assert post_facebook(web, data).status_code == 503 and post_facebook(web, b"s3cret").status_code == 503
    assert store.contacts(10).items == [] and "s3cret" not in caplog.text
    server.client().config_set("maxmemory", "0")
    assert result(post_facebook(web, data)) == "ok"
    assert texts(store, facebook()) == ["s3cret words", "s3cret too"]


def test_a_server_that_forgot_our_scripts_gets_them_again(web: FlaskClient, server: Valkey) -> None:
    for count in (1, 2):
        server.client().script_flush()
        data = facebook_body(*(facebook_item(f"{count}.{i}") for i in range(count)))
        assert result(post_facebook(web, data)) == "ok"
    assert texts(make_store(server), facebook()) == ["1.0", "2.0", "2.1"]


def test_a_fulfillment_call_gets_503_soon_and_is_not_carried_out(web: FlaskClient, server: Valkey) -> None:
    post_facebook(web, facebook_body(facebook_item("bye")))
    call = {
        "responseId": "r1",
        "session": f"projects/p/agent/sessions/{facebook()}-1",
        "queryResult": {"parameters": {"RB_MARKDONE": "true"}, "allRequiredParamsPresent": True},
    }
    headers = {"Authorization": f"Bearer {FULFILLMENT_TOKEN}"}
    server.kill()
    assert soon(lambda: web.post("/dialogflow/fulfillment", json=call, headers=headers)) == 503
    server.start()
    assert make_store(server).snapshot(facebook()).open


def test_a_viber_welcome_that_could_not_be_recorded_is_asked_for_again(web: FlaskClient, server: Valkey) -> None:
    data = viber_body("conversation_started", subscribed=False)
    server.kill()
    assert soon(lambda: post_viber(web, data)) == 503
    server.start()
    assert result(post_viber(web, data)) == "ok"
    assert make_store(server).snapshot(viber()).open


def test_a_process_that_starts_before_its_server_works_as_soon_as_that_is_there(server: Valkey) -> None:
    server.kill()
    web = create_app(settings_for(server.url)).test_client()
    data = facebook_body(facebook_item("hello"))
    assert soon(lambda: post_facebook(web, data)) == 503
    server.start()
    assert texts(take_once_back(web, server, data), facebook()) == ["hello"]


def test_a_process_with_another_number_of_partitions_does_not_start(server: Valkey) -> None:
    make_store(server)
    with pytest.raises(ConfigError, match="PARTITIONS=16"):
        create_app(settings_for(server.url, partitions=8))


def test_nor_does_it_write_into_the_wrong_partitions_when_the_server_came_later(server: Valkey) -> None:
    store = make_store(server)
    server.kill()
    web = create_app(settings_for(server.url, partitions=8)).test_client()
    server.start()
    assert post_facebook(web, facebook_body(facebook_item("hello"))).status_code == 503
    assert store.contacts(10).items == []
    ready = web.get("/readyz")
    assert ready.status_code == 503 and "PARTITIONS=16" in ready.get_data(as_text=True)
