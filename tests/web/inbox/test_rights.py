"""Nobody sees or does in the inbox what is not theirs to see or to do."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from store import Store
from tests.people import SUSAN, SUSAN_ID
from tests.web.inbox.plays import FRAGMENT, arrive, give, kinds, name
from tests.web.signed_in import Visitor, csrf_token

PAGES = (*("", "/lines", "/news", "/search?q=hello", "/assignees", "/suggestions"),)
DEEDS = {
    "messages": {"text": "hi", "operation": "x"},
    "typing": {},
    "open": {},
    "close": {"number": "1"},
    "assignee": {"number": "1", "assignee": ""},
    "bot": {"on": "0"},
    "block": {"blocked": "1"},
    "retry": {"entry": "0"},
    "tags": {"add": "vip"},
    "profile": {"name": "Other"},
    "run": {"automation": "a1"},
}


def test_every_address_of_the_inbox_is_among_those_that_are_tested_here(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("inbox.")]
    beside = {"/", "/inbox/list", "/inbox/bulk"}
    of_contact = {str(rule).removeprefix("/conversations/<contact>") for rule in rules if str(rule) not in beside}
    assert of_contact == {path.partition("?")[0] for path in PAGES} | {f"/{deed}" for deed in DEEDS}


@pytest.mark.parametrize("path", ["/", "/inbox/list", *(f"/conversations/{SUSAN_ID}{path}" for path in PAGES)])
def test_whoever_is_not_logged_in_is_led_to_the_log_in(client: FlaskClient, store: Store, path: str) -> None:
    arrive(store, SUSAN)
    page = client.get(path)
    assert page.status_code == 302 and page.headers["Location"].startswith("/login")
    part = client.get(path, headers=FRAGMENT)
    assert part.status_code == 401 and part.text == "" and part.headers["HX-Redirect"].startswith("/login")


@pytest.mark.parametrize("deed", DEEDS)
def test_whoever_is_not_logged_in_does_nothing(client: FlaskClient, store: Store, deed: str) -> None:
    arrive(store, SUSAN)
    before = kinds(store)
    form = {**DEEDS[deed], "csrf_token": csrf_token(client, "/login")}
    assert client.post(f"/conversations/{SUSAN_ID}/{deed}", data=form, headers=FRAGMENT).status_code == 401
    assert kinds(store) == before


@pytest.mark.parametrize("path", PAGES)
def test_a_restricted_agent_sees_nothing_of_what_somebody_else_has(
    alice: Visitor, charlie: Visitor, store: Store, path: str
) -> None:
    arrive(store, SUSAN, "a secret")
    name(store, SUSAN_ID, "Susan Secret")
    assert charlie.get(f"/conversations/{SUSAN_ID}{path}").status_code == 200
    give(store, SUSAN_ID, alice.user)
    page = charlie.get(f"/conversations/{SUSAN_ID}{path}")
    assert page.status_code == 404
    assert "secret" not in page.text.lower()


@pytest.mark.parametrize("deed", DEEDS)
def test_a_restricted_agent_does_nothing_to_what_somebody_else_has(
    alice: Visitor, charlie: Visitor, store: Store, deed: str
) -> None:
    arrive(store, SUSAN)
    give(store, SUSAN_ID, alice.user)
    before = kinds(store)
    assert charlie.post(f"/conversations/{SUSAN_ID}/{deed}", DEEDS[deed], headers=FRAGMENT).status_code == 404
    assert kinds(store) == before


@pytest.mark.parametrize("deed", DEEDS)
def test_a_form_without_its_token_does_nothing(alice: Visitor, store: Store, deed: str) -> None:
    arrive(store, SUSAN)
    before = kinds(store)
    answer = alice.client.post(f"/conversations/{SUSAN_ID}/{deed}", data=DEEDS[deed], headers=FRAGMENT)
    assert answer.status_code == 400
    assert kinds(store) == before


def test_several_at_once_without_a_token_does_nothing(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    form = {"do": "close", "picked": f"{SUSAN_ID}-1.9"}
    assert alice.client.post("/inbox/bulk", data=form).status_code == 400
    assert store.snapshot(SUSAN_ID).open


def test_a_page_runs_no_script_but_its_own_files(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    page = alice.get(f"/conversations/{SUSAN_ID}")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.text.count("<script ") == page.text.count("<script src=")
    for inline in ("<script>", " style=", "<style", " onclick=", " onload=", " hx-on", "javascript:"):
        assert inline not in page.text
