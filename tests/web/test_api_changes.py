"""Profile, custom fields, tags, the bot, the block, comments and assignees by the API."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.setting_lists import CustomField, FieldKind
from domain.users import Role, User
from store import Store
from store.setting_words import write_list
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, lines, write
from tests.web.api_caller import Caller, of

FIELDS = (
    CustomField(id="CITY", name="City"),
    CustomField(id="SIZE", name="Size", kind=FieldKind.LIST, options=("S", "M")),
    CustomField(id="VIP", name="VIP", kind=FieldKind.CHECKBOX),
    CustomField(id="AGE", name="Age", kind=FieldKind.NUMBER),
)


@pytest.fixture
def api(client: FlaskClient, store: Store) -> Caller:
    write(store)
    return Caller(client)


@pytest.fixture
def fields(api: Caller) -> None:
    api.client.application.extensions["markdone"].store.change_setting("custom_fields", write_list(FIELDS))


def add_user(store: Store, name: str, role: Role = Role.AGENT, **changes: Any) -> User:
    _, token = store.add_user(f"{name}@example.com", role, **changes)
    return store.use_link(store.find_link(token), name=name.title(), password_hash="a hash")


def card(user: User) -> dict[str, str]:
    return {"id": user.id, "email": user.email, "name": user.name}


def last(api: Caller) -> Any:
    return api.get(of(suffix="/timeline"), last=1)["items"][0]


# -- Profile


def test_a_profile_is_changed_shown_and_said_on_the_timeline(api: Caller) -> None:
    wanted = {"name": " Susan  B. ", "phone": "00359 88 1", "email": "S@Example.com"}
    answer = api.change("PATCH", of(), wanted)
    assert answer["changed"] and answer["contact"] == api.get(of())
    shown = answer["contact"]
    assert (shown["name"], shown["phone"], shown["email"]) == ("Susan B.", "+359881", "s@example.com")
    assert (last(api)["kind"], last(api)["details"]) == ("profile_changed", {"changed": ["phone", "email", "name"]})


def test_what_is_not_given_stays_and_null_clears(api: Caller) -> None:
    api.change("PATCH", of(), {"name": "Susan", "phone": "12345"})
    assert not api.change("PATCH", of(), {})["changed"]
    assert not api.change("PATCH", of(), {"phone": "12345"})["changed"]
    shown = api.change("PATCH", of(), {"phone": None})["contact"]
    assert (shown["name"], shown["phone"]) == ("Susan", "")


@pytest.mark.parametrize("wanted", [{"phone": "x"}, {"email": "x"}, {"name": "x" * 61}, {"tags": []}, {"name": 1}, []])
def test_a_profile_that_cannot_be_changes_nothing(api: Caller, wanted: Any) -> None:
    api.change("PATCH", of(), wanted, 400)
    assert [kind for kind, _ in lines(api.client.application.extensions["markdone"].store)] == ["opened", "message"]


@pytest.mark.usefixtures("fields")
def test_custom_fields_take_values_of_their_kind_and_null_clears(api: Caller) -> None:
    shown = api.change("PATCH", of(), {"fields": {"CITY": "Sofia", "SIZE": "M", "VIP": True, "AGE": 41.5}})["contact"]
    assert shown["fields"] == {"CITY": "Sofia", "SIZE": "M", "VIP": "yes", "AGE": "41.5"}
    shown = api.change("PATCH", of(), {"fields": {"SIZE": None, "VIP": False}})["contact"]
    assert shown["fields"] == {"CITY": "Sofia", "AGE": "41.5"}


@pytest.mark.usefixtures("fields")
@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"COLOUR": "red"}, "AGE, CITY, SIZE, VIP"),
        ({"city": "x"}, "CITY"),
        ({"SIZE": "XL"}, "Size"),
        ({"AGE": "x"}, "Age"),
    ],
)
def test_a_field_or_value_that_is_none_is_refused_with_what_there_is(
    api: Caller, wanted: dict[str, str], named: str
) -> None:
    assert named in api.change("PATCH", of(), {"name": "S", "fields": wanted}, 400)["error"]["message"]
    assert api.get(of())["name"] == ""


def test_without_custom_fields_every_one_is_refused(api: Caller) -> None:
    assert "none" in api.change("PATCH", of(), {"fields": {"A": "b"}}, 400)["error"]["message"]


# -- Tags


def test_tags_are_given_offered_and_taken(api: Caller) -> None:
    assert api.post(of(suffix="/tags"), {"tags": ["vip", " big  order ", "vip"]}) == {"tags": ["vip", "big order"]}
    assert api.post(of(suffix="/tags"), {"tags": ["vip"]}) == {"tags": ["vip", "big order"]}
    assert api.get("/tags") == {"tags": ["big order", "vip"]}
    assert api.change("DELETE", of(suffix="/tags"), {"tags": ["vip", "none"]}) == {"tags": ["big order"]}
    assert api.get(of(suffix="/tags")) == {"tags": ["big order"]} and api.get(of())["tags"] == ["big order"]
    assert last(api)["details"] == {"removed": ["vip"]}


@pytest.mark.parametrize("tags", [["a,b"], [""], ["ok", "x" * 41], "vip", [1], None])
def test_tags_that_cannot_be_change_nothing_and_are_not_offered(api: Caller, tags: Any) -> None:
    api.post(of(suffix="/tags"), {"tags": tags}, 400)
    assert api.get("/tags") == api.get(of(suffix="/tags")) == {"tags": []}


def test_more_tags_than_a_contact_may_have_are_refused_whole(api: Caller) -> None:
    api.post(of(suffix="/tags"), {"tags": [f"t{number}" for number in range(51)]}, 400)
    assert api.get(of(suffix="/tags")) == {"tags": []}


# -- The bot, and the block


def test_the_bot_is_switched_and_says_whether_that_changed_anything(api: Caller) -> None:
    assert [api.post(of(suffix="/bot"), {"status": status})["changed"] for status in ("on", "off", "off", "on")] == [
        False,
        True,
        False,
        True,
    ]
    assert (last(api)["kind"], last(api)["source"]) == ("bot_on", "api")


def test_a_blocked_contact_is_closed_and_cannot_be_written_to(api: Caller, store: Store) -> None:
    answer = api.post(of(suffix="/block"), {"blocked": True})
    assert answer["changed"] and answer["contact"]["blocked"] and answer["contact"]["open_conversation"] is None
    assert api.get(f"/conversations/{SUSAN_ID}-1")["closed_by"]["source"] == "api"
    api.post(of(suffix="/messages"), {"text": "hello", "open": True}, 409)
    assert not api.post(of(suffix="/block"), {"blocked": True})["changed"]
    assert not api.post(of(suffix="/block"), {"blocked": False})["contact"]["blocked"]
    write(store)
    assert api.get(of())["open_conversation"]["number"] == 2


# -- Assignee


def test_a_conversation_is_assigned_by_email_and_taken_back(api: Caller, store: Store) -> None:
    bob = add_user(store, "bob")
    answer = api.post(of(suffix="/conversation/assignee"), {"assignee": "BOB@example.com"})
    assert answer["changed"] and answer["conversation"] == api.get(of())["open_conversation"]
    assert (answer["conversation"]["assignee"], answer["conversation"]["bot"]) == (card(bob), "paused")
    assert not api.post(of(suffix="/conversation/assignee"), {"assignee": bob.email})["changed"]
    assert [notice.kind for notice in store.notices(bob.id, 10)] == ["assigned"]
    answer = api.post(of(suffix="/conversation/assignee"), {"assignee": None})
    assert answer["changed"] and answer["conversation"]["assignee"] is None


def test_assigning_takes_a_user_who_can_log_in_and_an_open_conversation(api: Caller, store: Store) -> None:
    gone = add_user(store, "gone")
    store.change_user(gone.id, lambda user: User(**{**_fields(user), "is_active": False}))
    for wanted in ("nobody@example.com", gone.email, "", gone.id):
        api.post(of(suffix="/conversation/assignee"), {"assignee": wanted}, 400)
    api.post(of(suffix="/conversation/assignee"), {}, 400)
    add_user(store, "bob")
    api.post(of(suffix="/conversation/status"), {"status": "close"})
    api.post(of(suffix="/conversation/assignee"), {"assignee": "bob@example.com"}, 409)
    api.post(of(suffix="/conversation/assignee"), {"assignee": None}, 409)


def test_who_was_invited_and_never_came_in_cannot_be_assigned(api: Caller, store: Store) -> None:
    carol, _ = store.add_user("carol@example.com", Role.AGENT)
    answer = api.post(of(suffix="/conversation/assignee"), {"assignee": carol.email}, 400)
    assert "has not come in yet" in answer["error"]["message"]
    assert store.snapshot(SUSAN_ID).open.assignee is None  # type: ignore[union-attr]


def _fields(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in user.__slots__}


# -- Comments


def test_a_comment_is_written_once_for_each_key_and_tells_those_who_may_see_the_contact(
    api: Caller, store: Store
) -> None:
    ann, bob = add_user(store, "ann"), add_user(store, "bob", is_restricted=True)
    api.post(of(suffix="/conversation/assignee"), {"assignee": ann.email})
    body = {"text": " Call her.\u0007 ", "mentions": [ann.email, bob.email]}
    entry = api.post(of(suffix="/comments"), body, 201, Idempotency_Key="c-1")
    assert (entry["kind"], entry["text"], entry["direction"]) == ("comment", "Call her.", None)
    assert entry["details"]["mentioned"] == [ann.id]
    assert api.post(of(suffix="/comments"), body, 201, Idempotency_Key="c-1") == entry == last(api)
    assert [notice.kind for notice in store.notices(ann.id, 10)] == ["mentioned", "assigned"]
    assert store.notices(bob.id, 10) == []
    api.post(of(suffix="/messages"), {"text": "Call her."}, 409, Idempotency_Key="c-1")


def test_a_comment_needs_no_open_conversation_but_words_and_known_users(api: Caller) -> None:
    api.post(of(suffix="/conversation/status"), {"status": "close"})
    assert api.post(of(suffix="/comments"), {"text": "x"}, 201)["conversation"] is None
    for body in (
        {"text": ""},
        {"text": " \u0000"},
        {"text": "x" * 2001},
        {"text": "x", "mentions": ["no@example.com"]},
    ):
        api.post(of(suffix="/comments"), body, 400)


def test_a_comment_is_never_sent(api: Caller, store: Store) -> None:
    api.post(of(suffix="/comments"), {"text": "secret"}, 201)
    assert store.snapshot(SUSAN_ID).head is None


# -- Users


def test_users_are_listed_by_name_without_anything_secret(api: Caller, store: Store) -> None:
    add_user(store, "bob", Role.OWNER)
    add_user(store, "ann")
    items = api.get("/users")["items"]
    assert [(user["name"], user["role"], user["is_active"]) for user in items] == [
        ("Ann", "agent", True),
        ("Bob", "owner", True),
    ]
    assert set(items[0]) == {"id", "email", "name", "role", "is_active", "is_available"}


# -- All of them


CHANGES: list[tuple[str, str, Any, int]] = [
    ("PATCH", "", {"name": "S"}, 200),
    ("POST", "/tags", {"tags": ["vip"]}, 200),
    ("DELETE", "/tags", {"tags": ["vip"]}, 200),
    ("POST", "/bot", {"status": "off"}, 200),
    ("POST", "/block", {"blocked": True}, 200),
    ("POST", "/comments", {"text": "hi"}, 201),
]


@pytest.mark.parametrize(("method", "suffix", "body", "status"), CHANGES)
def test_each_change_needs_the_token_and_a_contact(
    api: Caller, store: Store, method: str, suffix: str, body: Any, status: int
) -> None:
    reply = api.client.open(f"/api/v1{of(suffix=suffix)}", method=method, json=body)
    assert reply.status_code == 401 and len(lines(store)) == 2
    api.change(method, of(PETAR, suffix), body, 404)
    api.change(method, of(suffix=suffix), body, status)


@pytest.mark.parametrize(("method", "suffix", "body", "status"), CHANGES)
def test_each_change_of_a_merged_contact_is_one_of_the_contact_it_is_part_of(
    api: Caller, store: Store, valkey: Any, method: str, suffix: str, body: Any, status: int
) -> None:
    write(store, who=PETAR)
    valkey.client().hset(store.keys.contact(PETAR_ID), "merged_into", SUSAN_ID)
    before = store.timeline(PETAR_ID, 0, 100).end
    api.change(method, of(PETAR, suffix), body, status)
    assert store.timeline(PETAR_ID, 0, 100).end == before
    assert api.get(of(PETAR))["id"] == SUSAN_ID and api.get(of(PETAR))["identities"][0] == str(SUSAN)
