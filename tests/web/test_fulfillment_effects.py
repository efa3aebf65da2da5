"""What a fulfillment call does: RB_MARKDONE to the conversation that its session names, once; and the others."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.models import ClosedConversation, Source
from handlers import users
from store import Store
from tests.people import SUSAN, SUSAN_ID, lines, welcome, write
from tests.servers import Valkey
from tests.web.fulfillment_caller import call, carried_out, close, open_number

# -- RB_MARKDONE=true


@pytest.mark.parametrize("entry", [1, None])
def test_true_closes_the_conversation_that_the_session_names(
    client: FlaskClient, store: Store, entry: int | None
) -> None:
    write(store)
    taken = store.take_turn(SUSAN_ID)
    assert taken and taken[1].undecided
    committed = store.commit(taken[1], [], turn=taken[0], decides=taken[1].undecided.number)
    assert committed.is_done
    carried_out(client, call(entry=entry, RB_MARKDONE="true"))
    closed = store.conversation(SUSAN_ID, 1)
    assert isinstance(closed, ClosedConversation) and closed.closed_source is Source.DIALOGFLOW
    assert open_number(store) is None


@pytest.mark.parametrize("entry", [1, None])
def test_a_late_true_for_one_does_nothing_to_two(client: FlaskClient, store: Store, entry: int | None) -> None:
    write(store)
    close(store)
    write(store, "something new")
    carried_out(client, call(1, entry=entry, RB_MARKDONE="true"))
    assert open_number(store) == 2


def test_true_of_a_turn_does_not_close_away_what_the_contact_wrote_after_it(client: FlaskClient, store: Store) -> None:
    write(store, "bye")
    write(store, "wait!")
    carried_out(client, call(entry=1, RB_MARKDONE="true"))
    opened = store.snapshot(SUSAN_ID).open
    assert opened and (opened.number, opened.source, opened.incoming) == (2, Source.CONTACT, 1)


def test_a_foreign_true_leaves_what_is_undecided_in_a_conversation_of_its_own(
    client: FlaskClient, store: Store
) -> None:
    write(store, "hello?")
    carried_out(client, call(RB_MARKDONE="true"))
    opened = store.snapshot(SUSAN_ID).open
    assert opened and (opened.number, opened.incoming) == (2, 1)


def test_a_call_that_is_repeated_closes_once(client: FlaskClient, store: Store) -> None:
    write(store, "bye")
    for _ in range(3):
        carried_out(client, call(entry=1, RB_MARKDONE="true"))
    write(store, "again")
    carried_out(client, call(entry=1, RB_MARKDONE="true"))
    assert [kind for kind, _ in lines(store)].count("closed") == 1 and open_number(store) == 2


# -- RB_MARKDONE=false


def test_false_opens_for_a_turn_without_a_conversation_once(client: FlaskClient, store: Store) -> None:
    store.receive([welcome(opens=False)])
    data = call(0, entry=0, RB_MARKDONE="false")
    carried_out(client, data)
    opened = store.snapshot(SUSAN_ID).open
    assert opened and (opened.number, opened.source) == (1, Source.DIALOGFLOW)
    close(store)
    carried_out(client, data)
    assert open_number(store) is None


def test_false_of_a_turn_whose_conversation_was_closed_meanwhile_does_nothing(
    client: FlaskClient, store: Store
) -> None:
    write(store)
    close(store)
    carried_out(client, call(entry=1, RB_MARKDONE="false"))
    assert open_number(store) is None and len(store.conversations(SUSAN_ID)) == 1


def test_false_while_one_is_open_changes_nothing(client: FlaskClient, store: Store) -> None:
    write(store)
    before = lines(store)
    for entry in (1, None):
        carried_out(client, call(entry=entry, RB_MARKDONE="false"))
    assert lines(store) == before


def test_a_foreign_false_opens_once_for_each_response(client: FlaskClient, store: Store) -> None:
    write(store)
    close(store)
    for expected, response_id in ((2, "r-1"), (None, "r-1"), (3, "r-2"), (None, "r-1")):
        carried_out(client, call(response_id=response_id, RB_MARKDONE="false"))
        assert open_number(store) == expected, response_id
        if expected:
            close(store, expected)


def test_true_and_false_of_one_response_are_two_effects(client: FlaskClient, store: Store) -> None:
    write(store)
    taken = store.take_turn(SUSAN_ID)
    assert taken and taken[1].undecided
    store.commit(taken[1], [], turn=taken[0], decides=taken[1].undecided.number)
    carried_out(client, call(RB_MARKDONE="true"))
    assert open_number(store) is None
    carried_out(client, call(RB_MARKDONE="false"))
    assert open_number(store) == 2


def test_a_caller_that_names_no_response_is_carried_out_each_time(client: FlaskClient, store: Store) -> None:
    write(store)
    close(store)
    for number in (2, 3):
        carried_out(client, call(response_id="", RB_MARKDONE="false"))
        assert open_number(store) == number
        close(store, number)


def test_false_opens_nothing_for_a_blocked_contact(client: FlaskClient, store: Store, valkey: Valkey) -> None:
    write(store)
    close(store)
    valkey.client().hset(store.keys.contact(SUSAN_ID), "blocked", "1")
    for number, entry in ((1, None), (0, None), (0, 1)):
        carried_out(client, call(number, entry=entry, RB_MARKDONE="false"))
    assert open_number(store) is None


# -- The others


def test_notify_asks_for_a_person_and_botstatus_turns_the_bot_off_and_on(client: FlaskClient, store: Store) -> None:
    write(store)
    carried_out(client, call(entry=1, RB_NOTIFY="Susan wants a person", RB_BOTSTATUS="false"))
    snapshot = store.snapshot(SUSAN_ID)
    assert snapshot.open and snapshot.open.needs == "notify" and snapshot.contact.bot_off == "1"
    carried_out(client, call(response_id="r-2", RB_BOTSTATUS="true"))
    assert store.snapshot(SUSAN_ID).contact.bot_off == ""


def test_a_conversation_that_a_person_took_over_is_left_alone(client: FlaskClient, store: Store) -> None:
    write(store)
    snapshot = store.snapshot(SUSAN_ID)
    assert store.commit(snapshot, users.assign(snapshot, {"id": "u2"}, number=1)).is_done
    carried_out(client, call(entry=1, RB_MARKDONE="true", RB_BOTSTATUS="false"))
    assert open_number(store) == 1 and store.snapshot(SUSAN_ID).contact.bot_off == ""


def test_a_contact_that_changes_meanwhile_is_decided_anew(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store)
    web_store: Store = client.application.extensions["markdone"].store
    read = web_store.snapshot

    def read_and_let_somebody_in(contact: str) -> Any:
        snapshot = read(contact)
        close(store)
        write(store, f"{SUSAN.kind} again")
        return snapshot

    monkeypatch.setattr(web_store, "snapshot", read_and_let_somebody_in)
    carried_out(client, call(1, entry=1, RB_MARKDONE="true"))
    assert open_number(store) == 2
