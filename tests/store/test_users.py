"""Users, their passwords and the links by which they come in."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.errors import AppError, Conflict, NotFound
from domain.users import Role, User
from store import Link, Purpose, Store
from tests.conftest import StoppedClock, make_store
from tests.people import ALICE, BOB
from tests.servers import Valkey
from tests.web.signed_in import NO_PASSWORD, add_user

DAY_S = 86_400


def use(store: Store, token: str, name: str = "Susan") -> User:
    return store.use_link(store.find_link(token), name=name, password_hash="a hash")


def demote(user: User) -> User:
    return replace(user, role=Role.AGENT)


def deactivate(user: User) -> User:
    return replace(user, is_active=False)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Start all calls at the same moment; return what each gave or raised."""
    barrier = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = call()
        except AppError as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# -- Users


def test_an_e_mail_address_belongs_to_one_user_in_whatever_case_it_is_written(store: Store) -> None:
    added, _ = store.add_user("Susan@Example.com", Role.AGENT)
    with pytest.raises(Conflict, match="already"):
        store.add_user("susan@example.COM ", Role.AGENT)
    assert store.find_user(" SUSAN@example.com") == added
    assert [user.email for user in store.users()] == ["Susan@Example.com"]


def test_of_two_users_added_at_once_with_the_same_address_one_is_added(store: Store) -> None:
    def add() -> User:
        return store.add_user("a@example.com", Role.AGENT)[0]

    results = at_once(add, add)
    assert len([result for result in results if isinstance(result, User)]) == 1 and len(store.users()) == 1


def test_a_user_is_listed_as_they_are_now_and_looked_up_as_they_were_two_seconds_ago(
    store: Store, clock: StoppedClock, valkey: Valkey
) -> None:
    user = add_user(store)
    assert store.user(user.id) == user
    other = make_store(valkey)
    changed = other.change_user(user.id, lambda found: replace(found, name="Alicia"))
    assert store.user(user.id) == user and store.users() == [changed]
    other.change_user(user.id, lambda found: replace(found, name="Al"))
    clock.pass_s(2)
    found = store.user(user.id)
    assert found and found.name == "Al"
    assert store.user("nobody") is None


def test_changes_of_one_user_at_once_are_all_kept(store: Store) -> None:
    user = add_user(store)
    at_once(
        lambda: store.change_user(user.id, lambda found: replace(found, name="Alicia")),
        lambda: store.change_user(user.id, lambda found: replace(found, is_available=False)),
        lambda: store.change_user(user.id, lambda found: replace(found, role=Role.MANAGER)),
    )
    found = store.read_user(user.id)
    assert found == replace(user, name="Alicia", is_available=False, role=Role.MANAGER)


def test_who_changes_a_user_that_somebody_changed_meanwhile_changes_what_they_are_by_then(store: Store) -> None:
    user = add_user(store)
    seen: list[User] = []

    def take_away(found: User) -> User:
        if not seen:
            store.change_user(user.id, lambda other: replace(other, role=Role.MANAGER))
        seen.append(found)
        return replace(found, is_available=False)

    assert store.change_user(user.id, take_away) == replace(user, role=Role.MANAGER, is_available=False)
    assert [found.role for found in seen] == [Role.AGENT, Role.MANAGER]


def test_a_user_who_never_rests_is_said_to_be_changed_by_somebody_else(store: Store) -> None:
    user = add_user(store)

    def be_late(found: User) -> User:
        store.change_user(user.id, lambda other: replace(other, name=f"{other.name}!"))
        return replace(found, name="Late")

    with pytest.raises(Conflict, match="at the same time"):
        store.change_user(user.id, be_late)


def test_a_user_that_is_not_there_cannot_be_changed(store: Store) -> None:
    with pytest.raises(NotFound):
        store.change_user("nobody", demote)


# -- The last owner


@pytest.mark.parametrize("change", [demote, deactivate])
def test_the_last_owner_who_can_log_in_stays_one(store: Store, change: Callable[[User], User]) -> None:
    olga = add_user(store, Role.OWNER, name="Olga")
    store.add_user("invited@example.com", Role.OWNER)
    with pytest.raises(Conflict, match="last owner"):
        store.change_user(olga.id, change)
    assert store.read_user(olga.id) == olga
    add_user(store, Role.OWNER, name="Anna")
    assert store.change_user(olga.id, change) != olga


def test_an_owner_who_is_activated_again_counts_again(store: Store) -> None:
    olga, anna = add_user(store, Role.OWNER, name="Olga"), add_user(store, Role.OWNER, name="Anna")
    store.change_user(anna.id, deactivate)
    with pytest.raises(Conflict):
        store.change_user(olga.id, demote)
    store.change_user(anna.id, lambda user: replace(user, is_active=True))
    store.change_user(olga.id, demote)
    with pytest.raises(Conflict):
        store.change_user(anna.id, deactivate)


def test_who_becomes_an_owner_before_they_have_a_password_does_not_count_until_they_have_one(store: Store) -> None:
    olga = add_user(store, Role.OWNER, name="Olga")
    susan, token = store.add_user("susan@example.com", Role.AGENT)
    store.change_user(susan.id, lambda user: replace(user, role=Role.OWNER))
    with pytest.raises(Conflict, match="last owner"):
        store.change_user(olga.id, demote)
    use(store, token)
    assert store.change_user(olga.id, demote).role is Role.AGENT


@pytest.mark.parametrize("change", [demote, deactivate])
def test_of_two_owners_who_demote_each_other_at_once_one_stays(store: Store, change: Callable[[User], User]) -> None:
    for attempt in range(20):
        olga = add_user(store, Role.OWNER, name=f"Olga {attempt}")
        anna = add_user(store, Role.OWNER, name=f"Anna {attempt}")
        for rest in store.users():
            if rest.id not in (olga.id, anna.id):
                store.change_user(rest.id, deactivate)
        results = at_once(
            lambda one=olga: store.change_user(one.id, change),  # type: ignore[misc]
            lambda one=anna: store.change_user(one.id, change),  # type: ignore[misc]
        )
        owners = [user for user in store.users() if user.is_active and user.role is Role.OWNER]
        assert len(owners) == 1 and sum(isinstance(result, Conflict) for result in results) == 1


# -- Links


def test_a_link_sets_name_and_password_once(store: Store) -> None:
    user, token = store.add_user("susan@example.com", Role.AGENT)
    assert store.find_link(token).purpose is Purpose.INVITE and store.invited() == {user.id}
    assert use(store, token).name == "Susan" and store.password_hash(user.id) == "a hash"
    with pytest.raises(NotFound, match="has been used"):
        store.find_link(token)
    assert store.invited() == set()


def test_of_two_clicks_on_a_link_at_once_one_counts(store: Store) -> None:
    for attempt in range(20):
        user, token = store.add_user(f"susan{attempt}@example.com", Role.AGENT)
        link = store.find_link(token)

        def click(name: str, link: Link = link) -> Callable[[], User]:
            return lambda: store.use_link(link, name=name, password_hash=name)

        results = at_once(click("first"), click("second"), click("third"))
        [winner] = [result for result in results if isinstance(result, User)]
        assert store.read_user(user.id) == winner and store.password_hash(user.id) == winner.name
        assert sum(isinstance(result, NotFound | Conflict) for result in results) == 2


@pytest.mark.parametrize(("is_invited", "days"), [(True, 7), (False, 1)])
def test_a_link_works_a_week_for_an_invitation_and_a_day_for_a_new_password(
    store: Store, clock: StoppedClock, is_invited: bool, days: int
) -> None:
    user, token = store.add_user("susan@example.com", Role.AGENT)
    if not is_invited:
        use(store, token)
        token = store.make_link(user.id)
    clock.pass_s(days * DAY_S - 1)
    assert store.find_link(token).user
    clock.pass_s(1)
    with pytest.raises(NotFound):
        store.find_link(token)


def test_a_new_link_voids_the_one_before(store: Store) -> None:
    user, first = store.add_user("susan@example.com", Role.AGENT)
    second = store.make_link(user.id)
    with pytest.raises(NotFound):
        store.find_link(first)
    assert store.find_link(second).user == user


def test_a_link_that_was_read_before_a_newer_one_was_made_cannot_be_used_any_more(store: Store) -> None:
    user, token = store.add_user("susan@example.com", Role.AGENT)
    link = store.find_link(token)
    store.make_link(user.id)
    with pytest.raises(NotFound):
        store.use_link(link, name="Eve", password_hash="a hash")
    assert store.password_hash(user.id) == ""


def test_using_a_link_ends_every_session_of_that_user(store: Store) -> None:
    susan, petar = add_user(store, name="Susan"), add_user(store, name="Petar")
    hers, his = store.begin_session(susan, NO_PASSWORD, "A"), store.begin_session(petar, NO_PASSWORD, "B")
    use(store, store.make_link(susan.id))
    assert store.session(susan.id, hers) is None and store.session(petar.id, his)


def test_who_is_deactivated_has_no_link_and_gets_none(store: Store) -> None:
    susan = add_user(store, name="Susan")
    token = store.make_link(susan.id)
    link = store.find_link(token)
    store.change_user(susan.id, deactivate)
    for attempt in (lambda: store.find_link(token), lambda: use(store, token), lambda: store.make_link(susan.id)):
        with pytest.raises((NotFound, Conflict)):
            attempt()
    with pytest.raises((NotFound, Conflict)):
        store.use_link(link, name="Susan", password_hash="a hash")
    store.change_user(susan.id, lambda user: replace(user, is_active=True))
    with pytest.raises(NotFound):
        store.find_link(token)


@pytest.mark.parametrize("token", ["", "first", "first.", ".", "x.y", "first.\ud800", "../../x.y", "a" * 5000, "x:y.z"])
def test_a_token_that_somebody_made_up_is_no_link(store: Store, token: str) -> None:
    store.make_first_link()
    with pytest.raises(NotFound):
        store.find_link(token)


def test_neither_a_link_nor_a_session_can_be_read_from_the_store(store: Store, valkey: Valkey) -> None:
    susan = add_user(store, name="Susan")
    tokens = [store.make_first_link(), store.make_link(susan.id), store.begin_session(susan, NO_PASSWORD, "A")]
    secrets = [token.rpartition(".")[2] for token in tokens if token]
    client = valkey.client()
    dump = b"".join(client.dump(key) or b"" for key in client.scan_iter()).decode("latin-1")
    assert len(secrets) == 2 and susan.id in dump
    assert not any(secret in dump or secret in str(list(client.scan_iter())) for secret in secrets)


# -- The first owner


def test_the_first_link_makes_an_owner(store: Store) -> None:
    link = store.find_link(store.make_first_link())
    assert link.purpose is Purpose.FIRST and link.user is None
    olga = store.use_link(link, name="Olga", password_hash="a hash", email="Olga@Example.com")
    assert olga.role is Role.OWNER and store.find_user("olga@example.com") == olga
    with pytest.raises(Conflict, match="last owner"):
        store.change_user(olga.id, demote)


def test_each_first_link_voids_the_one_before_and_there_is_none_once_somebody_can_log_in(store: Store) -> None:
    old, new = store.make_first_link(), store.make_first_link()
    with pytest.raises(NotFound):
        store.find_link(old)
    link = store.find_link(new)
    add_user(store)
    assert store.make_first_link() == ""
    with pytest.raises(NotFound):
        store.use_link(link, name="Eve", password_hash="a hash", email="eve@example.com")
    assert store.find_user("eve@example.com") is None


def test_of_two_clicks_on_the_first_link_at_once_one_makes_an_owner(store: Store) -> None:
    link = store.find_link(store.make_first_link())
    at_once(
        lambda: store.use_link(link, name="A", password_hash="a", email="a@example.com"),
        lambda: store.use_link(link, name="B", password_hash="b", email="b@example.com"),
    )
    assert len(store.users()) == 1 and store.has_users()


def test_the_first_owner_cannot_take_the_address_of_somebody_who_is_invited(store: Store) -> None:
    link = store.find_link(store.make_first_link())
    store.add_user("susan@example.com", Role.AGENT)
    with pytest.raises(Conflict, match="already"):
        store.use_link(link, name="Eve", password_hash="a hash", email="SUSAN@example.com")


# -- Audit


def test_the_audit_says_who_did_what_newest_first(store: Store) -> None:
    olga = add_user(store, Role.OWNER, name="Olga")
    susan, _ = store.add_user("susan@example.com", Role.AGENT, by=olga.card)
    store.change_user(susan.id, lambda user: replace(user, role=Role.MANAGER), what="user.role_changed", by=olga.card)
    store.record_audit("contact.deleted", olga.card, contact="c1")
    deleted, changed, invited, *_ = store.audit(10)
    assert (deleted["what"], deleted["by"]["name"], deleted["contact"]) == ("contact.deleted", "Olga", "c1")
    assert (changed["what"], changed["user"]["id"], changed["role"]) == ("user.role_changed", susan.id, "manager")
    assert (invited["what"], invited["user"]["email"]) == ("user.invited", "susan@example.com")
    assert store.audit(1, 1) == [changed]


def test_what_was_refused_is_not_in_the_audit(store: Store) -> None:
    olga = add_user(store, Role.OWNER, name="Olga")
    before = store.audit(100)
    with pytest.raises(Conflict):
        store.change_user(olga.id, demote, what="user.role_changed", by=olga.card)
    assert store.audit(100) == before


def test_the_audit_keeps_ten_thousand_lines(store: Store, valkey: Valkey) -> None:
    valkey.client().rpush(store.keys.audit, *['{"what":"old","at":1}'] * 10_000)
    store.record_audit("contact.deleted", None)
    add_user(store)
    assert valkey.client().llen(store.keys.audit) == 10_000
    assert [line["what"] for line in store.audit(3)] == ["user.link_used", "user.invited", "contact.deleted"]


def test_whoever_guesses_passwords_pushes_nothing_out_of_the_audit(store: Store, clock: StoppedClock) -> None:
    for _ in range(50):
        store.record_failed_log_in(ALICE)
    store.record_failed_log_in(BOB)
    assert [line["user"]["id"] for line in store.audit(100)] == [BOB["id"], ALICE["id"]]


def test_a_conversation_can_be_given_to_who_came_in_and_is_not_deactivated(store: Store) -> None:
    zoe, anna, bob = (add_user(store, name=name) for name in ("Zoe", "Anna", "Bob"))
    store.change_user(bob.id, deactivate)
    _, token = store.add_user("carol@example.com", Role.AGENT)
    assert [user.email for user in store.assignable_users()] == [anna.email, zoe.email]
    carol = store.use_link(store.find_link(token), name="Carol", password_hash="a hash")
    assert carol in store.assignable_users()
