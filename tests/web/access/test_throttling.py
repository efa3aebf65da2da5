"""How often somebody may try."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from domain.users import User
from tests.conftest import API_TOKEN, settings_for
from tests.lua_servers import Monitor
from tests.servers import Valkey
from tests.web.access.conftest import PASSWORD, LogIn, is_in
from tests.web.signed_in import Visitor, csrf_token
from web.access.throttling import limits_url

pytestmark = pytest.mark.usefixtures("susan")


def test_after_five_wrong_passwords_not_even_the_right_one_leads_in_and_the_page_says_when(
    client: FlaskClient, log_in: LogIn
) -> None:
    assert [log_in(password="wrong horse battery").status_code for _ in range(5)] == [401] * 5
    answer = log_in("SUSAN@example.com ")
    assert answer.status_code == 429 and not is_in(client)
    assert "Try again in 5 minutes." in answer.text and 1 <= int(answer.headers["Retry-After"]) <= 300


def test_the_tries_of_one_address_do_not_lock_others_out(log_in: LogIn) -> None:
    for _ in range(6):
        log_in("petar@example.com")
    assert log_in().status_code == 303


def test_an_address_that_nobody_has_is_throttled_like_any_other(log_in: LogIn) -> None:
    assert [log_in("nobody@example.com").status_code for _ in range(6)] == [401] * 5 + [429]


def test_a_log_in_makes_the_earlier_tries_forgotten(log_in: LogIn) -> None:
    for _ in range(2):
        assert [log_in(password="wrong horse battery").status_code for _ in range(4)] == [401] * 4
        assert log_in().status_code == 303


@pytest.mark.parametrize(
    ("headers", "is_counted_apart"),
    [
        ({"X-Forwarded-For": "203.0.113.{}"}, True),  # as a proxy in our network says
        ({"X-Forwarded-For": "203.0.113.{}, 198.51.100.7"}, False),  # the part that the visitor wrote is not believed
        ({"X-Forwarded-For": "2001:db8:1:2:{}::1"}, False),  # one subscriber has all of these
        ({"X-Forwarded-For": "2001:db8:1:{}::1"}, True),
        ({}, False),
    ],
)
def test_an_internet_address_may_try_twenty_times_a_minute(
    client: FlaskClient, headers: dict[str, str], is_counted_apart: bool
) -> None:
    token = csrf_token(client, "/login")
    statuses = []
    for number in range(21):
        form = {"email": f"nobody{number}@example.com", "password": "", "csrf_token": token}
        said = {name: value.format(number) for name, value in headers.items()}
        statuses.append(client.post("/login", data=form, headers=said).status_code)
    assert statuses == [400] * 20 + [400 if is_counted_apart else 429]


def test_who_speaks_to_us_directly_from_afar_cannot_pretend_to_be_many(client: FlaskClient) -> None:
    statuses = [
        client.get(
            "/link?token=x.y",
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
            environ_base={"REMOTE_ADDR": "8.8.8.8"},
        ).status_code
        for number in range(31)
    ]
    assert statuses == [404] * 30 + [429]


def test_guessing_links_is_throttled(client: FlaskClient) -> None:
    assert [client.get("/link?token=x.y").status_code for _ in range(31)] == [404] * 30 + [429]


def test_guessing_the_old_password_of_who_is_logged_in_is_throttled(olga: Visitor) -> None:
    form = {"current": "a guess", "password": "long enough now", "repeated": "long enough now"}
    assert [olga.post("/account/password", form).status_code for _ in range(6)] == [400] * 5 + [429]


def test_without_redis_nobody_is_let_try_and_it_says_so(susan: User) -> None:
    away = create_app(settings_for("unix:///nowhere/at/all"))
    away.config["WTF_CSRF_ENABLED"] = False
    for path, form in (("/login", {"email": susan.email, "password": PASSWORD}), ("/link?token=x.y", {})):
        answer = away.test_client().post(path, data=form)
        assert answer.status_code == 503 and "try again" in answer.text


def test_neither_a_webhook_nor_the_api_nor_a_page_asks_how_often(app: Flask, valkey: Valkey, olga: Visitor) -> None:
    client = app.test_client()
    monitor = Monitor(valkey)
    client.post("/webhooks/facebook", data=b"{}")
    client.get("/api/v1/contacts", headers={"Authorization": f"Bearer {API_TOKEN}"})
    olga.get("/account")
    assert not [ran for ran in monitor.scripts() if "markdone-limits" in str(ran.keys)]
    assert not list(valkey.client().scan_iter("*limits*"))
    client.get("/link?token=x.y")
    assert list(valkey.client().scan_iter("*limits*")), "this is what their keys look like"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("unix:///run/s", "redis+unix:///run/s"),
        ("redis://h:1/0", "redis://h:1/0"),
        ("rediss://h:1/0", "rediss://h:1/0"),
    ],
)
def test_every_form_of_redis_url_is_understood(url: str, said: str) -> None:
    assert limits_url(url) == said
