"""How long somebody waited for a person: each response, and what is none."""

from collections.abc import Callable

import pytest

from domain.actions import Action, Block, Close, NeedPerson, NoteLine, NoteNotSent, Pause, Send
from domain.models import Sender, Source
from store import Store
from tests.conftest import StoppedClock
from tests.lua_servers import Monitor
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN_ID, message, take, write
from tests.servers import Valkey
from tests.store.attempts import attempt
from tests.store.counting import (
    BOB_ID,
    act,
    close,
    counted,
    counting_steps,
    each,
    first,
    from_page_inbox,
    merge,
    noon,
    reply,
)

OWN = ("first_response", "first_response_ms", "response", "response_ms")
WE_BEGIN = [Source.USER, Source.AUTOMATION, Source.API, Source.DIALOGFLOW]


@pytest.fixture(autouse=True)
def _at_noon(clock: StoppedClock) -> None:
    noon(clock)


def test_a_second_reply_is_no_response_until_somebody_waits_again(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(60)
    reply(store)
    once = counted(store, *OWN)
    clock.pass_s(60)
    reply(store, by=BOB)
    assert counted(store, *OWN) == once
    write(store)
    clock.pass_s(30)
    reply(store, by=BOB)
    assert counted(store, *OWN) == once | each(30, BOB_ID)
    write(store)
    clock.pass_s(30)
    reply(store, by=BOB)
    twice = {name: 2 * count for name, count in each(30, BOB_ID).items()}
    assert counted(store, *OWN) == once | twice, "the first response stays the only one"


@pytest.mark.parametrize("sender", [Sender.BOT, Sender.AUTOMATION, Sender.API])
def test_what_no_person_wrote_is_no_response_but_ends_the_wait(
    store: Store, clock: StoppedClock, sender: Sender
) -> None:
    write(store)
    clock.pass_s(10)
    reply(store, sender=sender)
    assert counted(store, *OWN) == {}
    clock.pass_s(20)
    reply(store)
    assert counted(store, *OWN) == first(30), "nobody waited, but it is the first of a person"


def test_a_bot_that_speaks_while_a_person_is_needed_ends_no_wait(store: Store, clock: StoppedClock) -> None:
    write(store)
    act(store, NeedPerson(number=1, reason="notify"))
    clock.pass_s(10)
    reply(store, sender=Sender.BOT)
    clock.pass_s(20)
    reply(store)
    assert counted(store, *OWN) == first(30) | each(30)


@pytest.mark.parametrize(("sender", "waits"), [(Sender.BOT, True), (Sender.AUTOMATION, True), (Sender.API, False)])
def test_where_a_person_is_needed_only_the_api_ends_the_wait_beside_people(
    store: Store, clock: StoppedClock, sender: Sender, waits: bool
) -> None:
    write(store)
    act(store, NeedPerson(number=1, reason="notify"))
    reply(store, sender=sender)
    clock.pass_s(30)
    reply(store)
    assert counted(store, *OWN) == (first(30) | each(30) if waits else first(30))


def test_a_reply_in_the_pages_own_inbox_is_a_response_of_no_user(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(45)
    echo = from_page_inbox()
    store.receive([echo, echo])
    store.receive([echo])
    assert counted(store, *OWN) == first(45, "") | each(45, "")
    store.receive([from_page_inbox()])
    assert counted(store, *OWN) == first(45, "") | each(45, ""), "nobody waited any more"


def test_the_pages_own_inbox_responds_to_nobody_where_nothing_is_open(store: Store) -> None:
    write(store)
    close(store)
    store.receive([from_page_inbox()])
    assert counted(store, *OWN) == {}


def test_what_was_never_written_to_the_contact_is_no_response(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(10)
    act(
        store,
        NoteLine(number=1, kind="comment", details={"text": "x"}),
        NoteNotSent(number=1, text="x", sender=Sender.BOT, reason="paused"),
        Send(number=0, text="of no conversation", sender=Sender.USER, by=ALICE),
        Pause(number=1, reason="assigned"),
    )
    assert counted(store, *OWN) == {}


def test_a_reply_is_counted_when_it_is_written_whether_or_not_it_arrives(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(10)
    reply(store)
    once = counted(store, *OWN)
    assert once == first(10) | each(10)
    act(store, Block(is_blocked=True), Block(is_blocked=False))
    write(store)
    reply(store)
    turn, _ = take(store)
    before = counted(store)
    [pending] = store.connection.command(
        lambda client: client.lrange(store.keys.timeline(SUSAN_ID).replace("timeline", "pending"), 0, -1)
    )
    attempt(store, turn, int(pending))
    assert counted(store) == before, "nor does sending count"


@pytest.mark.parametrize("again", ["effect", "operation", "conflict"])
def test_a_reply_that_is_asked_for_twice_is_counted_once(store: Store, clock: StoppedClock, again: str) -> None:
    write(store)
    clock.pass_s(10)
    seen = store.snapshot(SUSAN_ID)
    effect, operation = ("e", "") if again == "effect" else ("", "o" if again == "operation" else "")
    said: list[Action] = [
        Send(number=1, text="x", sender=Sender.USER, by=ALICE, effect=effect),
        NoteLine(number=1, kind="x"),
    ]
    raises = [*said, Pause(number=1, reason="user_replied")]
    assert store.commit(seen, raises, operation=operation).is_done
    write(store)
    once = counted(store)
    later = seen if again == "conflict" else store.snapshot(SUSAN_ID)
    status = {"effect": "ok", "operation": "repeated", "conflict": "conflict"}[again]
    assert store.commit(later, said, operation=operation).status == status
    assert counted(store) == once


def test_who_is_not_closed_away_waits_since_they_wrote(store: Store, clock: StoppedClock) -> None:
    write(store, "bye")
    clock.pass_s(10)
    store.receive([message("wait!")])
    clock.pass_s(10)
    act(store, Close(number=1, source=Source.DIALOGFLOW, later_from=2))
    clock.pass_s(30)
    reply(store)
    assert counted(store, *OWN) == first(30) | each(40)


def test_what_moved_with_a_merge_waits_since_it_was_written(store: Store, clock: StoppedClock) -> None:
    write(store)
    close(store)
    write(store, who=PETAR)
    clock.pass_s(60)
    merge(store, SUSAN_ID, PETAR_ID)
    clock.pass_s(20)
    reply(store)
    assert counted(store, *OWN) == first(20, channel="viber") | each(80, channel="viber")


def test_in_an_open_conversation_the_longest_wait_is_what_a_merge_brings(store: Store, clock: StoppedClock) -> None:
    write(store, who=PETAR)
    clock.pass_s(60)
    write(store)
    clock.pass_s(20)
    merge(store, SUSAN_ID, PETAR_ID)
    reply(store)
    assert counted(store, *OWN) == first(20) | each(80)


def test_a_clock_that_is_set_back_never_makes_a_wait_negative(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(-100)
    reply(store)
    assert counted(store, *OWN) == first(0) | each(0)


@pytest.mark.parametrize(
    ("happens", "keys"),
    [
        (lambda store: reply(store), ("timeline", "pending")),
        (lambda store: store.receive([from_page_inbox()]), ("timeline", "open")),
    ],
    ids=["user", "page inbox"],
)
def test_a_reply_and_what_it_counts_are_one_step(
    store: Store, valkey: Valkey, happens: Callable[[Store], object], keys: tuple[str, ...]
) -> None:
    write(store)
    act(store, NeedPerson(number=1, reason="notify"))
    monitor = Monitor(valkey)
    happens(store)
    names = [store.keys.timeline(SUSAN_ID).replace("timeline", key) for key in keys]
    assert counting_steps(monitor, *names) == [{"message", *OWN}]
