"""Pairs of contacts that may be one person: all are found, bit by bit, and only those that are right are shown."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from domain.actions import Block
from domain.errors import StoreError
from domain.identities import Identity, contact_id
from handlers.profiles import change_profile
from store import Store
from tests.conftest import StoppedClock
from tests.people import BOB, message
from tests.store.counting import merge

PHONE, EMAIL = "+359888123456", "susan@example.com"
often = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
someone = some.tuples(
    some.sampled_from(("", "Maria", "Maria", "Maria Perez", "+1234567", "1234567", "a@b.example", "Ω mega")),
    some.sampled_from(("", "", PHONE, "1234567", "+1234567", "4711")),
    some.sampled_from(("", "", EMAIL, "a@b.example", f"{'x' * 60}@example.com")),
)


def somebody(number: int) -> Identity:
    return Identity("facebook", "1", str(number))


def add(store: Store, number: int, *, name: str = "", phone: str = "", email: str = "") -> str:
    who = somebody(number)
    store.receive([message(who=who)])
    contact = contact_id(who)
    describe(store, contact, name=name, phone=phone, email=email)
    return contact


def describe(store: Store, contact: str, **values: str) -> None:
    actions = change_profile(store.snapshot(contact), values, by=BOB)
    assert not actions or store.commit(store.snapshot(contact), actions).is_done


def walk(store: Store) -> list[list[str]]:
    """Go over all terms; return what was found to be alike."""
    found: list[list[str]] = []
    place = ""
    for _ in range(10_000):
        groups, place = store.alike(place)
        found += groups
        if not place:
            return found
    raise AssertionError("the walk does not end")


def shown(store: Store, limit: int = 100) -> list[set[str]]:
    return [{one.id, other.id} for one, other in store.suggestions(limit)[0]]


def pair(store: Store) -> tuple[str, str]:
    """Two who have the same phone, and are suggested."""
    one, other = (add(store, number, name=f"Susan {number}", phone=PHONE) for number in (1, 2))
    store.suggest(walk(store))
    assert shown(store) == [{one, other}]
    return one, other


def test_who_is_called_what_others_have_for_a_phone_does_not_stand_between_them(store: Store) -> None:
    first, between, last = sorted((1, 2, 3), key=lambda number: contact_id(somebody(number)))
    ids = {
        add(store, first, phone=PHONE),
        add(store, between, name=PHONE, email="susan@example.com"),
        add(store, last, phone=PHONE, email="susan@example.com"),
    }
    store.suggest(walk(store))
    assert {one for names in shown(store) for one in names} == ids


@often
@given(everybody=some.lists(someone, max_size=25), step=some.sampled_from((1, 2, 3, 500)))
def test_whoever_has_the_phone_or_email_of_another_one_is_found(
    valkey: Any, store: Store, everybody: list[tuple[str, str, str]], step: int
) -> None:
    valkey.client().flushall()
    known = [
        (add(store, number, name=name, phone=phone, email=email), phone, email)
        for number, (name, phone, email) in enumerate(everybody)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("store.suggestions.STEP", step)
        patch.setattr("store.suggestions.MOST_ALIKE", 1000)
        kept = store.suggest(walk(store))
    alike = {
        frozenset((one, other))
        for one, phone, email in known
        for other, other_phone, other_email in known
        if one != other and ((phone and phone == other_phone) or (email and email == other_email))
    }
    found = {frozenset(names) for names in shown(store, 1000)}
    assert found <= alike and kept == len(found) <= 100
    if step == 500:  # read in one go, everybody is in a pair; where a term is cut off, in each of its pieces
        assert {name for names in found for name in names} == {name for names in alike for name in names}


def test_a_walk_goes_on_where_it_was_and_passes_a_name_that_very_many_have(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.suggestions.STEP", 3)
    for number in range(150):
        add(store, number, name="Maria")
    one, other = add(store, 200, phone=PHONE, name="Zoe"), add(store, 201, email=EMAIL, phone=PHONE)
    third = add(store, 202, email=EMAIL)
    assert {frozenset(group) for group in walk(store)} == {frozenset((one, other)), frozenset((other, third))}


def test_an_email_that_is_longer_than_a_name_may_be_is_compared_whole(store: Store) -> None:
    begins = "x" * 50
    add(store, 1, email=f"{begins}1@example.com")
    add(store, 2, email=f"{begins}2@example.com")
    assert walk(store) == []
    add(store, 3, email=f"{begins}2@example.com")
    assert store.suggest(walk(store)) == 1


def test_of_many_who_share_a_number_few_pairs_are_suggested(store: Store) -> None:
    for number in range(30):
        add(store, number, phone=PHONE)
    assert store.suggest(walk(store)) == 9


def test_of_three_the_first_and_the_last_are_suggested_when_neither_is_the_one_between(store: Store) -> None:
    everybody = [add(store, number, phone=PHONE) for number in (1, 2, 3)]
    while store.suggest(walk(store)):
        for names in shown(store):
            everybody.append("+".join(sorted(names)))
            store.dismiss_suggestion(*names)
    assert len(set(everybody[3:])) == 3, "all three pairs were shown, each once"
    assert len(everybody) == 6


def test_who_is_only_called_like_another_ones_phone_is_not_suggested(store: Store) -> None:
    add(store, 1, name="4711 4711", phone="4711")
    add(store, 2, name="4711")
    assert walk(store) and store.suggest(walk(store)) == 0


def let_merge(store: Store, one: str, other: str) -> None:
    merge(store, one, other)


def let_block(store: Store, one: str, other: str) -> None:
    assert store.commit(store.snapshot(other), [Block(is_blocked=True, by=BOB)]).is_done


def let_delete(store: Store, one: str, other: str) -> None:
    store.delete_contact(one, None)


def let_change(store: Store, one: str, other: str) -> None:
    describe(store, one, phone="+359888000000")


def let_dismiss(store: Store, one: str, other: str) -> None:
    store.dismiss_suggestion(other, one)


@pytest.mark.parametrize("change", [let_merge, let_block, let_delete, let_change, let_dismiss])
def test_a_pair_that_is_not_right_any_more_is_shown_no_longer_and_goes(store: Store, change: Any) -> None:
    one, other = pair(store)
    change(store, one, other)
    assert shown(store) == []
    assert store.suggest(walk(store)) == 0 and store.suggest([[one, other]]) == 0
    assert store.connection.command(lambda client: client.zcard(store.keys.suggestions)) == 0


def test_who_was_known_first_is_first_of_a_pair(store: Store, clock: StoppedClock) -> None:
    late = []
    for number in (2, 1):
        late.append(add(store, number, phone=PHONE))
        clock.pass_s(60)
    store.suggest(walk(store))
    [(one, other)] = store.suggestions(10)[0]
    assert [one.id, other.id] == late


def test_so_many_are_kept_and_so_many_shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.suggestions.MOST_KEPT", 3)
    for number in range(10):
        add(store, number, phone=f"+3598880000{number // 2}")
    assert store.suggest(walk(store)) == 3
    assert len(shown(store)) == 3
    found, has_more = store.suggestions(2)
    assert len(found) == 2 and has_more and not store.suggestions(3)[1]
    one, other = found[0]
    store.dismiss_suggestion(one.id, other.id)
    assert store.suggest(walk(store)) == 3, "the next one has moved up"
    assert {one.id, other.id} not in shown(store)


def test_what_was_dismissed_is_forgotten_with_one_of_the_two(store: Store) -> None:
    one, other = pair(store)
    third, fourth = (add(store, number, email=EMAIL) for number in (3, 4))
    store.dismiss_suggestion(one, other)
    store.dismiss_suggestion(third, fourth)
    store.delete_contact(one, None)
    store.forget_dismissed()
    kept = store.connection.command(lambda client: client.zrange(store.keys.dismissed_suggestions, 0, -1))
    assert kept == [" ".join(sorted((third, fourth)))]


def test_so_many_dismissed_ones_are_kept(store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.suggestions.MOST_DISMISSED", 2)
    everybody = [contact_id(somebody(number)) for number in range(4)]
    for other in everybody[1:]:
        clock.pass_s(1)
        store.dismiss_suggestion(everybody[0], other)
    kept = store.connection.command(lambda client: client.zrange(store.keys.dismissed_suggestions, 0, -1))
    assert kept == [" ".join(sorted((everybody[0], other))) for other in everybody[2:]]


def test_only_contacts_can_be_dismissed(store: Store) -> None:
    with pytest.raises(StoreError):
        store.dismiss_suggestion(contact_id(somebody(1)), "x")
