"""The search: by the beginning of a name, phone or email, by tag, identity and id; what fits whole comes first."""

from typing import Any

import pytest

from domain.events import Profile
from domain.identities import Identity, contact_id
from domain.search_terms import contact_terms, normalize, normalize_phone
from handlers import profiles
from store import Store
from tests.conftest import StoppedClock
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, welcome, write

CHANNELS = ("facebook:104200000000042", "viber:shop")


def know(store: Store, who: Identity, called: str = "", **changes: str) -> str:
    """Let somebody write, and write down what is known of them."""
    contact = store.receive([message(who=who, profile=Profile(name=called))])[0].contact
    decided = profiles.change_profile(store.snapshot(contact), changes, by=None) if changes else []
    for actions in (decided, profiles.index(store.snapshot(contact).contact) if not decided else []):
        if actions:
            assert store.commit(store.snapshot(contact), actions).is_done
    return contact


def tag(store: Store, contact: str, *tags: str) -> None:
    store.know_tags(tags)
    snapshot = store.snapshot(contact)
    assert store.commit(snapshot, profiles.change_tags(snapshot, add=tags, by=None)).is_done


def crowd(store: Store, names: list[str]) -> list[str]:
    return [know(store, Identity("facebook", "1", f"7{i:03}"), name) for i, name in enumerate(names)]


def found(store: Store, text: str, limit: int = 20) -> list[str]:
    return [contact.id for contact, _ in store.search(text, limit, CHANNELS)]


@pytest.mark.parametrize(
    "text",
    [
        "Susán",
        "susan",
        "SUSAN O",
        "o'brien",
        "  susan   o'b ",
        "359",
        "+359 88",
        "00359",
        "(359) 88-1",
        "sus@",
    ],
)
def test_a_contact_is_found_by_the_beginning_of_what_is_known_of_it(store: Store, text: str) -> None:
    know(store, SUSAN, "Susan O'Brien", phone="+359 881 234", email="Sus@Example.com")
    know(store, PETAR, "Petar")
    assert found(store, text) == [SUSAN_ID]


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00", "\ud800", "usan", "example.com", "881", "x" * 5000, "*", "[", "(", "-", "#", ":::"]
)
def test_what_nothing_begins_with_finds_nobody(store: Store, text: str) -> None:
    know(store, SUSAN, "Susan", phone="+359 881 234", email="Sus@Example.com")
    assert found(store, text) == []


@pytest.mark.parametrize("name", ["Жана Петрова", "陳大文", "Ångström", "A" * 60, "x\U0010ffff", "-1", "ß"])
def test_names_in_any_script_are_found(store: Store, name: str) -> None:
    know(store, SUSAN, name)
    assert found(store, name) == [SUSAN_ID] and found(store, name[:1].upper()) == [SUSAN_ID]


def test_what_fits_whole_comes_first_then_in_the_order_of_the_alphabet(store: Store) -> None:
    annabel, ann, anna, joann = crowd(store, ["Annabel", "Ann", "Anna", "Jo Ann"])
    assert found(store, "ann")[2:] == [anna, annabel]
    assert set(found(store, "ann")[:2]) == {ann, joann}
    assert found(store, "ann", limit=1)[0] in (ann, joann)


def test_no_more_are_found_than_are_wanted_each_once(store: Store) -> None:
    contacts = crowd(store, ["Ann Ann Ann Anna"] * 30)
    assert sorted(found(store, "ann", limit=100)) == sorted(contacts)
    assert len(set(found(store, "ann", limit=7))) == 7


def test_a_name_that_changed_is_found_as_it_is_now(store: Store) -> None:
    know(store, SUSAN, "Susan")
    know(store, SUSAN, "Susan", name="Suzie", phone="0888 1")
    assert (found(store, "susan"), found(store, "suzie"), found(store, "08881")) == ([], [SUSAN_ID], [SUSAN_ID])
    know(store, SUSAN, "Susan", name="", phone="")
    assert (found(store, "susan"), found(store, "suzie"), found(store, "08881")) == ([SUSAN_ID], [], [])


def test_somebody_who_only_opened_the_screen_is_found_by_identity(store: Store) -> None:
    store.receive([welcome(who=PETAR)])
    assert found(store, PETAR.contact_ref) == [PETAR_ID]


@pytest.mark.parametrize(
    "text",
    [SUSAN_ID, f"id:{SUSAN_ID}", f"{SUSAN_ID}-1", f"{SUSAN_ID}-99", str(SUSAN), SUSAN.contact_ref, f" {SUSAN_ID}\n"],
)
def test_a_contact_is_found_by_any_of_its_ids(store: Store, text: str) -> None:
    write(store)
    write(store, who=PETAR)
    [(contact, conversation)] = store.search(text, 5, CHANNELS)
    assert contact.id == SUSAN_ID and conversation and conversation.number == 1


@pytest.mark.parametrize("text", [PETAR_ID, str(PETAR), f"{PETAR_ID}-1"])
def test_whoever_was_merged_is_found_as_the_one_they_were_merged_into(store: Store, valkey: Any, text: str) -> None:
    write(store)
    write(store, who=PETAR)
    valkey.client().hset(store.keys.contact(PETAR_ID), "merged_into", SUSAN_ID)
    assert found(store, text) == [SUSAN_ID]


def test_merges_that_go_in_a_circle_end(store: Store, valkey: Any) -> None:
    for who, other in ((SUSAN, PETAR_ID), (PETAR, SUSAN_ID)):
        write(store, who=who)
        valkey.client().hset(store.keys.contact(contact_id(who)), "merged_into", other)
    assert found(store, SUSAN_ID) == []


def test_a_tag_is_found_in_either_case_and_with_a_hash(store: Store) -> None:
    write(store)
    write(store, who=PETAR)
    tag(store, SUSAN_ID, "Big order", "VIP")
    for text in ("vip", "#VIP", "big ORDER"):
        assert found(store, text) == [SUSAN_ID]
    assert found(store, "big") == []


def test_names_come_before_tags(store: Store) -> None:
    vip, other = crowd(store, ["Vip Person", "Other"])
    tag(store, other, "vip")
    tag(store, vip, "vip")
    assert found(store, "vip") == [vip, other]


def test_every_tag_is_offered_in_order_each_once(store: Store) -> None:
    assert store.tags() == []
    store.know_tags([])
    store.know_tags(["late", "VIP"])
    store.know_tags(["VIP", "äpfel"])
    assert store.tags() == ["VIP", "late", "äpfel"]


def test_contacts_with_exactly_the_same_phone_or_email_are_told(store: Store) -> None:
    susan = know(store, SUSAN, "Susan", phone="+359 881 234", email="s@example.com")
    petar = know(store, PETAR, "Petar", phone="00359881234")
    know(store, Identity("facebook", "1", "7"), "Other", phone="+3598812345", email="s@example.co")
    assert sorted(store.with_term("+359881234", 10)) == sorted([susan, petar])
    assert store.with_term("s@example.com", 10) == [susan]
    assert store.with_term("s@example", 10) == []


# -- When somebody wrote last


def test_the_last_message_of_an_identity_is_told_by_the_platforms_time(store: Store, clock: StoppedClock) -> None:
    assert store.last_incoming_at_ms(SUSAN_ID, SUSAN) is None
    store.receive([message(sent_at_ms=clock.ms - 5_000)])
    store.receive([message(sent_at_ms=clock.ms - 4_000, letter="n", opens=None)])
    assert store.last_incoming_at_ms(SUSAN_ID, SUSAN) == clock.ms - 5_000


def test_a_message_without_a_time_of_its_own_has_that_of_its_arrival(store: Store, clock: StoppedClock) -> None:
    write(store)
    assert store.last_incoming_at_ms(SUSAN_ID, SUSAN) == clock.ms


# -- Terms


def test_a_name_is_found_from_each_of_its_first_words_on() -> None:
    assert contact_terms("Ana Maria  da SILVA e Costa", "", "") == (
        "ana maria da silva e costa",
        "maria da silva e costa",
        "da silva e costa",
        "silva e costa",
    )
    assert contact_terms("", "00 44 (20) 1", "A@B.c") == ("+44201", "a@b.c") and contact_terms(" ", "", "") == ()


@pytest.mark.parametrize(
    ("text", "plain"),
    [("ÀÉÎ\tø", "aei ø"), ("STRASSE ß", "strasse ss"), ("a\x00b", "a b"), ("ﬁ", "fi"), ("x " * 40, "x " * 19 + "x")],
)
def test_terms_have_neither_case_nor_accents_and_an_end(text: str, plain: str) -> None:
    assert normalize(text) == plain


@pytest.mark.parametrize(("text", "plain"), [("+1 (202) 555-01.23", "+12025550123"), ("0043/1", "+431"), ("0", "0")])
def test_phone_numbers_lose_what_stands_between_their_digits(text: str, plain: str) -> None:
    assert normalize_phone(text) == plain
