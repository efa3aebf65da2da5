"""Every address of the platform as those who may not use it: nothing is shown, nothing changes.

The addresses stand in routes.py; one that is missing there fails the first test. What is special about the log-in (its
limits, sessions of before, addresses of other sites in `next`) is in access/.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.users import Role
from store import Store
from tests.conftest import API_TOKEN
from tests.servers import Valkey
from tests.web.routes import ROUTES, Door, Route, filled, served
from tests.web.signed_in import Visitor, csrf_token, sign_in
from tests.web.world import SECRETS, make_world
from web.machines import MACHINES

World = dict[str, str]
FORMS = {endpoint: route for endpoint, route in ROUTES.items() if route.method == "POST"}
GUARDED = {endpoint: route for endpoint, route in ROUTES.items() if isinstance(route.needs, Role)}
#: What changes with every request of somebody who is logged in, with every try to log in, and with the first report.
FOOTPRINTS = ("sessions:", "users:last_seen", "markdone-limits", "LIMITS", "sums")
#: Looking at something notes that it was seen.
LOOKS = ("seen_by:", "notices:")


@pytest.fixture
def world(store: Store) -> World:
    return make_world(store)


@pytest.fixture
def owner(app: Flask, store: Store, world: World) -> Visitor:
    return sign_in(app, store, Role.OWNER, name="Olga")


@pytest.fixture
def restricted(app: Flask, store: Store, world: World) -> Visitor:
    """An agent who sees only their own conversations and those that nobody has."""
    return sign_in(app, store, name="Charlie", is_restricted=True)


def test_every_address_that_is_served_is_called_in_these_tests(app: Flask) -> None:
    assert served(app) == {endpoint: {route.method} for endpoint, route in ROUTES.items()}


def test_each_call_is_a_good_one_when_an_owner_makes_it_and_looking_changes_nothing(
    owner: Visitor, world: World, valkey: Valkey
) -> None:
    """Otherwise a refusal of the same call in the tests below would say nothing."""
    token, wrong = csrf_token(owner.client), []
    for endpoint, route in sorted(GUARDED.items(), key=lambda item: item[1].method):
        before = everything(valkey) if route.method == "GET" else {}
        answer = send(owner.client, route, world, token=token)
        expected = (400,) if endpoint == "account.change_password" else (200, 204, 302, 303)  # its password is wrong
        changed = differences(before, everything(valkey), LOOKS) if before else []
        if answer.status_code not in expected or changed:
            wrong.append(f"{endpoint}: {answer.status_code} {changed}")
    assert wrong == []


def test_who_is_not_logged_in_is_shown_nothing_and_changes_nothing(app: Flask, world: World, valkey: Valkey) -> None:
    before = everything(valkey)
    client = app.test_client()
    token = csrf_token(client)
    wrong = []
    for endpoint, route in GUARDED.items():
        answer = send(client, route, world, token=token)
        leads_to_login = answer.status_code in (302, 303) and (answer.location or "").startswith("/login")
        if not (leads_to_login or answer.status_code == 401) or told(answer):
            wrong.append(f"{endpoint}: {answer.status_code} {told(answer)}")
    assert wrong == [] and differences(before, everything(valkey)) == []


@pytest.mark.parametrize("role", [Role.AGENT, Role.MANAGER])
def test_what_is_for_a_higher_role_is_refused_and_changes_nothing(
    app: Flask, store: Store, world: World, valkey: Valkey, role: Role
) -> None:
    visitor = sign_in(app, store, role, name="Eve")
    before, token = everything(valkey), csrf_token(visitor.client)
    above = {endpoint: route for endpoint, route in GUARDED.items() if not role.includes(needed(route))}
    statuses = {
        endpoint: send(visitor.client, route, world, token=token).status_code for endpoint, route in above.items()
    }
    assert len(above) > 8 and {endpoint: got for endpoint, got in statuses.items() if got != 403} == {}
    assert differences(before, everything(valkey)) == []


def test_a_restricted_agent_finds_nobody_where_somebody_elses_contact_is(
    restricted: Visitor, world: World, valkey: Valkey
) -> None:
    before, token = everything(valkey), csrf_token(restricted.client)
    of_susan = {endpoint: route for endpoint, route in GUARDED.items() if "/{susan}" in route.path}
    for_agents = {endpoint: route for endpoint, route in of_susan.items() if needed(route) is Role.AGENT}
    wrong = []
    for endpoint, route in for_agents.items():
        answer = send(restricted.client, route, world, token=token)
        unknown = send(restricted.client, route, {**world, "susan": "a" * 24}, token=token)
        is_same = all("There is no such contact, or somebody else" in one.text for one in (answer, unknown))
        if (answer.status_code, unknown.status_code) != (404, 404) or told(answer) or not is_same:
            wrong.append(f"{endpoint}: {answer.status_code} {unknown.status_code} {told(answer)}")
    assert len(for_agents) > 15 and wrong == []
    assert differences(before, everything(valkey)) == []


def test_a_restricted_agent_meets_somebody_elses_contact_on_no_other_page(restricted: Visitor, world: World) -> None:
    token = csrf_token(restricted.client)
    found = {}
    for endpoint, route in GUARDED.items():
        if "/{susan}" in route.path or needed(route) is not Role.AGENT or endpoint == "live.stream":
            continue
        answer = send(restricted.client, route, world, token=token)
        if words := told(answer):
            found[endpoint] = words
    for text in ("susan", "secret", world["susan"], "+359888123456", "secret-tag"):
        for path in ("/", "/contacts", "/inbox/list"):
            answer = restricted.get(path, query_string={"q": text})
            assert answer.status_code == 200
            if words := told(answer):
                found[f"{path}?q={text}"] = words
    # Tags are everybody's; nothing says who has them.
    assert {endpoint: words - {"secret"} for endpoint, words in found.items() if words - {"secret"}} == {}


def test_a_restricted_agent_cannot_close_assign_or_tag_somebody_elses_in_bulk(
    restricted: Visitor, world: World, valkey: Valkey
) -> None:
    before = everything(valkey)
    for deed in ({"do": "close"}, {"do": "assign", "assignee": "me"}, {"do": "tag", "tag": "mine"}):
        answer = restricted.post(
            "/inbox/bulk", {"picked": f"{world['susan']}-1.99", **deed}, headers={"HX-Request": "1"}
        )
        assert "0 of 1" in answer.text and "Susan" not in answer.text
    assert differences(before, everything(valkey)) == []


@pytest.mark.parametrize("kind", ["none", "made up", "of another session"])
def test_a_form_without_its_own_token_changes_nothing_even_for_an_owner(
    app: Flask, store: Store, owner: Visitor, world: World, valkey: Valkey, kind: str
) -> None:
    other = sign_in(app, store, Role.OWNER, name="Eve")
    token = {"none": "", "made up": "x", "of another session": csrf_token(other.client)}[kind]
    before = everything(valkey)
    statuses = {
        endpoint: send(owner.client, route, world, token=token).status_code
        for endpoint, route in FORMS.items()
        if isinstance(route.needs, Role) or endpoint.startswith("access.")
    }
    assert len(statuses) > 40 and {endpoint: got for endpoint, got in statuses.items() if got != 400} == {}
    assert differences(before, everything(valkey)) == []


@pytest.mark.parametrize("shown", ["", "Bearer wrong", f"Basic {API_TOKEN}", "cookie"])
def test_the_api_answers_nobody_without_its_token(
    app: Flask, owner: Visitor, world: World, valkey: Valkey, shown: str
) -> None:
    client = owner.client if shown == "cookie" else app.test_client()
    headers = {"Authorization": shown} if shown not in ("", "cookie") else {}
    calls = {endpoint: route for endpoint, route in ROUTES.items() if route.needs is Door.API_TOKEN}
    before = everything(valkey)
    answers = {endpoint: send(client, route, world, headers=headers) for endpoint, route in calls.items()}
    wrong = {endpoint: answer.status_code for endpoint, answer in answers.items() if answer.status_code != 401}
    assert len(calls) > 15 and wrong == {} and not any(told(answer) for answer in answers.values())
    assert differences(before, everything(valkey)) == []


def test_each_of_these_calls_is_a_good_one_with_the_token(client: FlaskClient, world: World) -> None:
    headers = {"Authorization": f"Bearer {API_TOKEN}"}
    calls = {endpoint: route for endpoint, route in ROUTES.items() if route.needs is Door.API_TOKEN}
    statuses = {endpoint: send(client, route, world, headers=headers).status_code for endpoint, route in calls.items()}
    assert {endpoint: got for endpoint, got in statuses.items() if got >= 300} == {}


def test_who_shows_no_signature_changes_nothing(app: Flask, world: World, valkey: Valkey) -> None:
    before = everything(valkey)
    doors = {name: route for name, route in ROUTES.items() if route.needs in (Door.SIGNATURE, Door.FULFILLMENT_TOKEN)}
    statuses = {name: send(app.test_client(), route, world).status_code for name, route in doors.items()}
    assert len(doors) == 4 and all(status in (401, 403) for status in statuses.values()), statuses
    assert differences(before, everything(valkey), ("bot_log",)) == []


def test_every_page_tells_the_browser_what_it_may_do_and_keeps_nothing(
    app: Flask, owner: Visitor, world: World
) -> None:
    token, wrong = csrf_token(owner.client), {}
    for endpoint, route in ROUTES.items():
        if endpoint.split(".")[0] in {blueprint.name for blueprint in MACHINES}:
            continue
        client = owner.client if isinstance(route.needs, Role) else app.test_client()
        if problems := list(complaints(endpoint, route, send(client, route, world, token=token))):
            wrong[endpoint] = problems
    assert wrong == {}


def complaints(endpoint: str, route: Route, answer: TestResponse) -> Iterator[str]:
    """What is missing in the headers of an answer."""
    headers = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    if endpoint == "files.fetch":
        policy = policy.replace("sandbox", "default-src 'self'; base-uri 'none'; form-action 'self'")
    sources = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    if "unsafe" in policy or "*" in policy or "http" in policy or not sources.get("default-src"):
        yield f"policy: {policy}"
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "may be sniffed"
    if headers.get("X-Frame-Options") != "DENY" or "'none'" not in sources.get("frame-ancestors", ["'none'"]):
        yield "may be framed"
    if headers.get("Referrer-Policy") not in ("same-origin", "no-referrer"):
        yield "tells other sites where one comes from"
    if isinstance(route.needs, Role) and "no-store" not in headers.get("Cache-Control", ""):
        yield "may be kept"
    if re.search(
        r"<script(?![^>]* src=\"/static/)|<style|\sstyle=|\son[a-z]+=\"", answer.text if route.is_page else ""
    ):
        yield "has a script or style inside"


def send(
    client: FlaskClient, route: Route, world: World, *, token: str | None = None, headers: dict[str, str] | None = None
) -> TestResponse:
    """Make a call as it stands in routes.py. token: the form's."""
    path, body = filled(route.path, world), filled(route.form, world)
    if route.needs is Door.API_TOKEN:
        return client.open(path, method=route.method, json=body or None, headers=headers)
    if route.method == "GET":
        return client.get(path)
    return client.post(path, data=body | ({"csrf_token": token} if token else {}))


def needed(route: Route) -> Role:
    assert isinstance(route.needs, Role)
    return route.needs


def told(answer: TestResponse) -> set[str]:
    """Return the secrets of Susan that stand in an answer, but for what the caller wrote into the address."""
    said, asked = answer.text + json.dumps(list(answer.headers)), unquote(answer.request.url)
    return {secret for secret in SECRETS if secret in said and secret not in asked}


def everything(valkey: Valkey) -> dict[str, Any]:
    """Return all that is stored, as it stands."""
    client = valkey.client()
    client.connection_pool.connection_kwargs["decode_responses"] = False
    return {key.decode(): client.dump(key) for key in client.scan_iter(count=1000)}


def differences(before: dict[str, Any], after: dict[str, Any], more: tuple[str, ...] = ()) -> list[str]:
    """Return the keys that changed, but for the footprints of who was there."""
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return sorted(key for key in changed if not any(word in key for word in (*FOOTPRINTS, *more)))
