"""The page of what holds for the whole platform."""

import pytest
from flask import Flask

from domain.users import Role
from store import Store
from tests.web.settings.forms import form_of
from tests.web.signed_in import sign_in

PATH = "/settings/general"


def test_what_is_changed_in_the_form_is_saved_and_the_rest_stays(app: Flask, store: Store) -> None:
    store.change_setting("bot_pauses_on_assign", "no")
    alice = sign_in(app, store, Role.OWNER)
    form = form_of(alice, PATH) | {"time_zone": "Europe/Sofia", "auto_close_after_h": "24", "keeps_assignee": "y"}
    del form["bot_pauses_on_reply"]  # unticked
    answer = alice.post(PATH, form)
    assert (answer.status_code, answer.location) == (303, PATH)
    found = store.platform_settings(is_fresh=True)
    assert (found.time_zone, found.auto_close_after_h, found.keeps_assignee) == ("Europe/Sofia", 24, True)
    assert not found.bot_pauses_on_reply and not found.bot_pauses_on_assign and found.bot_back_on_at_close
    assert "Saved" in alice.get(PATH).text
    stored = store.connection.command(lambda client: client.hgetall(store.keys.settings))
    assert "bot_back_on_at_close" not in stored, "what nobody touched keeps its default"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("time_zone", "Europe/Nowhere", "choose one from the list"),
        ("time_zone", "../../etc/passwd", "choose one from the list"),
        ("auto_close_after_h", "337", "from 1 to 336 hours"),
        ("auto_close_after_h", "-1", "from 1 to 336 hours"),
        ("auto_close_after_h", "soon", "Not a valid integer value"),
        ("auto_close_after_h", "", "or 0 for never"),
        ("retention_days", "99999999999999", "from 1 to 3650 days"),
        ("privacy_contact", "x" * 201, "at most 200 characters"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_saved(
    app: Flask, store: Store, name: str, value: str, words: str
) -> None:
    alice = sign_in(app, store, Role.OWNER)
    answer = alice.post(PATH, form_of(alice, PATH) | {name: value, "keeps_assignee": "y"})
    assert answer.status_code == 400
    assert words in answer.text and 'aria-invalid="true"' in answer.text
    assert not store.platform_settings(is_fresh=True).keeps_assignee


def test_of_two_who_change_different_things_neither_loses_theirs(app: Flask, store: Store) -> None:
    alice, bob = sign_in(app, store, Role.OWNER), sign_in(app, store, Role.MANAGER, name="Bob")
    hers, his = form_of(alice, PATH), form_of(bob, PATH)
    assert alice.post(PATH, hers | {"time_zone": "Europe/Sofia"}).status_code == 303
    assert bob.post(PATH, his | {"retention_days": "365"}).status_code == 303
    found = store.platform_settings(is_fresh=True)
    assert (found.time_zone, found.retention_days) == ("Europe/Sofia", 365)


def test_of_two_who_change_the_same_the_second_sees_what_the_first_saved_and_may_replace_it(
    app: Flask, store: Store
) -> None:
    alice, bob = sign_in(app, store, Role.OWNER), sign_in(app, store, Role.MANAGER, name="Bob")
    hers, his = form_of(alice, PATH), form_of(bob, PATH)
    assert alice.post(PATH, hers | {"retention_days": "365"}).status_code == 303
    answer = bob.post(PATH, his | {"retention_days": "30", "keeps_assignee": "y"})
    assert answer.status_code == 409 and "Somebody else set this to “365” meanwhile" in answer.text
    found = store.platform_settings(is_fresh=True)
    assert found.retention_days == 365 and not found.keeps_assignee, "all of it or nothing"
    again = his | {"retention_days": "30", "keeps_assignee": "y", "seen.retention_days": "365"}
    assert 'name="seen.retention_days" value="365"' in answer.text, "saving once more is meant"
    assert bob.post(PATH, again).status_code == 303
    assert store.platform_settings(is_fresh=True).retention_days == 30


def test_the_audit_names_what_was_changed_and_not_to_what(app: Flask, store: Store) -> None:
    alice = sign_in(app, store, Role.OWNER)
    alice.post(PATH, form_of(alice, PATH) | {"privacy_contact": "privacy@example.com"})
    line = store.audit(1)[0]
    assert (line["what"], line["settings"], line["by"]["name"]) == ("settings.changed", ["privacy_contact"], "Alice")
    assert "privacy@example.com" not in str(line)


def test_saving_a_form_as_it_was_changes_nothing(app: Flask, store: Store) -> None:
    alice = sign_in(app, store, Role.OWNER)
    lines = len(store.audit(100))
    assert alice.post(PATH, form_of(alice, PATH)).status_code == 303
    assert store.connection.command(lambda client: client.hgetall(store.keys.settings)) == {}
    assert len(store.audit(100)) == lines


PAGES = ("general", "channels", "closing-notes", "canned-replies", "custom-fields", "dialogflow")
FORMS = ("closing-notes/new", "canned-replies/new", "custom-fields/new")


@pytest.mark.parametrize("path", ["", *(f"/{page}" for page in (*PAGES, *FORMS))])
def test_settings_are_for_owners_and_managers(app: Flask, store: Store, path: str) -> None:
    assert app.test_client().get(f"/settings{path}").location.startswith("/login")
    assert sign_in(app, store, Role.AGENT, name="Bob").get(f"/settings{path}").status_code == 403
    assert sign_in(app, store, Role.MANAGER, name="Mia").get(f"/settings{path}").status_code in (200, 302)


def test_every_form_wants_its_token(app: Flask, store: Store) -> None:
    alice = sign_in(app, store, Role.OWNER)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("settings.")]
    paths = {rule.rule for rule in rules if rule.methods and "POST" in rule.methods}
    assert len(paths) >= 12
    for path in paths:
        named = path.replace("<item_id>", "x").replace("<kind>", "viber").replace("<path:account>", "shop")
        assert alice.client.post(named).status_code == 400, named


def test_managers_are_not_led_to_pages_of_owners(app: Flask, store: Store) -> None:
    assert "/settings/users" in sign_in(app, store, Role.OWNER).get(PATH).text
    assert "/settings/users" not in sign_in(app, store, Role.MANAGER, name="Mia").get(PATH).text
