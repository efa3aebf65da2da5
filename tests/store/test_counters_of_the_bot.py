"""What the bot had for a message, what it gave to people, and what it solved alone."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.actions import Action, Close, NeedPerson, NoteAnswer, NoteNotSent, Open, Pause, Send, SetBot
from domain.models import ClosedConversation, Sender, Source
from store import Store
from tests.conftest import StoppedClock
from tests.lua_servers import Monitor
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN_ID, message, take, welcome, write
from tests.servers import Valkey
from tests.store.counting import (
    act,
    begin,
    close,
    counted,
    counting_steps,
    from_page_inbox,
    merge,
    noon,
    number_of,
    reply,
)

OFF = SetBot(number=1, is_on=False, source=Source.USER, by=ALICE)
ON = SetBot(number=1, is_on=True, source=Source.USER, by=ALICE)
Happens = Callable[[Store], Any]


@pytest.fixture(autouse=True)
def _at_noon(clock: StoppedClock) -> None:
    noon(clock)


def need(reason: str) -> Happens:
    return lambda store: act(store, NeedPerson(number=1, reason=reason))


def pause(reason: str) -> Happens:
    return lambda store: act(store, Pause(number=1, reason=reason))


# -- Answers


@pytest.mark.parametrize(
    ("had", "name"),
    [
        ({"intent": "order"}, "matched|order"),
        ({"intent": "order", "is_fallback": True}, "fallback|order"),
        ({"is_fallback": True}, "fallback|"),
        ({"failure": "timed_out"}, "failed|timed_out"),
        ({"failure": "timed_out", "is_fallback": True}, "failed|timed_out"),
        ({"intent": "a | b"}, "matched|a | b"),
        ({"intent": "x" * 1000}, f"matched|{'x' * 100}"),
    ],
)
def test_what_the_bot_had_is_counted_by_intent_or_failure(store: Store, had: dict[str, Any], name: str) -> None:
    write(store, who=PETAR)
    noted = NoteAnswer(entry=1, channel="viber", **had)
    act(store, noted, noted, contact=PETAR_ID)
    assert counted(store, "answered") == {f"answered|viber|{name}": 2}


def test_what_is_asked_again_after_a_crash_counts_once_with_its_decision(store: Store, valkey: Valkey) -> None:
    write(store)
    turn, seen = take(store)
    assert seen.undecided
    actions: list[Action] = [
        NoteAnswer(entry=seen.undecided.number, channel="facebook", intent="order"),
        Send(number=1, text="x", sender=Sender.BOT),
    ]
    monitor = Monitor(valkey)
    statuses = [
        store.commit(seen, actions, turn=turn, decides=seen.undecided.number, keeps_lease=True).status for _ in range(3)
    ]
    assert statuses == ["ok", "decided", "decided"]
    assert counting_steps(monitor, store.keys.timeline(SUSAN_ID)) == [{"answered", "message"}]
    assert counted(store, "answered") == {"answered|facebook|matched|order": 1}


def unmatched(store: Store, contact: str = SUSAN_ID) -> dict[str, int]:
    key = store.keys.unmatched(store.keys.partition(contact))
    found = store.connection.command(lambda client: client.zrange(key, 0, -1, withscores=True))
    return {member: int(at_ms) for member, at_ms in found}


def test_only_messages_without_an_intent_are_kept_for_training(store: Store, clock: StoppedClock) -> None:
    write(store)
    for entry, had in enumerate(({"intent": "order"}, {"failure": "timed_out"}, {"is_fallback": True}), 1):
        act(store, NoteAnswer(entry=entry, channel="facebook", **had))  # type: ignore[arg-type]
    assert unmatched(store) == {f"{SUSAN_ID}|3": clock.ms}


def test_of_those_the_last_500_are_kept(store: Store, clock: StoppedClock) -> None:
    write(store)
    for entry in range(503):
        clock.ms += 1
        act(store, NoteAnswer(entry=entry, channel="facebook", is_fallback=True))
    assert list(unmatched(store)) == [f"{SUSAN_ID}|{entry}" for entry in range(3, 503)]


# -- Hand-offs


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        *((need(reason), reason) for reason in ("notify", "attachment", "bot_failed")),
        *((pause(reason), reason) for reason in ("user_replied", "assigned")),
        (lambda store: act(store, OFF), "bot_off"),
        (lambda store: store.receive([from_page_inbox()]), "page_inbox"),
    ],
)
def test_each_way_to_hand_off_is_counted_by_its_reason_in_the_same_step(
    store: Store, valkey: Valkey, happens: Happens, reason: str
) -> None:
    write(store)
    act(store)
    monitor = Monitor(valkey)
    happens(store)
    assert [step for step in counting_steps(monitor, store.keys.open(SUSAN_ID)) if "handed_off" in step]
    assert counted(store, "handed_off") == {f"handed_off|facebook|{reason}": 1}


def test_a_conversation_is_handed_off_once_for_its_first_reason(store: Store) -> None:
    write(store)
    need("attachment")(store)
    need("notify")(store)
    pause("assigned")(store)
    act(store, OFF)
    act(store, ON)
    store.receive([from_page_inbox()])
    assert counted(store, "handed_off") == {"handed_off|facebook|attachment": 1}


def test_not_even_when_the_bot_had_it_again_in_between(store: Store) -> None:
    write(store)
    act(store, OFF)
    act(store, ON)
    assert not store.snapshot(SUSAN_ID).open.needs  # type: ignore[union-attr]
    need("notify")(store)
    assert counted(store, "handed_off") == {"handed_off|facebook|bot_off": 1}
    close(store)
    write(store)
    act(store, NeedPerson(number=2, reason="notify"))
    assert counted(store, "handed_off") == {"handed_off|facebook|bot_off": 1, "handed_off|facebook|notify": 1}


def opens_with_the_bot_off(store: Store) -> None:
    write(store)
    close(store)
    act(store, SetBot(number=0, is_on=False, source=Source.USER))
    write(store)
    act(store, NeedPerson(number=2, reason="bot_off"), Pause(number=2, reason="assigned"))


def is_opened_by_a_user(store: Store) -> None:
    store.receive([welcome(opens=False)])
    begin(store)
    reply(store)
    pause("user_replied")(store)


def has_no_agent(store: Store) -> None:
    write(store)
    need("no_bot")(store)
    pause("assigned")(store)


def is_closed_already(store: Store) -> None:
    write(store)
    close(store)
    need("notify")(store)
    pause("assigned")(store)
    store.receive([from_page_inbox()])
    act(store, OFF)


@pytest.mark.parametrize("happens", [opens_with_the_bot_off, is_opened_by_a_user, has_no_agent, is_closed_already])
def test_what_the_bot_never_had_it_hands_to_nobody(store: Store, happens: Happens) -> None:
    happens(store)
    assert counted(store, "handed_off") == {}


# -- Solved alone

SOLVED = {"solved_by_bot|facebook": 1}


@pytest.mark.parametrize("source", [Source.DIALOGFLOW, Source.AUTO_CLOSE, Source.API, Source.AUTOMATION])
def test_what_the_bot_answered_and_no_user_closed_is_solved_by_the_bot(
    store: Store, valkey: Valkey, source: Source
) -> None:
    write(store)
    reply(store, sender=Sender.BOT)
    monitor = Monitor(valkey)
    close(store, source=source)
    assert counting_steps(monitor, store.keys.closed(SUSAN_ID)) == [
        {"closed", "resolution_ms", "contact_closed", "solved_by_bot"}
    ]
    assert counted(store, "solved_by_bot") == SOLVED
    close(store, source=source)
    assert counted(store, "solved_by_bot") == SOLVED


def test_the_reply_that_closes_is_the_bots(store: Store) -> None:
    write(store)
    act(store, Send(number=1, text="bye", sender=Sender.BOT), Close(number=1, source=Source.DIALOGFLOW))
    assert counted(store, "solved_by_bot") == SOLVED


def test_a_welcome_that_the_webhook_answered_with_is_a_reply_of_the_bot(store: Store) -> None:
    store.receive([welcome(who=PETAR, token="49126")])
    said = Send(number=1, text="Hi", sender=Sender.BOT, welcome_token="49126")
    act(store, said, contact=PETAR_ID)
    write(store, who=PETAR)
    close(store, PETAR_ID, source=Source.AUTO_CLOSE)
    assert counted(store, "solved_by_bot") == {"solved_by_bot|viber": 1}


def bot_replies(store: Store) -> None:
    reply(store, sender=Sender.BOT)


@pytest.mark.parametrize(
    ("happens", "source"),
    [
        ([bot_replies], Source.USER),
        ([bot_replies], Source.CONTACT_MERGE),
        ([], Source.DIALOGFLOW),
        ([lambda store: reply(store, sender=Sender.API)], Source.DIALOGFLOW),
        ([lambda store: reply(store, sender=Sender.AUTOMATION)], Source.DIALOGFLOW),
        ([lambda store: act(store, NoteNotSent(number=1, text="x", sender=Sender.BOT, reason="x"))], Source.DIALOGFLOW),
        ([bot_replies, reply], Source.DIALOGFLOW),
        ([reply, bot_replies], Source.AUTO_CLOSE),
        ([bot_replies, lambda store: store.receive([from_page_inbox()])], Source.AUTO_CLOSE),
        ([bot_replies, need("notify")], Source.DIALOGFLOW),
        ([need("notify"), bot_replies], Source.AUTO_CLOSE),
        ([bot_replies, pause("assigned")], Source.AUTO_CLOSE),
        ([bot_replies, lambda store: act(store, OFF), lambda store: act(store, ON)], Source.DIALOGFLOW),
    ],
    ids=[
        *("closed by a user", "by a merge", "bot silent", "only the api wrote", "only an automation wrote"),
        *("bot kept from speaking", "user wrote later", "user wrote first", "page inbox wrote", "person asked for"),
        *("person asked for first", "user took it", "bot switched off for a while"),
    ],
)
def test_with_anything_else_the_bot_did_not_solve_it_alone(
    store: Store, happens: list[Happens], source: Source
) -> None:
    write(store)
    for step in happens:
        step(store)
    close(store, source=source)
    assert counted(store, "solved_by_bot") == {}


def test_a_merge_that_closes_what_the_bot_has_solves_nothing(store: Store) -> None:
    write(store, who=PETAR)
    write(store)
    reply(store, PETAR_ID, sender=Sender.BOT)
    merge(store, SUSAN_ID, PETAR_ID)
    closed = store.conversation(PETAR_ID, 1)
    assert isinstance(closed, ClosedConversation) and closed.closed_source is Source.CONTACT_MERGE
    assert counted(store, "solved_by_bot") == {}


def test_where_the_contact_wrote_nothing_nothing_was_solved(store: Store) -> None:
    store.receive([welcome()])
    bot_replies(store)
    close(store, source=Source.DIALOGFLOW)
    assert counted(store, "solved_by_bot") == {}


def test_what_the_contact_wrote_into_the_next_one_is_not_what_was_solved(store: Store) -> None:
    store.receive([welcome()])
    bot_replies(store)
    write(store)
    act(store, Close(number=1, source=Source.DIALOGFLOW, later_from=1))
    assert number_of(store) == 2 and counted(store, "solved_by_bot") == {}


@pytest.mark.parametrize("wrote", [reply, lambda store: store.receive([from_page_inbox()])], ids=["user", "page inbox"])
def test_what_we_began_and_a_user_wrote_in_is_not_solved_by_the_bot(store: Store, wrote: Happens) -> None:
    store.receive([welcome(opens=False)])
    begin(store)
    write(store)
    bot_replies(store)
    wrote(store)
    close(store, source=Source.AUTO_CLOSE)
    assert counted(store, "handed_off", "solved_by_bot") == {}


def test_what_was_solved_before_says_nothing_of_the_next_one(store: Store) -> None:
    write(store)
    reply(store)
    close(store)
    write(store)
    bot_replies(store)
    store.receive([message("thanks")])
    actions: list[Action] = [
        Close(number=2, source=Source.DIALOGFLOW),
        Open(source=Source.DIALOGFLOW, channel="facebook"),
    ]
    act(store, *actions)
    close(store, source=Source.DIALOGFLOW)
    assert counted(store, "solved_by_bot") == SOLVED


def test_what_opened_at_the_door_with_the_bot_off_is_no_hand_off(store: Store) -> None:
    write(store, who=PETAR)
    close(store, PETAR_ID)
    act(store, SetBot(number=0, is_on=False, source=Source.USER), contact=PETAR_ID)
    store.receive([welcome(who=PETAR)])
    write(store, who=PETAR)
    act(store, NeedPerson(number=2, reason="bot_off"), contact=PETAR_ID)  # what handlers.messages.decide says
    assert counted(store, "handed_off") == {}


def test_where_a_person_was_asked_for_because_there_was_no_agent_nothing_is_solved(store: Store) -> None:
    write(store)
    act(store, NeedPerson(number=1, reason="no_bot"))
    reply(store, sender=Sender.BOT)  # an agent was connected since
    close(store, source=Source.DIALOGFLOW)
    assert counted(store, "solved_by_bot") == {}


def test_where_the_bot_was_off_from_the_beginning_nothing_is_solved(store: Store) -> None:
    write(store)
    close(store)
    act(store, SetBot(number=0, is_on=False, source=Source.USER))
    write(store)
    act(store, NeedPerson(number=2, reason="bot_off"))
    act(store, SetBot(number=2, is_on=True, source=Source.USER))
    reply(store, sender=Sender.BOT)
    close(store, source=Source.DIALOGFLOW)
    assert counted(store, "solved_by_bot") == {}
