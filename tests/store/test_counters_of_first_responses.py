"""The first response of a conversation: from when on somebody waits for it, and that it is the only one."""

import pytest

from domain.models import OpenConversation, Sender, Source
from store import Store
from tests.conftest import StoppedClock
from tests.people import BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, welcome, write
from tests.store.counting import (
    ALICE_ID,
    BOB_ID,
    begin,
    close,
    counted,
    each,
    first,
    forget,
    noon,
    reply,
)
from web.api_answers import conversation_body

OWN = ("first_response", "first_response_ms", "response", "response_ms")
WE_BEGIN = [Source.USER, Source.AUTOMATION, Source.API, Source.DIALOGFLOW]


@pytest.fixture(autouse=True)
def _at_noon(clock: StoppedClock) -> None:
    noon(clock)


def test_who_wrote_first_waits_from_the_opening_and_for_each_response(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(20)
    write(store, "anybody there?")
    clock.pass_s(40)
    reply(store)
    assert counted(store, *OWN) == first(60) | each(60)


def test_the_first_response_to_who_came_to_the_door_counts_from_the_opening(store: Store, clock: StoppedClock) -> None:
    store.receive([welcome(who=PETAR)])
    clock.pass_s(20)
    write(store, who=PETAR)
    clock.pass_s(40)
    reply(store, PETAR_ID)
    assert counted(store, *OWN) == first(60, channel="viber") | each(40, channel="viber")


def test_greeting_who_came_to_the_door_is_a_first_response_though_nobody_asked(
    store: Store, clock: StoppedClock
) -> None:
    store.receive([welcome()])
    clock.pass_s(30)
    reply(store)
    assert counted(store, *OWN) == first(30)
    write(store)
    clock.pass_s(5)
    reply(store)
    assert counted(store, *OWN) == first(30) | each(5)


@pytest.mark.parametrize("source", WE_BEGIN)
def test_where_we_began_the_first_response_is_the_one_to_the_contacts_first_message(
    store: Store, clock: StoppedClock, source: Source
) -> None:
    store.receive([welcome(opens=False)])
    begin(store, source=source)
    clock.pass_s(10)
    reply(store)
    assert counted(store, *OWN) == {}, "what we write first is no response"
    clock.pass_s(100)
    write(store)
    clock.pass_s(7)
    write(store)
    clock.pass_s(13)
    reply(store, by=BOB)
    assert counted(store, *OWN) == first(20, BOB_ID) | each(20, BOB_ID)


@pytest.mark.parametrize("source", WE_BEGIN)
def test_where_we_began_what_the_bot_answered_waits_for_no_first_response(
    store: Store, clock: StoppedClock, source: Source
) -> None:
    store.receive([welcome(opens=False)])
    begin(store, source=Source.API if source is Source.USER else source)
    write(store)
    reply(store, sender=Sender.BOT)
    clock.pass_s(10)
    reply(store)
    assert counted(store, *OWN) == {}
    write(store)
    clock.pass_s(20)
    reply(store)
    assert counted(store, *OWN) == first(20) | each(20)


def test_a_conversation_that_begins_anew_has_a_first_response_of_its_own(store: Store, clock: StoppedClock) -> None:
    for seconds in (10, 40):
        write(store)
        clock.pass_s(seconds)
        reply(store)
        close(store)
    assert counted(store, "first_response_ms") == {f"first_response_ms|facebook|{ALICE_ID}": 50_000}


@pytest.mark.parametrize("source", [Source.CONTACT, Source.WELCOME_EVENT, *WE_BEGIN])
def test_the_api_shows_the_first_response_that_is_counted(store: Store, clock: StoppedClock, source: Source) -> None:
    store.receive([welcome(opens=source is Source.WELCOME_EVENT)])
    clock.pass_s(12)
    if source in WE_BEGIN:
        begin(store, source=source)
        clock.pass_s(10)
        reply(store, by=BOB)
    write(store)
    clock.pass_s(33)
    reply(store)
    took_ms = counted(store, "first_response_ms")[f"first_response_ms|facebook|{ALICE_ID}"]
    assert took_ms == (45_000 if source is Source.WELCOME_EVENT else 33_000)
    forget(store)
    write(store)
    clock.pass_s(50)
    reply(store)
    assert counted(store, "first_response") == {}
    [still_open] = store.conversations(SUSAN_ID)
    assert isinstance(still_open, OpenConversation)
    close(store)
    for one in (still_open, store.conversation(SUSAN_ID, 1)):
        assert one.first_response_ms == took_ms and one.first_response_at_ms == clock.ms - 50_000
        assert (
            conversation_body(SUSAN_ID, one, store.snapshot(SUSAN_ID).contact).first_response_time_s == took_ms / 1000
        )


def test_without_a_response_there_is_no_first_response_time_anywhere(store: Store, clock: StoppedClock) -> None:
    write(store, who=SUSAN)
    reply(store, sender=Sender.BOT)
    clock.pass_s(10)
    close(store)
    closed = store.conversation(SUSAN_ID, 1)
    assert closed.first_response_ms is None and closed.first_response_at_ms is None
    assert conversation_body(SUSAN_ID, closed).first_response_time_s is None
    assert counted(store, *OWN) == {}
