"""The owner's pages: users, and the audit of who did what."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.users import Role, User
from store import Store
from tests.web.access.conftest import LogIn, is_in
from tests.web.signed_in import Visitor, sign_in

SCRIPT = "<script>alert(1)</script>"


def invite(olga: Visitor, **form: str) -> str:
    """Invite somebody by the form; return path and query of the link that is shown."""
    page = olga.post("/settings/users", {"email": "susan@example.com", "role": "agent", **form})
    found = re.search(r'value="http://127\.0\.0\.1:8000(/link\?token=[^"]+)"', page.text)
    assert page.status_code == 200 and found, page.status_code
    return found[1]


def test_an_invitation_shows_a_link_that_lets_somebody_in(olga: Visitor, client: FlaskClient, store: Store) -> None:
    link = invite(olga, is_restricted="y")
    assert client.get(link).status_code == 200
    susan = store.find_user("susan@example.com")
    assert susan and (susan.role, susan.is_restricted, susan.sees_all) == (Role.AGENT, True, False)
    token = link.rpartition(".")[2]
    assert token not in olga.get("/settings/users").text and token not in olga.get("/settings/audit").text


def test_only_agents_are_restricted(olga: Visitor, store: Store) -> None:
    invite(olga, role="manager", is_restricted="y")
    susan = store.find_user("susan@example.com")
    assert susan and (susan.role, susan.is_restricted) == (Role.MANAGER, False)
    olga.post(f"/settings/users/{susan.id}/role", {"role": "agent", "is_restricted": "y"})
    found = store.read_user(susan.id)
    assert found and (found.role, found.is_restricted) == (Role.AGENT, True)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"email": "OLGA@example.com"}, 409),
        ({"email": "no address"}, 400),
        ({"email": ""}, 400),
        ({"email": "susan@example.com, eve@example.com"}, 400),
        ({"email": "susan@example.com@example.com"}, 400),
        ({"role": "emperor"}, 400),
        ({"role": ""}, 400),
    ],
)
def test_an_invitation_that_cannot_be_made_makes_nobody(
    olga: Visitor, store: Store, form: dict[str, str], status: int
) -> None:
    answer = olga.post("/settings/users", {"email": "susan@example.com", "role": "agent", **form})
    assert answer.status_code == status and len(store.users()) == 1


def test_the_list_shows_role_state_and_when_somebody_was_there(
    app: Flask, olga: Visitor, store: Store, susan: User
) -> None:
    store.add_user("invited@example.com", Role.MANAGER)
    petar = sign_in(app, store, name="Petar")
    store.change_user(petar.user.id, lambda user: replace(user, is_active=False))
    store.change_user(susan.id, lambda user: replace(user, is_available=False))
    page = olga.get("/settings/users").text
    rows = {row.split("</a>")[0].rpartition(">")[2]: row for row in page.split('<li class="row">')[1:]}
    assert set(rows) == {"Olga", "Petar", "Susan", "invited@example.com"}
    assert "available" in rows["Olga"] and "<time" in rows["Olga"] and "deactivated" in rows["Petar"]
    assert "away" in rows["Susan"] and "never seen" in rows["Susan"]
    assert "manager" in rows["invited@example.com"] and "invited</span>" in rows["invited@example.com"]


def test_who_is_deactivated_is_out_at_the_next_request_and_cannot_come_back(
    app: Flask, olga: Visitor, susan: User, log_in: LogIn
) -> None:
    browser = app.test_client()
    log_in(browser=browser)
    assert is_in(browser)
    assert olga.post(f"/settings/users/{susan.id}/deactivate").status_code == 303
    assert not is_in(browser) and log_in(browser=browser).status_code == 401
    assert olga.post(f"/settings/users/{susan.id}/link").status_code == 409
    olga.post(f"/settings/users/{susan.id}/activate")
    assert not is_in(browser) and log_in(browser=browser).status_code == 303


def test_the_last_owner_cannot_give_up_and_is_told_why(olga: Visitor) -> None:
    for action, form in (("role", {"role": "manager"}), ("deactivate", {})):
        answer = olga.post(f"/settings/users/{olga.user.id}/{action}", form)
        assert answer.status_code == 409 and "last owner" in answer.text
    assert olga.get("/settings/users").status_code == 200


def test_a_role_that_is_not_said_is_not_changed(app: Flask, olga: Visitor, store: Store) -> None:
    mira = sign_in(app, store, Role.MANAGER, name="Mira").user
    assert olga.post(f"/settings/users/{mira.id}/role").status_code == 400
    assert store.read_user(mira.id) == mira


def test_an_owner_makes_links_and_ends_sessions(
    app: Flask, olga: Visitor, store: Store, client: FlaskClient, susan: User, log_in: LogIn
) -> None:
    log_in()
    page = olga.post(f"/settings/users/{susan.id}/link").text
    found = re.search(r"/link\?token=([^\"&]+)", page)
    assert found and "24 hours" in page
    assert store.find_link(found[1]).user == susan and is_in(client), "a link alone ends nothing"
    assert olga.post(f"/settings/users/{susan.id}/sessions/end").status_code == 303
    assert not is_in(client)


@pytest.mark.parametrize("path", ["", "/role", "/link", "/deactivate", "/activate", "/sessions/end"])
def test_a_user_that_is_not_there_is_said_to_be_so(olga: Visitor, path: str) -> None:
    address = f"/settings/users/nobody{path}"
    answer = olga.post(address, {"role": "agent"}) if path else olga.get(address)
    assert answer.status_code == 404


def test_what_users_call_themselves_is_text_everywhere(app: Flask, olga: Visitor, store: Store) -> None:
    eve = sign_in(app, store, name="Eve")
    eve.post("/account/name", {"name": SCRIPT})
    eve.client.get("/account", headers={"User-Agent": SCRIPT})
    olga.post(f"/settings/users/{eve.user.id}/deactivate")
    for path in ("/settings/users", f"/settings/users/{eve.user.id}", "/settings/audit"):
        page = olga.get(path).text
        assert SCRIPT not in page and "&lt;script&gt;" in page


# -- Audit


def test_the_audit_tells_who_did_what_without_anything_secret(
    olga: Visitor, store: Store, susan: User, log_in: LogIn
) -> None:
    log_in(password="wrong horse battery")
    log_in("nobody@example.com", "wrong horse battery")
    log_in()
    olga.post(f"/settings/users/{susan.id}/role", {"role": "manager"})
    olga.post(f"/settings/users/{susan.id}/deactivate")
    page = olga.get("/settings/audit").text
    rows = [re.sub(r"\s+", " ", re.sub("<[^>]+>", "", row)).strip() for row in page.split('<li class="row">')[1:]]
    assert [re.sub(r" (?:role|device): .+| \d\d:\d\d$", "", row) for row in rows[:4]] == [
        "Olga deactivated Susan",
        "Olga changed the role of Susan",
        "Susan logged in",
        "Somebody failed to log in as Susan",
    ]
    assert "nobody@example.com" not in page and "horse" not in page


def test_the_audit_is_shown_a_page_at_a_time(olga: Visitor, store: Store) -> None:
    for number in range(60):
        store.record_audit("contact.deleted", olga.user.card, contact=f"c-{number}-")
    first, second = olga.get("/settings/audit").text, olga.get("/settings/audit?page=2").text
    assert "c-59-" in first and "c-10-" in first and "c-9-" not in first
    assert "c-9-" in second and "c-0-" in second and "c-10-" not in second
    for odd in ("0", "-3", "x", "99999999999999999999"):
        assert olga.get(f"/settings/audit?page={odd}").status_code == 200
