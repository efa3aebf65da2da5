"""Who may see the Dashboard, and what it says when something is wrong."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from domain.users import Role
from store import Store
from tests.conftest import settings_for
from tests.people import PETAR_ID, SUSAN_ID
from tests.servers import Valkey
from tests.web.dashboard.reading import PATH, WIDGETS
from tests.web.signed_in import Visitor, sign_in


@pytest.mark.parametrize("path", [PATH, WIDGETS])
def test_managers_and_owners_see_it_and_nobody_else(
    app: Flask, store: Store, client: FlaskClient, manager: Visitor, agent: Visitor, path: str
) -> None:
    owner = sign_in(app, store, Role.OWNER, name="Olga")
    assert manager.get(path).status_code == owner.get(path).status_code == 200
    assert agent.get(path).status_code == 403 and "Team" not in agent.get(path).text
    assert client.get(path).status_code == 302
    assert client.get(path, headers={"HX-Request": "true"}).status_code == 401


def test_the_navigation_leads_there(manager: Visitor, agent: Visitor) -> None:
    assert 'href="/dashboard"' in manager.get("/").text
    assert 'href="/dashboard"' not in agent.get("/").text
    assert 'href="/dashboard" aria-current="page"' in manager.get(PATH).text


def test_an_agent_dismisses_nothing(agent: Visitor, store: Store) -> None:
    answer = agent.post("/dashboard/suggestions/dismiss", {"pair": f"{SUSAN_ID}-{PETAR_ID}"})
    assert answer.status_code == 403
    assert not store.connection.command(lambda client: client.exists(store.keys.dismissed_suggestions))


def test_what_is_as_the_page_has_it_is_not_sent_again(manager: Visitor) -> None:
    first = manager.get(WIDGETS)
    assert first.headers["Cache-Control"] == "no-store" and "<html" not in first.text
    again = manager.get(WIDGETS, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")


@pytest.mark.parametrize("path", [PATH, WIDGETS])
def test_without_the_store_it_says_so(valkey: Valkey, manager: Visitor, path: str) -> None:
    cookie = manager.client.get_cookie("markdone")
    away = create_app(settings_for("unix:///nowhere/at/all")).test_client()
    assert cookie
    away.set_cookie("markdone", cookie.value)
    answer = away.get(path, headers={"HX-Request": "true"} if path == WIDGETS else {})
    assert answer.status_code == 503 and "database does not answer" in answer.text
