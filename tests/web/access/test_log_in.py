"""Logging in and out, and the cookie that it leaves."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from domain.users import Role, User
from store import Store
from tests.conftest import StoppedClock, settings_for
from tests.servers import Valkey
from tests.web.access.conftest import PASSWORD, LogIn, is_in
from tests.web.signed_in import Visitor, csrf_token, sign_in
from web.access.passwords import PLACES, is_outdated

pytestmark = pytest.mark.usefixtures("susan")


#: What leads a browser away, or would after one decoding more.
ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/account\r\nX: y",
    "/account?x\r\nX: y",
    "https://evil.example",
    "https:evil.example",
    "https:/account",
    "javascript:alert(1)",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "/%5cevil.example",
    "/%255cevil.example",
)


def cookie_of(client: FlaskClient, name: str = "markdone") -> str:
    found = client.get_cookie(name)
    return found.value if found else ""


def test_the_right_password_leads_in_and_the_address_may_be_written_in_any_case(
    client: FlaskClient, log_in: LogIn
) -> None:
    assert not is_in(client)
    answer = log_in("SUSAN@example.com")
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(client)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("susan@example.com", "wrong horse battery"),
        ("susan@example.com", PASSWORD.upper()),
        ("nobody@example.com", PASSWORD),
        ("invited@example.com", ""),
        ("invited@example.com", PASSWORD),
        ("invited@example.com", "of nobody"),  # what stands in for the password of those who have none
        ("gone@example.com", PASSWORD),
    ],
)
def test_nobody_else_gets_in_and_all_are_told_the_same(
    client: FlaskClient, store: Store, hashed: str, log_in: LogIn, email: str, password: str
) -> None:
    store.add_user("invited@example.com", Role.OWNER)
    _, token = store.add_user("gone@example.com", Role.AGENT)
    gone = store.use_link(store.find_link(token), name="Gone", password_hash=hashed)
    store.change_user(gone.id, lambda user: replace(user, is_active=False))
    answer = log_in(email, password)
    assert answer.status_code == (401 if password else 400) and not is_in(client)
    assert ("Email or password is wrong" in answer.text) == bool(password)
    assert not password or password not in answer.text


def test_an_unknown_address_costs_a_hash_too(log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = PasswordHasher.verify

    def count(self: PasswordHasher, hash: str | bytes, password: str | bytes) -> Any:
        checked.append(str(hash))
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", count)
    log_in("nobody@example.com")
    log_in("susan@example.com", "wrong horse battery")
    costs = [stored.split("$")[2:4] for stored in checked]
    assert len(costs) == 2 and costs[0] == costs[1], "both with the same costs"


def test_who_comes_while_enough_log_in_is_asked_to_come_again_and_does_not_wait(
    app: Flask, client: FlaskClient, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    verify = PasswordHasher.verify

    def pause(self: PasswordHasher, hash: str | bytes, password: str | bytes) -> Any:
        assert go_on.wait(30), "those who come later wait for those who came before"
        return verify(self, hash, password)

    def come(number: int) -> TestResponse:
        answer = log_in(f"nobody{number}@example.com", browser=app.test_client())
        if answer.status_code == 503:
            refused.append(answer)
        if len(refused) == 3:
            go_on.set()
        return answer

    monkeypatch.setattr(PasswordHasher, "verify", pause)
    refused: list[TestResponse] = []
    with ThreadPoolExecutor(PLACES + 3) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(come, range(PLACES + 3)))
    assert statuses == [401] * PLACES + [503] * 3
    assert "Many people are logging in" in refused[0].text and int(refused[0].headers["Retry-After"]) > 0


def test_a_log_in_never_goes_on_with_the_session_that_was_there_before(
    app: Flask, store: Store, client: FlaskClient, log_in: LogIn, susan: User
) -> None:
    eve = sign_in(app, store, name="Eve")
    planted = cookie_of(eve.client)
    client.set_cookie("markdone", planted)
    token_before = csrf_token(client)
    log_in(path="/login")
    with client.session_transaction() as session:
        assert session["user"] == susan.id and set(session) <= {"user", "token", "csrf_token", "_permanent", "_flashes"}
    assert cookie_of(client) != planted and not is_in(eve.client), "Eve's session has ended with it"
    assert client.post("/account/name", data={"name": "Eve", "csrf_token": token_before}).status_code == 400


def test_each_log_in_has_a_session_of_its_own(app: Flask, store: Store, log_in: LogIn, susan: User) -> None:
    first, second = app.test_client(), app.test_client()
    log_in(browser=first)
    log_in(browser=second)
    assert len(store.sessions(susan.id)) == 2 and cookie_of(first) != cookie_of(second)
    first.post("/logout", data={"csrf_token": csrf_token(first)})
    assert not is_in(first) and is_in(second)


def test_logging_out_ends_the_session_also_for_whoever_copied_the_cookie(
    app: Flask, client: FlaskClient, log_in: LogIn
) -> None:
    log_in()
    thief = app.test_client()
    thief.set_cookie("markdone", cookie_of(client))
    assert is_in(thief)
    answer = client.post("/logout", data={"csrf_token": csrf_token(client)})
    assert answer.location == "/login" and not is_in(client) and not is_in(thief)


def test_logging_out_takes_a_form_and_no_link(client: FlaskClient, log_in: LogIn) -> None:
    log_in()
    assert client.get("/logout").status_code == 405 and is_in(client)
    assert client.post("/logout").status_code == 400 and is_in(client)


def test_over_plain_http_the_cookie_is_out_of_reach_for_scripts_and_other_sites(log_in: LogIn) -> None:
    [cookie] = log_in().headers.getlist("Set-Cookie")
    assert cookie.startswith("markdone=") and "HttpOnly; Path=/; SameSite=Strict" in cookie
    assert "Domain" not in cookie and "Secure" not in cookie


@pytest.mark.parametrize("headers", [{"X-Forwarded-Proto": "https"}, {"X-Forwarded-Proto": "http, https"}])
def test_over_https_it_is_secure_as_well_and_no_other_host_can_set_it(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    page = client.get("/login", headers=headers)
    [cookie] = page.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-markdone=") and "Secure; HttpOnly; Path=/; SameSite=Strict" in cookie
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_public_https_address_makes_it_secure_but_not_on_this_machine_itself(valkey: Valkey) -> None:
    app = create_app(settings_for(valkey.url, public_url="https://desk.example.com"))
    for host, name in (("desk.example.com", "__Host-markdone="), ("127.0.0.1:8000", "markdone=")):
        page = app.test_client().get("/login", headers={"Host": host})
        assert page.headers["Set-Cookie"].startswith(name) and ("Secure" in page.headers["Set-Cookie"]) == (
            name != "markdone="
        )


def test_a_new_secret_key_lets_those_in_who_logged_in_under_the_old_one(valkey: Valkey, store: Store) -> None:
    old, new = "the-old-secret-key", "the-new-secret-key"
    before = create_app(settings_for(valkey.url, secret_keys=(old,)))
    visitor = sign_in(before, store)
    for keys, is_believed in (((new, old), True), ((new,), False)):
        browser = create_app(settings_for(valkey.url, secret_keys=keys)).test_client()
        browser.set_cookie("markdone", cookie_of(visitor.client))
        assert is_in(browser) == is_believed


def test_a_cookie_that_was_changed_is_none(client: FlaskClient, log_in: LogIn) -> None:
    log_in()
    value = cookie_of(client)
    client.set_cookie("markdone", ("a" if value[3] != "a" else "b") + value[1:])
    assert not is_in(client)


def test_a_password_is_hashed_anew_at_log_in_when_the_costs_have_changed(store: Store, log_in: LogIn) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    _, token = store.add_user("petar@example.com", Role.AGENT)
    petar = store.use_link(store.find_link(token), name="Petar", password_hash=cheap)
    assert log_in("petar@example.com").status_code == 303
    fresh = store.password_hash(petar.id)
    assert fresh != cheap and is_outdated(cheap) and not is_outdated(fresh)
    assert log_in("petar@example.com").status_code == 303 and store.password_hash(petar.id) == fresh


def test_after_fourteen_days_without_use_somebody_logs_in_again(
    app: Flask, store: Store, clock: StoppedClock, log_in: LogIn, client: FlaskClient
) -> None:
    app.extensions["markdone"].store.now_ms = clock
    log_in()
    clock.pass_s(14 * 86_400)
    assert not is_in(client)


def test_whoever_is_in_already_is_led_on(olga: Visitor) -> None:
    assert olga.get("/login").location == "/"
    assert olga.get("/login?next=/account").location == "/account"


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/account", "/account"),
        ("/account?x=1%2F2&y=//", "/account?x=1%2F2&y=//"),
        ("/nowhere", "/"),
        ("/login?next=/account", "/"),
        ("/logout", "/"),
        ("account", "/"),
        ("", "/"),
        ("/account@evil.example", "/"),
        ("/account?" + "x" * 3000, "/"),
    ],
)
def test_after_the_log_in_one_is_led_to_a_page_of_ours_only(olga: Visitor, wanted: str, led_to: str) -> None:
    assert olga.get("/login", query_string={"next": wanted}).location == led_to


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_led_elsewhere_even_if_we_had_a_page_for_every_address(app: Flask, store: Store, wanted: str) -> None:
    app.add_url_rule("/<path:anything>", "all", lambda anything: anything)
    visitor = sign_in(app, store)
    assert visitor.get("/login?next=/what/ever").location == "/what/ever"
    assert visitor.get("/login", query_string={"next": wanted}).location == "/"


def test_the_form_keeps_where_one_wanted_to_go(client: FlaskClient, log_in: LogIn) -> None:
    assert client.get("/settings/users").location == "/login?next=/settings/users"
    assert log_in(path="/login?next=/account").location == "/account"


def test_the_audit_tells_who_logged_out_and_nothing_of_who_was_out_already(
    client: FlaskClient, store: Store, susan: User, log_in: LogIn
) -> None:
    log_in()
    for _ in range(2):
        client.post("/logout", data={"csrf_token": csrf_token(client)})
    out, *before = store.audit(10)
    assert (out["what"], out["by"]) == ("user.logged_out", susan.card) and out["device"]
    assert "user.logged_out" not in [line["what"] for line in before]


def test_a_log_in_in_place_of_another_is_no_log_out(
    client: FlaskClient, store: Store, log_in: LogIn, susan: User
) -> None:
    for _ in range(2):
        log_in()
    assert "user.logged_out" not in [line["what"] for line in store.audit(10)]


def test_a_password_costs_whoever_guesses_it_as_much_as_is_recommended(real_hasher: PasswordHasher) -> None:
    # RFC 9106, the second recommendation, in one thread.
    assert real_hasher.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=1$")
