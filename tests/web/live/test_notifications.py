"""The page of what a user has not read, the number on the bell, and what the browser shows of it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.actions import Assign, NoteLine, Notify
from domain.events import Profile
from domain.users import Role
from store import Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message
from tests.signing_in import LoggedIn, log_in


@pytest.fixture
def carol(store: Store) -> LoggedIn:
    return log_in(store, "carol", Role.AGENT)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client(use_cookies=False)


def tell(store: Store, who: LoggedIn, contact: str = SUSAN_ID, kind: str = "mentioned", name: str = "Susan") -> int:
    """Let somebody write and Bob tell a user about it; return the entry."""
    identity = SUSAN if contact == SUSAN_ID else PETAR
    store.receive([message("a secret", who=identity, profile=Profile(name=name))])
    line = NoteLine(number=1, kind="comment", details={"text": "look here", "by": BOB})
    told = Notify(number=1, users=(who.user.id,), kind=kind, by=BOB)
    assert store.commit(store.snapshot(contact), [line, told]).is_done
    return store.timeline(contact, -1, 1).end - 1


def page(client: FlaskClient, who: LoggedIn) -> str:
    answer = client.get("/notifications", headers=who.headers)
    assert answer.status_code == 200
    return answer.text


def lines(text: str) -> list[tuple[str, str]]:
    """The address and the words of each line."""
    return re.findall(r'<a class="grow" href="([^"]+)">([^<]+)</a>', text)


def post(client: FlaskClient, who: LoggedIn, path: str, **form: object) -> TestResponse:
    return client.post(f"/notifications/{path}", data=form, headers=who.headers)


def test_each_notice_says_what_it_is_about_and_leads_there(
    client: FlaskClient, store: Store, carol: LoggedIn, clock: StoppedClock
) -> None:
    first = tell(store, carol, kind="needs_person")
    clock.pass_s(1)
    second = tell(store, carol, kind="assigned")
    clock.pass_s(1)
    third = tell(store, carol, PETAR_ID, name="Petar")
    assert lines(page(client, carol)) == [
        (f"/conversations/{PETAR_ID}?at={third}", "Bob mentioned you about Petar"),
        (f"/conversations/{SUSAN_ID}?at={second}", "Bob assigned Susan to you"),
        (f"/conversations/{SUSAN_ID}?at={first}", "Susan needs a person"),
    ]


def test_what_an_automation_tells_names_the_automation(client: FlaskClient, store: Store, carol: LoggedIn) -> None:
    store.receive([message("hi", profile=Profile(name="Susan"))])
    card = {"id": "a1", "name": "Night <shift>"}
    line = NoteLine(number=1, kind="notified", details={"text": "look", "by": card})
    told = Notify(number=1, users=(carol.user.id,), kind="automation", by=card)
    assert store.commit(store.snapshot(SUSAN_ID), [line, told]).is_done
    [(_, words)] = lines(page(client, carol))
    assert words == "Automation “Night &lt;shift&gt;” tells you about Susan"


def test_no_word_that_was_written_is_in_a_notification(client: FlaskClient, store: Store, carol: LoggedIn) -> None:
    tell(store, carol)
    told = page(client, carol) + client.get("/notifications/news", headers=carol.headers).text
    assert "a secret" not in told and "look here" not in told


def test_a_name_is_shown_and_nothing_more(client: FlaskClient, store: Store, carol: LoggedIn) -> None:
    tell(store, carol, name="<script>alert(1)</script>{by}")
    assert "<script>alert(1)" not in page(client, carol)
    (item,) = client.get("/notifications/news", headers=carol.headers).get_json()["items"]
    assert item["text"] == "Bob mentioned you about <script>alert(1)</script>{by}"


def test_one_or_all_are_marked_as_read(client: FlaskClient, store: Store, carol: LoggedIn, clock: StoppedClock) -> None:
    entries = [tell(store, carol) for _ in range(3)]
    assert post(client, carol, "read", contact=SUSAN_ID, entry=entries[0]).status_code == 303
    assert len(lines(page(client, carol))) == 2
    until_ms = re.search(r'name="until_ms" value="(\d+)"', page(client, carol))
    assert until_ms
    clock.pass_s(1)
    later = tell(store, carol, PETAR_ID, name="Petar")
    answer = client.post(
        "/notifications/read-all", data={"until_ms": until_ms[1]}, headers={**carol.headers, "HX-Request": "true"}
    )
    assert answer.status_code == 200 and answer.headers["HX-Trigger"] == "markdone:read"
    assert [address for address, _ in lines(answer.text)] == [f"/conversations/{PETAR_ID}?at={later}"]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("read", {}),
        ("read", {"contact": "x", "entry": "1"}),
        ("read", {"contact": SUSAN_ID, "entry": "-1"}),
        ("read", {"contact": SUSAN_ID, "entry": "9" * 5000}),
        ("read-all", {}),
        ("read-all", {"until_ms": "inf"}),
    ],
)
def test_nothing_else_can_be_marked(client: FlaskClient, carol: LoggedIn, path: str, form: dict[str, str]) -> None:
    assert post(client, carol, path, **form).status_code == 400


def test_what_changes_something_wants_a_token(app: Flask, store: Store, carol: LoggedIn) -> None:
    entry = tell(store, carol)
    outside = app.test_client(use_cookies=False)
    assert post(outside, carol, "read", contact=SUSAN_ID, entry=entry).status_code == 400
    assert post(outside, carol, "read-all", until_ms=10**14).status_code == 400
    assert store.count_notices(carol.user.id) == 1


def test_each_sees_their_own_only(client: FlaskClient, store: Store, carol: LoggedIn) -> None:
    entry = tell(store, carol)
    alice = log_in(store)
    assert lines(page(client, alice)) == []
    post(client, alice, "read", contact=SUSAN_ID, entry=entry)
    assert store.count_notices(carol.user.id) == 1


def test_the_news_has_the_number_and_the_newest_and_is_sent_once(
    client: FlaskClient, store: Store, carol: LoggedIn, clock: StoppedClock
) -> None:
    for _ in range(7):
        newest = tell(store, carol)
        clock.pass_s(1)
    answer = client.get("/notifications/news", headers=carol.headers)
    news = answer.get_json()
    assert news["unread"] == 7 and len(news["items"]) == 5
    assert news["items"][0] == {
        "tag": f"{SUSAN_ID}-{newest}",
        "text": "Bob mentioned you about Susan",
        "url": f"/conversations/{SUSAN_ID}?at={newest}",
        "at_ms": clock() - 1000,
    }
    headers = {**carol.headers, "If-None-Match": answer.headers["ETag"]}
    assert client.get("/notifications/news", headers=headers).status_code == 304
    tell(store, carol)
    assert client.get("/notifications/news", headers=headers).status_code == 200


def test_the_bell_says_how_much_is_unread_and_nothing_of_nothing(
    client: FlaskClient, store: Store, carol: LoggedIn
) -> None:
    assert 'data-unread="0" hidden' in client.get("/notifications/bell", headers=carol.headers).text
    tell(store, carol)
    assert 'data-unread="1">' in client.get("/notifications/bell", headers=carol.headers).text
    assert 'data-unread="1">' in page(client, carol)


def test_what_a_restricted_agent_may_not_see_any_more_is_not_told_any_more(client: FlaskClient, store: Store) -> None:
    dora = log_in(store, "dora", Role.AGENT, is_restricted=True)
    tell(store, dora, SUSAN_ID)
    tell(store, dora, PETAR_ID, name="Petar")
    assert store.commit(store.snapshot(SUSAN_ID), [Assign(number=1, user=ALICE)]).is_done
    assert [words for _, words in lines(page(client, dora))] == ["Bob mentioned you about Petar"]
    assert store.count_notices(dora.user.id) == 1
