"""The page of the connected channels."""

import pytest
from flask import Flask

from domain.users import Role
from store import Store
from tests.conftest import BOT, PAGE
from tests.web.settings.forms import form_of
from tests.web.signed_in import Visitor, sign_in

PATH = "/settings/channels"
PAGE_FORM, BOT_FORM = f"{PATH}/facebook/{PAGE}", f"{PATH}/viber/{BOT}"


@pytest.fixture
def alice(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, Role.OWNER)


def test_what_is_set_of_one_channel_leaves_the_others_alone(alice: Visitor, store: Store) -> None:
    form = form_of(alice, PATH, BOT_FORM) | {"welcome_text": "Hello!\r\nWrite to us.", "sender_name": "The Shop"}
    del form["welcome_opens"]
    assert alice.post(BOT_FORM, form).status_code == 303
    found = store.platform_settings(is_fresh=True)
    assert found.welcome_texts == {f"viber:{BOT}": "Hello!\nWrite to us."}
    assert found.sender_names == {f"viber:{BOT}": "The Shop"}
    assert not found.welcome_opens(f"viber:{BOT}") and found.welcome_opens(f"facebook:{PAGE}")


def test_a_text_of_several_lines_that_nobody_touched_stays_as_it_is(alice: Visitor, store: Store) -> None:
    store.change_setting(f"welcome_text:viber:{BOT}", "Hello!\nWrite to us.")
    form = {
        name: value.replace("\n", "\r\n") for name, value in form_of(alice, PATH, BOT_FORM).items()
    }  # as browsers do
    store.change_setting(f"welcome_text:viber:{BOT}", "Somebody else's")
    assert alice.post(BOT_FORM, form | {"sender_name": "The Shop"}).status_code == 303
    assert store.platform_settings(is_fresh=True).welcome_texts == {f"viber:{BOT}": "Somebody else's"}


def test_an_emptied_text_takes_it_back(alice: Visitor, store: Store) -> None:
    store.change_setting(f"welcome_text:viber:{BOT}", "Hello!")
    form = form_of(alice, PATH, BOT_FORM)
    assert form["welcome_text"] == "Hello!"
    assert alice.post(BOT_FORM, form | {"welcome_text": " "}).status_code == 303
    assert store.platform_settings(is_fresh=True).welcome_texts == {}


def test_a_name_that_viber_would_cut_is_refused(alice: Visitor, store: Store) -> None:
    answer = alice.post(BOT_FORM, form_of(alice, PATH, BOT_FORM) | {"sender_name": "x" * 29})
    assert answer.status_code == 400 and "at most 28 characters" in answer.text
    assert store.platform_settings(is_fresh=True).sender_names == {}


def test_of_two_who_set_the_same_text_the_second_is_told(alice: Visitor, store: Store) -> None:
    form = form_of(alice, PATH, BOT_FORM)
    store.change_setting(f"welcome_text:viber:{BOT}", "From somebody else")
    answer = alice.post(BOT_FORM, form | {"welcome_text": "Mine"})
    assert answer.status_code == 409 and "From somebody else" in answer.text and "Mine" in answer.text
    assert store.platform_settings(is_fresh=True).welcome_texts == {f"viber:{BOT}": "From somebody else"}


@pytest.mark.parametrize("channel", ["viber/nobody", "facebook/1", "telegram/x", "viber/a%2Fb"])
def test_a_channel_that_is_not_connected_is_not_there(alice: Visitor, channel: str) -> None:
    assert alice.post(f"{PATH}/{channel}", {"welcome_text": "x"}).status_code == 404


def test_a_channel_that_rests_says_why_and_the_others_work(alice: Visitor, store: Store) -> None:
    assert alice.get(PATH).text.count("Working") == 2
    store.rest(f"viber:{BOT}", "bad_token", 60)
    page = alice.get(PATH).text
    assert page.count("Working") == 1 and "does not accept our access token" in page


def test_bodies_that_could_not_be_read_are_listed_without_what_is_in_them(alice: Visitor, store: Store) -> None:
    assert "could not read came from" not in alice.get(PATH).text
    store.reject("facebook", b'{"text": "a contact wrote this"}', "not JSON of a page")
    store.reject(f"viber:{BOT}", b"x" * 77, "unknown event")
    page = alice.get(PATH).text
    assert "not JSON of a page" in page and "unknown event" in page and "77 bytes" in page
    assert "a contact wrote this" not in page
    assert "1 of the last 50 bodies that we could not read came from Messenger" in page
    assert "1 of the last 50 bodies that we could not read came from this bot" in page
