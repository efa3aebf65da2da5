"""My account."""

import pytest
from flask import Flask

from domain.users import User
from store import Store
from tests.web.access.conftest import PASSWORD, LogIn, is_in
from tests.web.signed_in import Visitor, sign_in, visit

NEW_PASSWORD = "a battery of horses"


@pytest.fixture
def visitor(app: Flask, store: Store, susan: User) -> Visitor:
    return visit(app, store, susan)


def test_one_takes_another_name(visitor: Visitor, store: Store) -> None:
    assert visitor.post("/account/name", {"name": "  Susan B. "}).status_code == 303
    found = store.read_user(visitor.user.id)
    assert found and found.name == "Susan B." and "Susan B." in visitor.get("/account").text
    assert visitor.post("/account/name", {"name": " "}).status_code == 400


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("مه\u200cسا", "مه\u200cسا"),
        ("Zoë 👩\u200d💻", "Zoë 👩\u200d💻"),
        ("山田\u3000太郎", "山田 太郎"),
        ("A.\u00a0B.", "A. B."),
    ],
)
def test_a_name_may_be_written_in_any_script(visitor: Visitor, store: Store, written: str, kept: str) -> None:
    assert visitor.post("/account/name", {"name": written}).status_code == 303
    found = store.read_user(visitor.user.id)
    assert found and found.name == kept


@pytest.mark.parametrize("name", ["a\u202eb", "a\x00b", "\u200d", "a\u2066b", "\ufeff"])
def test_a_name_holds_nothing_that_cannot_be_seen_or_turns_the_text_around(visitor: Visitor, name: str) -> None:
    assert visitor.post("/account/name", {"name": name}).status_code == 400


def test_one_is_available_or_away_and_comes_back_to_the_page_one_was_on(visitor: Visitor, store: Store) -> None:
    for says, is_available in (("no", False), ("yes", True)):
        answer = visitor.post("/account/available", {"available": says, "next": "/account?x=1"})
        found = store.read_user(visitor.user.id)
        assert answer.location == "/account?x=1" and found and found.is_available is is_available
    assert visitor.post("/account/available", {"available": "no", "next": "//evil.example"}).location == "/"


def test_a_new_password_needs_the_old_one_and_ends_all_other_sessions(
    app: Flask, visitor: Visitor, store: Store, susan: User, log_in: LogIn
) -> None:
    elsewhere = visit(app, store, susan)
    form = {"current": "wrong horse battery", "password": NEW_PASSWORD, "repeated": NEW_PASSWORD}
    refused = visitor.post("/account/password", form)
    assert refused.status_code == 400 and "not your password" in refused.text and is_in(elsewhere.client)
    assert visitor.post("/account/password", form | {"current": PASSWORD}).status_code == 303
    assert is_in(visitor.client) and not is_in(elsewhere.client)
    assert log_in(browser=app.test_client()).status_code == 401
    assert log_in(password=NEW_PASSWORD, browser=app.test_client()).status_code == 303


@pytest.mark.parametrize(("password", "repeated"), [("ninechars", "ninechars"), (NEW_PASSWORD, "something else")])
def test_a_new_password_is_long_enough_and_written_twice(visitor: Visitor, password: str, repeated: str) -> None:
    form = {"current": PASSWORD, "password": password, "repeated": repeated}
    assert visitor.post("/account/password", form).status_code == 400


def test_one_ends_single_sessions_and_all_others(app: Flask, visitor: Visitor, store: Store, susan: User) -> None:
    others = [visit(app, store, susan) for _ in range(3)]
    page = visitor.get("/account").text
    ids = {session.id for session in store.sessions(susan.id)}
    assert sum(id in page for id in ids) == 3, "the one that looks is not offered"
    one = next(id for id in ids if id in page)
    assert visitor.post("/account/sessions/end", {"session": one}).status_code == 303
    assert sum(is_in(other.client) for other in others) == 2
    assert visitor.post("/account/sessions/end").status_code == 303
    assert not any(is_in(other.client) for other in others) and is_in(visitor.client)


def test_nobody_ends_the_session_of_somebody_else(app: Flask, visitor: Visitor, store: Store) -> None:
    eve = sign_in(app, store, name="Eve")
    [session] = store.sessions(visitor.user.id)
    assert eve.post("/account/sessions/end", {"session": session.id}).status_code == 404
    assert is_in(visitor.client)
