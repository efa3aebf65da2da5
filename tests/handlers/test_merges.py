"""What a merge takes over, and what is said of it before and after."""

from dataclasses import replace
from typing import Any

import pytest

from domain.identities import Identity
from domain.models import Contact, Entry, Letter, OpenConversation, Snapshot, Source
from handlers.merges import (
    MergeOutcome,
    moved_entry,
    moves,
    outcome_text,
    preview,
    suggestion_terms,
    take_over,
)
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID

OLGA = Identity("viber", "shop", "0lga==")


def seen(contact: str = SUSAN_ID, identity: Identity = SUSAN, *, number: int = 0, **known: Any) -> Snapshot:
    is_open = OpenConversation(number=number, first_entry=0, opened_at_ms=0, source=Source.CONTACT, channel="x")
    return Snapshot(Contact(id=contact, identity=identity, **known), is_open if number else None, None, None, 5)


def petar(**known: Any) -> Snapshot:
    return seen(PETAR_ID, PETAR, **known)


def test_the_preview_tells_what_is_filled_and_what_is_kept() -> None:
    one = seen(name="Susan", phone="+44123", fields={"CITY": "Varna"})
    other = petar(
        name="Peter", phone="+44123", email="p@example.com", country="BG", fields={"CITY": "Sofia", "VIP": "1"}
    )
    found = {field.name: (field.kept, field.other, field.is_filled) for field in preview(one, other).fields}
    assert found == {
        "name": ("Susan", "Peter", False),
        "email": ("p@example.com", "p@example.com", True),
        "country": ("BG", "BG", True),
        "fields.CITY": ("Varna", "Sofia", False),
        "fields.VIP": ("1", "1", True),
    }


def test_the_preview_tells_identities_tags_and_what_closes_and_opens() -> None:
    found = preview(seen(tags=("a", "b")), petar(number=7, tags=("b", "c"), other_identities=(OLGA,)), undecided=2)
    assert found.identities == (SUSAN, PETAR, OLGA) and found.refused is None
    assert (found.tags, found.added_tags, found.left_out_tags) == (("a", "b", "c"), ("c",), ())
    assert (found.closes, found.undecided, found.opens) == (7, 2, True)
    assert not preview(seen(number=1), petar(number=7), undecided=2).opens
    assert not preview(seen(is_blocked=True), petar(), undecided=2).opens
    assert preview(seen(), petar()).closes is None


def test_more_tags_than_a_contact_may_have_are_left_out_and_shown() -> None:
    many = tuple(f"t{i}" for i in range(49))
    found = preview(seen(tags=many), petar(tags=("x", "y")))
    assert found.tags == (*many, "x") and found.left_out_tags == ("y",)


@pytest.mark.parametrize(
    ("primary", "secondary", "refused"),
    [(False, False, None), (True, False, None), (True, True, None), (False, True, MergeOutcome.SECONDARY_BLOCKED)],
)
def test_whoever_is_blocked_cannot_become_a_part_of_who_is_not(
    primary: bool, secondary: bool, refused: MergeOutcome | None
) -> None:
    assert preview(seen(is_blocked=primary), petar(is_blocked=secondary)).refused is refused


def test_a_contact_is_the_same_as_itself() -> None:
    assert preview(seen(), seen()).refused is MergeOutcome.SAME


def test_a_name_that_a_platform_gave_may_change_and_one_that_a_user_wrote_stays() -> None:
    given = take_over(seen(), petar(name="Pesho", platform_name="Pesho").contact, [], by=None)
    written = take_over(seen(), petar(name="Peter", platform_name="Pesho").contact, [], by=None)
    kept = take_over(seen(name="Susan"), petar(name="Pesho", platform_name="Pesho").contact, [], by=None)
    assert given.values["name"] == "Pesho" and "edited_name" not in given.values
    assert written.values["edited_name"] == "Peter" and "name" not in written.values
    assert not {"name", "edited_name"} & kept.values.keys()


def test_what_is_taken_over_is_found_by_the_search() -> None:
    change = take_over(seen(name="Susan", terms=("susan",)), petar(email="p@example.com").contact, [], by=ALICE)
    assert change.terms == ("susan", "p@example.com")
    assert change.values["terms"] == "susan\np@example.com" and change.line
    assert change.line.details == {"from": PETAR_ID, "name": None, "identities": [str(PETAR)], "by": ALICE}


def test_parts_of_parts_come_along_and_each_stands_once() -> None:
    other = petar(parts=("b" * 24,), other_identities=(OLGA,))
    change = take_over(seen(parts=("a" * 24,)), other.contact, [], by=None)
    assert change.values["parts"] == f'["{"a" * 24}","{PETAR_ID}","{"b" * 24}"]'
    again = take_over(seen(parts=(PETAR_ID,), other_identities=(PETAR,)), petar().contact, [], by=None)
    assert again.values["parts"] == f'["{PETAR_ID}"]' and again.values["identities"] == f'["{PETAR}"]'


def test_the_primary_answers_where_the_last_message_that_moved_was_written() -> None:
    own, olgas = entry(), entry(identity=str(OLGA))
    assert take_over(seen(), petar().contact, [olgas, own], by=None).values["via"] == str(PETAR)
    assert take_over(seen(), petar().contact, [own, olgas], by=None).values["via"] == str(OLGA)
    assert "via" not in take_over(seen(), petar().contact, [], by=None).values


def test_whether_somebody_has_subscribed_is_known_of_the_one_who_said_it() -> None:
    assert take_over(seen(), petar(is_subscribed=False).contact, [], by=None).values["subscribed"] == "0"
    assert (
        "subscribed" not in take_over(seen(is_subscribed=True), petar(is_subscribed=False).contact, [], by=None).values
    )


def test_a_message_that_moves_keeps_its_time_and_says_where_it_came_from() -> None:
    letter, data = moved_entry(entry(), petar().contact, is_blocked=False)
    assert (letter, data["at"], data["identity"]) == (Letter.MESSAGE, 9, str(PETAR))
    assert data["moved_from"] == f"{PETAR_ID}.3"
    assert moved_entry(entry(identity=str(OLGA)), petar().contact, is_blocked=True)[0] is Letter.NOTED
    assert moved_entry(entry(identity=str(OLGA)), petar().contact, is_blocked=True)[1]["identity"] == str(OLGA)


def test_a_welcome_for_which_a_call_waits_does_not_move() -> None:
    assert moves(entry()) and not moves(entry(token="t1"))


def test_suggestions_go_by_phone_and_email() -> None:
    contact = seen(name="Susan", phone="+44123", email="s@example.com").contact
    assert suggestion_terms(contact) == ("+44123", "s@example.com")
    assert suggestion_terms(replace(contact, phone="", email="")) == ()


def test_every_outcome_has_a_sentence() -> None:
    sentences = {outcome_text(outcome) for outcome in ("", *MergeOutcome)}
    assert len(sentences) == len(MergeOutcome) + 1 and all(sentence.endswith(".") for sentence in sentences)


def entry(**data: Any) -> Entry:
    return Entry(3, Letter.MESSAGE, {"kind": "message", "at": 9, "text": "hi", **data})
