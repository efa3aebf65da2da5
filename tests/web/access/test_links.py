"""The page of a one-time link, in the browser of whom it was sent to."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.users import Role, User
from store import Store
from tests.conftest import StoppedClock
from tests.web.access.conftest import LogIn, is_in
from tests.web.signed_in import Visitor, csrf_token, visit

NEW_PASSWORD = "a battery of horses"


def fill_in(client: FlaskClient, token: str, **changes: str) -> dict[str, str]:
    form = {"name": "Susan", "password": NEW_PASSWORD, "repeated": NEW_PASSWORD}
    return form | {"csrf_token": csrf_token(client, f"/link?token={token}")} | changes


def test_who_is_invited_chooses_name_and_password_and_is_in(client: FlaskClient, store: Store, log_in: LogIn) -> None:
    invited, token = store.add_user("susan@example.com", Role.AGENT)
    page = client.get(f"/link?token={token}")
    assert page.status_code == 200 and "susan@example.com" in page.text
    answer = client.post(f"/link?token={token}", data=fill_in(client, token))
    assert (answer.status_code, answer.location) == (303, "/") and is_in(client)
    found = store.read_user(invited.id)
    assert found and found.name == "Susan"
    assert log_in(password=NEW_PASSWORD).status_code == 303


def test_looking_at_a_link_does_not_use_it_up(client: FlaskClient, store: Store) -> None:
    _, token = store.add_user("susan@example.com", Role.AGENT)
    assert [client.get(f"/link?token={token}").status_code for _ in range(3)] == [200] * 3
    assert client.head(f"/link?token={token}").status_code == 200


def test_the_first_link_asks_for_an_address_too_and_makes_the_owner(client: FlaskClient, store: Store) -> None:
    assert "first owner" in client.get("/login").text
    token = store.make_first_link()
    answer = client.post(f"/link?token={token}", data=fill_in(client, token, email="olga@example.com"))
    assert answer.status_code == 303 and client.get("/settings/users").status_code == 200
    assert [user.role for user in store.users()] == [Role.OWNER]
    assert client.get(f"/link?token={token}").status_code == 404
    assert "first owner" not in client.get("/login", follow_redirects=True).text


def test_a_new_password_ends_the_sessions_of_before_and_the_old_password(
    app: Flask, client: FlaskClient, store: Store, susan: User, log_in: LogIn
) -> None:
    thief = visit(app, store, susan)
    token = store.make_link(susan.id)
    client.post(f"/link?token={token}", data=fill_in(client, token))
    assert is_in(client) and not is_in(thief.client)
    assert log_in(browser=app.test_client()).status_code == 401
    assert log_in(password=NEW_PASSWORD, browser=app.test_client()).status_code == 303


def test_a_second_click_is_told_that_the_link_was_used(app: Flask, client: FlaskClient, store: Store) -> None:
    _, token = store.add_user("susan@example.com", Role.AGENT)
    other = app.test_client()
    forms = [(browser, fill_in(browser, token)) for browser in (client, other)]
    answers = [browser.post(f"/link?token={token}", data=form) for browser, form in forms]
    assert [answer.status_code for answer in answers] == [303, 404]
    assert "has been used" in answers[1].text and not is_in(other)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"password": "ninechars", "repeated": "ninechars"}, "10 to 200 characters"),
        ({"password": "x" * 201, "repeated": "x" * 201}, "10 to 200 characters"),
        ({"repeated": "another battery"}, "not the same"),
        ({"name": "   "}, "fill this in"),
        ({"name": "x" * 81}, "At most 80"),
        ({"name": "Su\u202esan"}, "cannot be shown"),
        ({"email": "not an address"}, "not an email address"),
        ({"email": "a" * 250 + "@example.com"}, "too long"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_the_link_still_works(
    client: FlaskClient, store: Store, changes: dict[str, str], complaint: str
) -> None:
    token = store.make_first_link()
    answer = client.post(
        f"/link?token={token}", data=fill_in(client, token, **({"email": "olga@example.com"} | changes))
    )
    assert answer.status_code == 400 and complaint in answer.text
    assert NEW_PASSWORD not in answer.text and not store.has_users()
    assert client.get(f"/link?token={token}").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "first.x", "x.y"])
def test_a_link_that_leads_nowhere_says_what_to_do(client: FlaskClient, store: Store, token: str) -> None:
    store.make_first_link()
    page = client.get("/link", query_string={"token": token})
    assert page.status_code == 404 and "ask an owner for a new one" in page.text


def test_a_link_whose_time_is_over_leads_nowhere(
    app: Flask, client: FlaskClient, store: Store, clock: StoppedClock
) -> None:
    app.extensions["markdone"].store.now_ms = clock
    _, token = store.add_user("susan@example.com", Role.AGENT)
    form = fill_in(client, token)
    clock.pass_s(7 * 86_400)
    assert client.post(f"/link?token={token}", data=form).status_code == 404


def test_the_page_of_a_link_tells_its_address_to_nobody(client: FlaskClient, store: Store) -> None:
    token = store.make_first_link()
    cross_site = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    for headers, status, query in (({}, 200, token), (cross_site, 200, token), ({}, 404, "x.y")):
        page = client.get(f"/link?token={query}", headers=headers)
        # Not in a <meta>: a browser asks for the style sheet before it has read that far.
        assert page.status_code == status and page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"


def test_a_link_logs_out_who_was_in_before_in_that_browser(store: Store, olga: Visitor) -> None:
    susan, token = store.add_user("susan@example.com", Role.AGENT)
    olga.client.post(f"/link?token={token}", data=fill_in(olga.client, token))
    assert "susan@example.com" in olga.get("/account").text
    assert store.sessions(olga.user.id) == [] and len(store.sessions(susan.id)) == 1
