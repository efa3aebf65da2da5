"""Who may use the API, how it says no, and what it says about itself."""

import json
import logging
import re
from dataclasses import replace
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from store import Store
from tests.conftest import API_TOKEN, settings_for
from tests.people import SUSAN_ID, write
from tests.servers import Valkey
from tests.web.api_caller import Caller, of


@pytest.fixture
def api(client: FlaskClient) -> Caller:
    return Caller(client)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {API_TOKEN}", API_TOKEN, f"Bearer {API_TOKEN}x", "Bearer ü"],
)
def test_nobody_gets_in_without_the_token(client: FlaskClient, header: str) -> None:
    reply = client.get("/api/v1/contacts", headers={"Authorization": header} if header else {})
    assert reply.status_code == 401
    assert reply.get_json() == {"error": {"code": "unauthorized", "message": reply.get_json()["error"]["message"]}}
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert API_TOKEN not in reply.get_data(as_text=True)


def test_a_post_without_the_token_changes_nothing(client: FlaskClient, api: Caller, store: Store) -> None:
    write(store)
    reply = client.post(f"/api/v1{of()}/conversation/status", json={"status": "close"})
    assert reply.status_code == 401
    assert api.get(of())["open_conversation"]["number"] == 1


def test_without_a_configured_token_every_call_is_refused(valkey: Valkey) -> None:
    client = create_app(settings_for(valkey.url, api_tokens=())).test_client()
    assert client.get("/api/v1/contacts", headers={"Authorization": "Bearer "}).status_code == 401


def test_the_old_token_is_good_while_the_new_one_is_rolled_out(valkey: Valkey) -> None:
    client = create_app(settings_for(valkey.url, api_tokens=("new-token", "old-token"))).test_client()
    for token in ("new-token", "old-token"):
        assert client.get("/api/v1/contacts", headers={"Authorization": f"bearer {token}"}).status_code == 200


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v2/contacts", "/api/v1/contacts/", "/api/v1/x/%0A"])
def test_an_unknown_address_is_answered_like_every_error(client: FlaskClient, path: str) -> None:
    reply = client.get(path)
    assert (reply.status_code, reply.get_json()["error"]["code"]) == (404, "not_found")


def test_other_pages_keep_their_own_errors(client: FlaskClient) -> None:
    assert client.get("/apiary").mimetype == "text/html"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", of(), "GET, HEAD, PATCH"),
        ("PUT", of(suffix="/tags"), "DELETE, GET, HEAD, POST"),
        ("GET", of(suffix="/merge"), "POST"),
        ("GET", of(suffix="/conversation/assignee"), "POST"),
        ("GET", of(suffix="/messages"), "POST"),
        ("GET", of(suffix="/conversation/status"), "POST"),
        ("POST", of(suffix="/timeline"), "GET, HEAD"),
        ("PUT", "/conversations", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_answered_with_the_right_ones(
    client: FlaskClient, api: Caller, method: str, path: str, allowed: str
) -> None:
    reply = client.open(f"/api/v1{path}", method=method, headers=api.headers)
    assert (reply.status_code, reply.get_json()["error"]["code"]) == (405, "method_not_allowed")
    assert reply.headers["Allow"] == allowed


def test_a_body_above_64_kib_is_not_read(api: Caller, store: Store) -> None:
    write(store)
    refused = api.post(of(suffix="/messages"), {"text": "x" * 65_536}, 413)
    assert refused["error"]["code"] == "too_large"


def test_a_store_that_is_away_is_named_as_such() -> None:
    api = Caller(create_app(settings_for("unix:///nonexistent/socket")).test_client())
    for path in ("/contacts", "/conversations", of(), f"/conversations/{SUSAN_ID}-1"):
        assert api.get(path, 503)["error"]["code"] == "unavailable"
    api.post(of(suffix="/messages"), {"text": "hello"}, 503)


def test_a_mistake_of_ours_is_answered_in_the_same_shape_and_tells_nothing(app: Flask, api: Caller) -> None:
    app.extensions["markdone"] = replace(app.extensions["markdone"], store=cast(Store, None))
    error = api.get("/contacts", 500)["error"]
    assert error["code"] == "internal" and "markdone" not in error["message"]


def test_every_answer_forbids_keeping_and_guessing(client: FlaskClient, api: Caller) -> None:
    paths = ("/api/v1/contacts", "/api/v1/contacts/none", "/api/v1/openapi.json", "/api/docs", "/api/nothing")
    for reply in [client.get(path, headers=api.headers) for path in paths] + [client.get("/api/v1/contacts")]:
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_the_log_names_the_operation_and_no_words(api: Caller, store: Store, caplog: pytest.LogCaptureFixture) -> None:
    write(store)
    with caplog.at_level(logging.INFO):
        api.post(of(suffix="/messages"), {"text": "my secret words"}, 202, Idempotency_Key="k-123")
        api.get("/contacts/facebook:1:no%0Asuch", 404)
    said = [record.getMessage() for record in caplog.records if record.name == "web.api"]
    assert len(said) == 2
    assert said[0].startswith("api operation=api.send_message status=202 ")
    assert not re.search(f"secret|k-123|{API_TOKEN}|such", "\n".join(said))


def test_the_description_lists_every_route_and_only_those(app: Flask, client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    listed = {(path, method.upper()) for path, methods in described["paths"].items() for method in methods}
    assert listed == routes


def test_the_description_refers_to_nothing_that_is_missing(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()
    names = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert described["openapi"].startswith("3.1.")
    assert names == set(described["components"]["schemas"])
    for methods in described["paths"].values():
        for operation in methods.values():
            assert operation["summary"] and operation["operationId"]


def test_answers_have_exactly_the_described_fields(client: FlaskClient, api: Caller, store: Store) -> None:
    write(store)
    schemas = client.get("/api/v1/openapi.json").get_json()["components"]["schemas"]
    shown = api.get(of())
    assert set(shown) == set(schemas["Contact"]["properties"])
    assert set(shown["open_conversation"]) == set(schemas["Conversation"]["properties"])
    assert set(api.get(of(suffix="/timeline"))["items"][0]) == set(schemas["Entry"]["properties"])


def test_the_page_for_people_lists_the_operations_and_runs_no_scripts(client: FlaskClient) -> None:
    page = client.get("/api/docs")
    text = page.get_data(as_text=True)
    assert page.mimetype == "text/html"
    for path in client.get("/api/v1/openapi.json").get_json()["paths"]:
        assert path in text
    assert "<script" not in text and "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert set(re.findall(r'href="#(\w+)"', text)) <= set(re.findall(r'id="(\w+)"', text))
