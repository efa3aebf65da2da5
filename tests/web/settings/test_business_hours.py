"""The business hours on the page of general settings."""

import pytest
from flask import Flask

from domain.business_hours import BusinessHours
from domain.users import Role
from store import Store
from tests.web.settings.forms import form_of
from tests.web.signed_in import Visitor, sign_in

PATH = "/settings/general"
SAVE = f"{PATH}/business-hours"
WEEKEND = {"sat": "closed", "sun": "Closed"}


@pytest.fixture
def alice(app: Flask, store: Store) -> Visitor:
    return sign_in(app, store, Role.MANAGER)


def hours_of(store: Store) -> str:
    return str(store.platform_settings(is_fresh=True).business_hours)


def test_a_day_is_a_line_and_closed_days_are_one_on_each(alice: Visitor, store: Store) -> None:
    form = form_of(alice, PATH, SAVE)
    assert form["mon"] == "00:00-24:00" and form["closed_days"] == "", "open at all times, to begin with"
    office = dict.fromkeys(("mon", "tue", "wed", "thu"), "9:00-12:00, 13:00–18:00")
    asked = form | office | WEEKEND | {"fri": "09:00-15:00", "closed_days": "2026-12-25\r\n2026-01-01\r\n"}
    answer = alice.post(SAVE, asked)
    assert (answer.status_code, answer.location) == (303, PATH)
    days = "; ".join(f"{day} 09:00-12:00 13:00-18:00" for day in office)
    assert hours_of(store) == f"{days}; fri 09:00-15:00; closed 2026-01-01 2026-12-25"
    shown = form_of(alice, PATH, SAVE)
    assert (shown["mon"], shown["sat"]) == ("09:00-12:00, 13:00-18:00", "closed")
    assert shown["closed_days"] == "2026-01-01\n2026-12-25"


def test_open_at_all_times_again_takes_the_setting_back(alice: Visitor, store: Store) -> None:
    whole = form_of(alice, PATH, SAVE)
    alice.post(SAVE, whole | WEEKEND)
    assert hours_of(store)
    again = form_of(alice, PATH, SAVE) | {"sat": "00:00-24:00", "sun": "00:00-24:00"}
    assert alice.post(SAVE, again).status_code == 303
    assert store.platform_settings(is_fresh=True).business_hours == BusinessHours()
    assert store.connection.command(lambda client: client.hgetall(store.keys.settings)) == {}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("tue", "9 to 5", "“9” is no stretch of time"),
        ("tue", "", "Write hours"),
        ("tue", "22:00-02:00", "belongs to the next day"),
        ("closed_days", "Christmas", "“Christmas” is no day"),
        ("closed_days", "<script>", "“&lt;script&gt;” is no day"),
    ],
)
def test_what_cannot_be_is_said_beside_its_day_and_what_was_typed_stays(
    alice: Visitor, store: Store, name: str, value: str, words: str
) -> None:
    answer = alice.post(SAVE, form_of(alice, PATH, SAVE) | {name: value, "mon": "10:00-11:00"})
    assert answer.status_code == 400
    assert answer.text.count('aria-invalid="true"') == 1 and f'id="{name}-error"' in answer.text
    assert words in answer.text and "look at the business hours" in answer.text
    assert 'value="10:00-11:00"' in answer.text
    assert hours_of(store) == ""


def test_a_form_without_days_says_nothing_about_them(alice: Visitor, store: Store) -> None:
    assert alice.post(SAVE, {}).status_code == 400
    assert hours_of(store) == ""


def test_of_two_who_change_them_the_second_sees_what_the_first_saved(app: Flask, alice: Visitor, store: Store) -> None:
    bob = sign_in(app, store, Role.MANAGER, name="Bob")
    hers, his = form_of(alice, PATH, SAVE), form_of(bob, PATH, SAVE)
    alice.post(SAVE, hers | {"sat": "closed"})
    answer = bob.post(SAVE, his | {"sun": "closed"})
    assert answer.status_code == 409
    assert "Somebody else set this to “mon 00:00-24:00" in answer.text and "sat" not in hours_of(store)
    assert "sun 00:00-24:00" in hours_of(store), "nothing of his was saved"


def test_the_other_settings_are_saved_without_them(alice: Visitor, store: Store) -> None:
    alice.post(SAVE, form_of(alice, PATH, SAVE) | {"sat": "closed"})
    assert alice.post(PATH, form_of(alice, PATH) | {"time_zone": "Europe/Sofia"}).status_code == 303
    assert "sat" not in hours_of(store) and "sun" in hours_of(store)
    assert "time zone Europe/Sofia" in alice.get(PATH).text
