"""What machines call is answered by an application of its own, at the same address as the pages."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from store import Store
from tests.conftest import FULFILLMENT_TOKEN, VERIFY_TOKEN
from tests.web.deliveries import facebook_body, facebook_item, post_facebook, result
from tests.web.routes import ROUTES, served
from tests.web.signed_in import sign_in
from web.machines import KEY, MACHINES


@pytest.fixture
def pages_that_fail(app: Flask) -> Flask:
    """The application, whose pages are out of order before any of them is asked."""

    @app.before_request
    def fail() -> None:
        raise AssertionError("what stands before pages was asked")

    return app


def test_nothing_that_stands_before_pages_is_asked_by_a_webhook(pages_that_fail: Flask, store: Store) -> None:
    client = pages_that_fail.test_client()
    assert client.get("/login").status_code == 500
    assert result(post_facebook(client, facebook_body(facebook_item("hello")))) == "ok"
    assert client.get("/webhooks/facebook").status_code == 403
    assert client.post("/webhooks/viber/shop").status_code == 403
    assert client.post("/dialogflow/fulfillment").status_code == 401
    assert client.get("/readyz").status_code == 200
    assert client.head("/healthz").status_code == 200


def test_each_of_their_addresses_is_in_one_of_the_two_applications_only(app: Flask) -> None:
    names = {blueprint.name for blueprint in MACHINES}
    assert {endpoint for endpoint in ROUTES if endpoint.split(".")[0] in names} == {
        rule.endpoint for rule in app.extensions[KEY].url_map.iter_rules()
    }
    assert not [rule for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in names]
    assert len(served(app)) == len(ROUTES)


def test_an_address_that_only_begins_like_theirs_is_a_page_that_is_not_there(client: FlaskClient) -> None:
    for path in ("/webhooks", "/webhooks/", "/webhooks/telegram", "/healthz/more", "/dialogflow"):
        answer = client.get(path)
        assert answer.status_code == 404 and "There is nothing here" in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_method_that_is_not_theirs_is_refused(client: FlaskClient) -> None:
    assert client.put("/webhooks/facebook").status_code == 405
    assert client.get("/dialogflow/fulfillment").status_code == 405


def test_no_cookie_counts_and_none_is_set(app: Flask, store: Store) -> None:
    visitor = sign_in(app, store)
    headers = {"Authorization": f"Bearer {FULFILLMENT_TOKEN}"}
    answers = [
        visitor.client.get("/readyz"),
        visitor.client.post("/dialogflow/fulfillment", data=b"{", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_a_body_that_is_too_large_is_refused_there_too(client: FlaskClient) -> None:
    for path in ("/webhooks/facebook", "/dialogflow/fulfillment"):
        headers = {"Authorization": f"Bearer {FULFILLMENT_TOKEN}"}
        assert client.post(path, data=b"x" * (5 * 1024 * 1024 + 1), headers=headers).status_code == 413


def test_what_a_stranger_lets_us_say_is_not_guessed_at(client: FlaskClient) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "<script>"}
    answer = client.get("/webhooks/facebook", query_string=query)
    assert answer.text == "<script>" and answer.headers["X-Content-Type-Options"] == "nosniff"
