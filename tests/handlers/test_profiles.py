"""What users write about a contact: checked, said on the timeline with who did it, and found by the search."""

import json
from typing import Any

import pytest

from domain.actions import ChangeProfile
from domain.errors import BadPayload
from domain.events import Profile
from domain.models import Snapshot
from handlers import profiles
from tests.handlers.known import contact, conversation, snapshot
from tests.people import ALICE, SUSAN_ID


def tags(known: Snapshot, *add: str, remove: tuple[str, ...] = ()) -> ChangeProfile:
    return only(profiles.change_tags(known, add=add, remove=remove, by=ALICE))


def change(known: Snapshot, **changes: str) -> ChangeProfile:
    return only(profiles.change_profile(known, changes, by=ALICE))


def only(actions: list[Any]) -> ChangeProfile:
    assert len(actions) == 1 and isinstance(actions[0], ChangeProfile)
    return actions[0]


# -- Tags


def test_tags_are_added_behind_those_there_are_and_each_once() -> None:
    action = tags(snapshot(conversation(), tags=("a",)), "c", " b  b\u0007 ", "a", "c")
    assert action.tags_before == ("a",) and action.tags == ("a", "c", "b b")
    assert json.loads(action.values["tags"]) == ["a", "c", "b b"]
    assert action.line and (action.line.number, action.line.kind) == (1, "tags_changed")
    assert action.line.details == {"added": ["c", "b b"], "removed": None, "by": ALICE}


def test_taking_the_last_tag_away_leaves_nothing_stored() -> None:
    action = tags(snapshot(tags=("a",)), remove=("a", "never there"))
    assert action.tags == () and action.values == {"tags": ""}
    assert action.line and action.line.number == 0 and action.line.details["removed"] == ["a"]


@pytest.mark.parametrize(("add", "remove"), [((), ()), (("a",), ()), ((), ("b",)), ((" a ",), ("b",))])
def test_tags_that_are_so_already_change_nothing(add: tuple[str, ...], remove: tuple[str, ...]) -> None:
    assert profiles.change_tags(snapshot(tags=("a",)), add=add, remove=remove, by=None) == []


@pytest.mark.parametrize("tag", ["", "  ", "\u0000", "a,b", "x" * 41])
def test_what_cannot_be_a_tag_is_refused(tag: str) -> None:
    with pytest.raises(BadPayload, match="1 to 40 characters"):
        tags(snapshot(), tag)


def test_a_contact_has_only_so_many_tags() -> None:
    many = tuple(f"t{number}" for number in range(50))
    assert tags(snapshot(tags=many), "new", remove=("t0",)).tags[-1] == "new"
    with pytest.raises(BadPayload, match="at most 50"):
        tags(snapshot(tags=many), "new")


# -- Profile and custom fields


def test_name_phone_and_email_are_kept_in_one_form_and_found_by_it() -> None:
    action = change(
        snapshot(platform_name="S", name="S"), name=" Susan \n B ", phone="00359 88-1", email=" A@Example.COM "
    )
    assert (action.values["edited_name"], action.values["phone"]) == ("Susan B", "+359881")
    assert action.values["email"] == "a@example.com"
    assert action.terms == ("susan b", "b", "+359881", "a@example.com")
    assert action.values["terms"].split("\n") == list(action.terms)
    assert action.line and action.line.details == {"changed": ["phone", "email", "name"], "by": ALICE}


def test_clearing_the_name_brings_back_the_platforms() -> None:
    action = change(snapshot(platform_name="Susan", name="Suzie", terms=("suzie",)), name=" ")
    assert action.values["edited_name"] == "" and action.terms == ("susan",)


def test_clearing_all_leaves_nothing_to_find() -> None:
    action = change(snapshot(phone="+35988", terms=("+35988",)), phone="")
    assert action.values == {"phone": "", "terms": ""} and action.terms == ()


def test_custom_fields_change_one_by_one() -> None:
    known = snapshot(fields={"CITY": "Sofia", "SIZE": "M"})
    action = change(known, **{"fields.SIZE": " L\u0007 ", "fields.COLOUR": "red", "fields.NONE": ""})
    assert json.loads(action.values["fields"]) == {"CITY": "Sofia", "SIZE": "L", "COLOUR": "red"}
    assert action.line and action.line.details["changed"] == ["SIZE", "COLOUR"]
    assert change(known, **{"fields.CITY": "", "fields.SIZE": ""}).values["fields"] == ""


@pytest.mark.parametrize(
    "changes", [{}, {"name": "Susan"}, {"phone": ""}, {"email": " "}, {"fields.A": "1"}, {"name": ""}]
)
def test_a_profile_that_is_so_already_changes_nothing(changes: dict[str, str]) -> None:
    known = snapshot(name="Susan", platform_name="Susan", fields={"A": "1"})
    assert profiles.change_profile(known, changes, by=ALICE) == []


def test_tags_stay_as_they_are_with_a_change_of_the_profile() -> None:
    action = change(snapshot(tags=("a",)), phone="12345")
    assert action.tags_before == action.tags == ("a",)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 61),
        ("phone", "123"),
        ("phone", "+123"),
        ("phone", "++12345"),
        ("phone", "1" * 24),
        ("phone", "12345x"),
        ("phone", "٣٣٣٣٣"),
        ("email", "susan"),
        ("email", "@example.com"),
        ("email", "susan@example"),
        ("email", "su san@example.com"),
        ("email", "su\nsan@example.com"),
        ("email", f"{'x' * 250}@example.com"),
    ],
)
def test_what_cannot_be_is_refused_with_what_it_must_be(field: str, value: str) -> None:
    with pytest.raises(BadPayload, match=r"at most 60|4 to 23 digits|looks like"):
        change(snapshot(), **{field: value})


# -- The search's words


def test_a_contact_is_indexed_once_under_its_name() -> None:
    known = contact(name="Susan B")
    assert only(profiles.index(known)).terms == ("susan b", "b") and only(profiles.index(known)).line is None
    assert profiles.index(contact(name="Susan B", terms=("susan b", "b"))) == []
    assert profiles.index(contact()) == []


def test_a_contact_that_was_merged_is_not_indexed_again() -> None:
    assert profiles.index(contact(name="Susan", merged_into=SUSAN_ID)) == []


# -- The name that a platform tells


def test_a_name_that_the_platform_told_is_kept_and_found_without_a_line_on_the_timeline() -> None:
    action = only(profiles.take_name(contact(phone="+359 881", terms=("+359881",)), Profile(name=" Susan\0 Hill ")))
    assert action.values == {"name": "Susan Hill", "terms": "susan hill\nhill\n+359881"}
    assert action.terms == ("susan hill", "hill", "+359881")
    assert action.line is None


def test_a_name_that_a_user_wrote_stays_what_the_contact_is_found_by() -> None:
    action = only(profiles.take_name(contact(name="Sue", terms=("sue",)), Profile(name="Susan Hill")))
    assert action.values == {"name": "Susan Hill", "terms": "sue"} and action.terms == ("sue",)


def test_a_long_name_is_cut() -> None:
    assert only(profiles.take_name(contact(), Profile(name="x" * 61))).values["name"] == "x" * 60


@pytest.mark.parametrize(
    "changes", [{"platform_name": "Su", "name": "Su"}, {"is_blocked": True}, {"merged_into": SUSAN_ID}]
)
def test_who_has_a_name_or_is_blocked_or_merged_gets_none(changes: dict[str, Any]) -> None:
    assert profiles.take_name(contact(**changes), Profile(name="Susan")) == []


def test_no_name_changes_nothing() -> None:
    assert profiles.take_name(contact(), Profile(name=" \0")) == []
