"""Who is logged in where, and how that ends."""

from dataclasses import replace

import pytest

from domain.errors import Conflict, NotFound
from store import Store
from tests.conftest import StoppedClock, make_store
from tests.servers import Valkey
from tests.web.signed_in import NO_PASSWORD, add_user

DAY_S = 86_400


def test_a_token_speaks_for_its_user_only(store: Store) -> None:
    susan, petar = add_user(store, name="Susan"), add_user(store, name="Petar")
    token = store.begin_session(susan, NO_PASSWORD, "Firefox on Linux")
    found = store.session(susan.id, token)
    assert found and found[0] == susan and found[1].device == "Firefox on Linux"
    for user, wrong in ((petar.id, token), (susan.id, "made up"), (susan.id, ""), (susan.id, found[1].id)):
        assert store.session(user, wrong) is None


def test_every_log_in_gets_a_token_of_its_own(store: Store) -> None:
    susan = add_user(store)
    assert len({store.begin_session(susan, NO_PASSWORD, "A") for _ in range(3)}) == 3
    assert len(store.sessions(susan.id)) == 3


def test_a_session_ends_after_fourteen_days_without_use(store: Store, clock: StoppedClock) -> None:
    susan = add_user(store)
    token = store.begin_session(susan, NO_PASSWORD, "A")
    for _ in range(3):
        clock.pass_s(14 * DAY_S - 1)
        assert store.session(susan.id, token)
    clock.pass_s(14 * DAY_S)
    assert store.session(susan.id, token) is None and store.sessions(susan.id) == []


def test_a_session_ends_ninety_days_after_its_log_in_however_much_it_is_used(store: Store, clock: StoppedClock) -> None:
    susan = add_user(store)
    token = store.begin_session(susan, NO_PASSWORD, "A")
    for _ in range(9):
        clock.pass_s(10 * DAY_S - 1)
        assert store.session(susan.id, token)
    clock.pass_s(9)
    assert store.session(susan.id, token) is None and store.sessions(susan.id) == []


def test_its_use_is_written_at_most_once_a_minute(store: Store, clock: StoppedClock) -> None:
    susan = add_user(store)
    token = store.begin_session(susan, NO_PASSWORD, "A")
    began_at_ms = clock.ms
    clock.pass_s(59)
    assert store.session(susan.id, token)
    assert store.sessions(susan.id)[0].used_at_ms == store.last_seen()[susan.id] == began_at_ms
    clock.pass_s(1)
    assert store.session(susan.id, token)
    assert store.sessions(susan.id)[0].used_at_ms == store.last_seen()[susan.id] == clock.ms
    assert store.sessions(susan.id)[0].began_at_ms == began_at_ms


def test_a_session_that_is_ended_while_its_use_is_written_stays_ended(store: Store, clock: StoppedClock) -> None:
    susan = add_user(store)
    token = store.begin_session(susan, NO_PASSWORD, "A")
    found = store.session(susan.id, token)
    assert found
    store.end_session(susan.id, found[1].id)
    store._touch(susan.id, replace(found[1], used_at_ms=clock.ms))
    assert store.session(susan.id, token) is None and store.sessions(susan.id) == []


def test_a_single_session_and_all_others_can_be_ended(store: Store) -> None:
    susan = add_user(store)
    tokens = [store.begin_session(susan, NO_PASSWORD, device) for device in "ABC"]
    ids = {session.device: session.id for session in store.sessions(susan.id)}
    store.end_session(susan.id, ids["A"])
    with pytest.raises(NotFound):
        store.end_session(susan.id, ids["A"])
    store.end_sessions(susan.id, keep=ids["C"])
    assert [bool(store.session(susan.id, token)) for token in tokens] == [False, False, True]
    store.end_sessions(susan.id)
    assert store.sessions(susan.id) == []


def test_ending_sessions_where_there_are_none_does_not_push_older_lines_out_of_the_audit(store: Store) -> None:
    susan = add_user(store)
    store.begin_session(susan, NO_PASSWORD, "A")
    for _ in range(3):
        store.end_sessions(susan.id, by=susan.card)
    assert [line["what"] for line in store.audit(10)].count("user.sessions_ended") == 1


def test_who_is_deactivated_is_out_at_once_also_in_another_process(store: Store, valkey: Valkey) -> None:
    susan, elsewhere = add_user(store), make_store(valkey)
    token = store.begin_session(susan, NO_PASSWORD, "A")
    assert elsewhere.session(susan.id, token) and elsewhere.user(susan.id)
    store.change_user(susan.id, lambda user: replace(user, is_active=False))
    assert elsewhere.session(susan.id, token) is None
    store.change_user(susan.id, lambda user: replace(user, is_active=True))
    assert elsewhere.session(susan.id, token) is None


def test_no_session_begins_for_whom_is_deactivated_or_has_another_password_by_now(store: Store) -> None:
    susan = add_user(store)
    store.change_password(susan, NO_PASSWORD, "another")
    with pytest.raises(Conflict):
        store.begin_session(susan, NO_PASSWORD, "A")
    store.change_user(susan.id, lambda user: replace(user, is_active=False))
    with pytest.raises(Conflict):
        store.begin_session(susan, "another", "A")
    assert store.sessions(susan.id) == []


def test_a_new_password_ends_all_other_sessions_and_links(store: Store) -> None:
    susan = add_user(store)
    here, there = (store.begin_session(susan, NO_PASSWORD, device) for device in "AB")
    link = store.make_link(susan.id)
    found = store.session(susan.id, here)
    assert found
    store.change_password(susan, NO_PASSWORD, "another", keep_session=found[1].id)
    assert store.session(susan.id, here) and store.session(susan.id, there) is None
    with pytest.raises(NotFound):
        store.find_link(link)


def test_a_password_is_not_replaced_by_somebody_who_checked_an_older_one(store: Store) -> None:
    susan = add_user(store)
    store.change_password(susan, NO_PASSWORD, "another")
    with pytest.raises(Conflict):
        store.change_password(susan, NO_PASSWORD, "a third", keep_session="x")
    assert store.password_hash(susan.id) == "another"


def test_of_many_sessions_the_twenty_used_last_are_kept(store: Store, clock: StoppedClock) -> None:
    susan = add_user(store)
    for number in range(23):
        clock.pass_s(1)
        store.begin_session(susan, NO_PASSWORD, str(number))
    assert [session.device for session in store.sessions(susan.id)] == [str(number) for number in range(22, 2, -1)]
