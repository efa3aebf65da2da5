"""Who may see which page, and what stands before all of them."""

import re
from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app import create_app
from domain.errors import Conflict, StoreError
from domain.users import Role
from store import Store
from tests.conftest import API_TOKEN, settings_for
from tests.servers import Valkey
from tests.web.signed_in import Visitor, csrf_token, sign_in
from web.access import current_user, guard, needs
from web.machines import KEY as MACHINES

#: What anybody may ask for. Everything else needs somebody who is logged in, or the API's token.
PUBLIC = {
    *("access.login", "access.log_in", "access.link", "access.use_link", "access.log_out"),  # the doors themselves
    *("webhooks.receive_facebook", "webhooks.verify_facebook", "webhooks.receive_viber"),  # signed by the platforms
    *("fulfillment.fulfill",),  # has a token of its own
    *("health.live", "health.ready"),
    *("api.describe", "api.show_documents"),
    *("assets.static",),
    *("data_deletion.show",),  # Meta's rule: contacts read it, who have no account here
    *("files.fetch",),  # the platforms fetch what users sent; the address cannot be guessed
}
CROSS_SITE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


def path_of(rule: Rule) -> str:
    """Return an address that the rule takes."""
    return re.sub(r"<(?:[^:>]+:)?\w+>", "x1", str(rule))


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield endpoint, method and address of everything that is served."""
    for rule in (rule for one in (app, app.extensions[MACHINES]) for rule in one.url_map.iter_rules()):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, path_of(rule)


def test_every_page_is_for_who_is_logged_in_but_those_that_are_named_here(app: Flask) -> None:
    open_to_all = set()
    for endpoint, method, path in routes(app):
        if endpoint in PUBLIC:
            continue
        client = app.test_client()
        form = {"csrf_token": csrf_token(client)} if method != "GET" else {}
        answer = client.open(path, method=method, data=form)
        leads_to_login = answer.status_code in (302, 303) and (answer.location or "").startswith("/login")
        if not leads_to_login and answer.status_code != 401:
            open_to_all.add(f"{endpoint}: {method} {path} {answer.status_code}")
    assert open_to_all == set()


def test_what_is_named_public_exists(app: Flask) -> None:
    assert {endpoint for endpoint, *_ in routes(app)} >= PUBLIC


def test_a_form_without_its_token_changes_nothing_wherever_it_goes(app: Flask, olga: Visitor, store: Store) -> None:
    unprotected = set()
    before = store.audit(100)
    for endpoint, method, path in routes(app):
        if method == "GET" or endpoint.split(".")[0] in ("webhooks", "fulfillment", "api"):
            continue
        for form in ({}, {"csrf_token": "made up"}):
            if (status := olga.client.open(path, method=method, data=form).status_code) != 400:
                unprotected.add(f"{endpoint}: {method} {path} {status}")
    assert unprotected == set() and store.audit(100) == before


def test_a_token_of_one_session_is_worth_nothing_in_another(app: Flask, store: Store, olga: Visitor) -> None:
    eve = sign_in(app, store, name="Eve")
    form = {"name": "Eve was here", "csrf_token": csrf_token(eve.client)}
    assert olga.client.post("/account/name", data=form).status_code == 400
    assert "reload it" in olga.client.post("/account/name", data=form).text.lower()


def test_htmx_sends_the_token_in_a_header(olga: Visitor) -> None:
    headers = {"X-CSRFToken": csrf_token(olga.client), "HX-Request": "true"}
    assert olga.client.post("/account/available", data={"available": "no"}, headers=headers).status_code == 303


def test_the_api_takes_its_token_and_no_cookie(olga: Visitor) -> None:
    assert olga.get("/api/v1/contacts").status_code == 401
    assert olga.get("/api/v1/contacts", headers={"Authorization": f"Bearer {API_TOKEN}"}).status_code == 200


# -- Roles

ONLY_FOR_OWNERS = ("/settings/users", "/settings/users/x1", "/settings/audit")


@pytest.mark.parametrize("role", [Role.AGENT, Role.MANAGER])
@pytest.mark.parametrize("path", ONLY_FOR_OWNERS)
def test_users_and_audit_are_for_owners(app: Flask, store: Store, role: Role, path: str) -> None:
    answer = sign_in(app, store, role).get(path)
    assert answer.status_code == 403 and "for the role owner" in answer.text


@pytest.mark.parametrize("action", ["", "/{}/role", "/{}/link", "/{}/deactivate", "/{}/activate", "/{}/sessions/end"])
def test_nobody_else_can_change_users(app: Flask, store: Store, olga: Visitor, action: str) -> None:
    eve = sign_in(app, store, Role.MANAGER, name="Eve")
    before = (store.users(), store.sessions(olga.user.id), len(store.audit(100)))
    for target in (olga.user.id, eve.user.id):
        form = {"role": "owner", "email": "new@example.com"}
        assert eve.post(f"/settings/users{action.format(target)}", form).status_code == 403
    assert (store.users(), store.sessions(olga.user.id), len(store.audit(100))) == before


def test_a_role_holds_from_the_next_request_on(app: Flask, store: Store, olga: Visitor) -> None:
    anna = sign_in(app, store, Role.OWNER, name="Anna")
    assert anna.get("/settings/users").status_code == 200
    olga.post(f"/settings/users/{anna.user.id}/role", {"role": "agent"})
    assert anna.get("/settings/users").status_code == 403


def app_with(valkey: Valkey, *views: Blueprint) -> Flask:
    app = create_app(settings_for(valkey.url))
    for view in views:
        app.register_blueprint(view)
    return app


@pytest.mark.parametrize(
    ("role", "statuses"),
    [(Role.AGENT, (200, 403, 403)), (Role.MANAGER, (200, 200, 403)), (Role.OWNER, (200, 200, 200))],
)
def test_a_blueprint_asks_for_a_role_and_a_single_view_for_more(
    valkey: Valkey, store: Store, role: Role, statuses: tuple[int, ...]
) -> None:
    open_room, owners_room = Blueprint("room", __name__), Blueprint("owners", __name__)
    guard(open_room)
    guard(owners_room, Role.OWNER)

    @open_room.get("/room")
    def show() -> str:
        return current_user().name

    @open_room.get("/room/settings")
    @needs(Role.MANAGER)
    def change() -> str:
        return "changed"

    @owners_room.get("/owners")
    def own() -> str:
        return "owned"

    app = app_with(valkey, open_room, owners_room)
    visitor = sign_in(app, store, role)
    paths = ("/room", "/room/settings", "/owners")
    assert tuple(visitor.get(path).status_code for path in paths) == statuses
    assert visitor.get("/room").text == "Alice"


# -- Without a session


def test_who_is_not_logged_in_is_led_to_the_log_in_and_back(client: FlaskClient) -> None:
    assert client.get("/account").location == "/login?next=/account"
    assert client.get("/settings/audit?page=2").location == "/login?next=/settings/audit%3Fpage%3D2"
    answer = client.post("/account/name", data={"csrf_token": csrf_token(client)})
    assert (answer.status_code, answer.location) == (303, "/login")


def test_htmx_is_told_to_load_the_log_in_as_a_page(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/settings/users?x=1"}
    answer = client.get("/account", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/settings/users%3Fx%3D1"


def test_whatever_htmx_says_of_the_page_that_it_is_on_there_is_a_log_in(client: FlaskClient) -> None:
    for said in ("http://[bad", "", "x", "\xff"):
        answer = client.get("/account", headers={"HX-Request": "true", "HX-Current-URL": said})
        assert answer.status_code == 401 and answer.headers["HX-Redirect"].startswith("/login")


def test_a_stream_of_events_ends_where_nobody_is_logged_in(client: FlaskClient) -> None:
    assert client.get("/account", headers={"Accept": "text/event-stream"}).status_code == 401


def test_a_link_on_another_site_leads_on_by_a_page_of_ours_so_that_the_strict_cookie_comes_along(
    client: FlaskClient, olga: Visitor
) -> None:
    arrival = client.get("/account?x=%3Cb%3E", headers=CROSS_SITE)
    assert arrival.status_code == 200 and "Set-Cookie" not in arrival.headers
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', arrival.text)
    assert found and found[1] == "/login?next=/account%3Fx%3D%253Cb%253E"
    # From here on the browser sends the cookie.
    assert olga.get(found[1]).location == "/account?x=%3Cb%3E"


@pytest.mark.parametrize("path", ["/login", "/link?token=x.y"])
def test_a_link_on_another_site_to_a_door_does_not_replace_the_cookie_that_was_held_back(
    client: FlaskClient, path: str
) -> None:
    arrival = client.get(path, headers=CROSS_SITE)
    assert arrival.status_code == 200 and "Set-Cookie" not in arrival.headers
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', arrival.text)
    assert found
    again = client.get(found[1].replace("&amp;", "&"), headers=CROSS_SITE)
    assert "http-equiv" not in again.text, "a browser that says so for ever is not led in circles"


def test_without_the_store_a_page_says_so_and_lets_nobody_in(valkey: Valkey, store: Store) -> None:
    visitor = sign_in(create_app(settings_for(valkey.url)), store)
    cookie = visitor.client.get_cookie("markdone")
    away = create_app(settings_for("unix:///nowhere/at/all")).test_client()
    assert cookie
    away.set_cookie("markdone", cookie.value)
    answer = away.get("/account")
    assert answer.status_code == 503 and "database does not answer" in answer.text


# -- Headers and errors

CSP = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)


@pytest.mark.parametrize("path", ["/login", "/nowhere", "/account", "/settings/users"])
def test_every_page_says_what_a_browser_may_do_with_it(olga: Visitor, client: FlaskClient, path: str) -> None:
    for browser in (olga.client, client):
        headers = browser.get(path).headers
        assert headers["Content-Security-Policy"] == CSP
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin" and "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers


def test_what_somebody_sees_who_is_logged_in_is_not_kept_by_the_browser(olga: Visitor) -> None:
    for path in ("/account", "/settings/users", "/nowhere"):
        assert olga.get(path).headers["Cache-Control"] == "no-store"


def test_no_page_has_a_script_or_a_style_inside(olga: Visitor, client: FlaskClient) -> None:
    for browser, path in [(olga.client, path) for path in ("/account", "/settings/users", "/settings/audit")] + [
        (client, "/login")
    ]:
        page = browser.get(path).text
        assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|javascript:", page), path


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (Conflict("#7 is closed; #8 is open now."), 409, "#7 is closed; #8 is open now."),
        (StoreError("Redis at 10.0.0.1 is away"), 503, "database does not answer"),
        (ZeroDivisionError("secret detail"), 500, "Something went wrong"),
    ],
)
def test_what_goes_wrong_is_a_page_or_for_htmx_a_notice(
    valkey: Valkey, store: Store, error: Exception, status: int, text: str
) -> None:
    room = Blueprint("room", __name__)
    guard(room)

    @room.get("/room")
    def fail() -> str:
        raise error

    visitor = sign_in(app_with(valkey, room), store)
    page, fragment = visitor.get("/room"), visitor.get("/room", headers={"HX-Request": "true"})
    assert page.status_code == fragment.status_code == status
    assert text in page.text and "<html" in page.text
    assert text in fragment.text and "<html" not in fragment.text
    assert "10.0.0.1" not in page.text and "secret" not in page.text
