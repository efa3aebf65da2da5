"""What a turn does at most, what makes a conversation need a person, and what RB_ parameters may do where."""

import pytest

from domain.actions import NoteLine
from domain.answers import Answer, Commands, Question
from domain.identities import Identity, contact_id
from domain.models import Contact, OpenConversation, Source
from handlers.fulfillment import Call, decide_call
from handlers.intents import IntentCall, IntentReply
from store import Store
from tests.conftest import StoppedClock, make_store
from tests.people import SUSAN, SUSAN_ID, lines, message, take, welcome, write
from tests.servers import Valkey, wait_for
from tests.turns.stage import Stage, done, payload
from turns.accounts import Accounts
from turns.schedule import Schedule
from turns.turn import ENTRIES_A_TURN, TurnRunner

OPENS = Answer(response_id="r1", intent="start", replies=("Welcome!",), commands=Commands(mark_done=False))


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


def opened(stage: Stage) -> OpenConversation:
    found = stage.store.snapshot(SUSAN_ID).open
    assert found, "no conversation is open"
    return found


def contact(stage: Stage) -> Contact:
    return stage.store.snapshot(SUSAN_ID).contact


# -- How much a turn does


def test_a_turn_decides_so_many_entries_answers_them_and_the_contact_is_due_again_at_once(stage: Stage) -> None:
    texts = [f"message {number}" for number in range(ENTRIES_A_TURN + 3)]
    for text in texts:
        write(stage.store, text)
    stage.turn()
    assert ENTRIES_A_TURN == 20
    assert stage.facebook.texts == [f"you said {text}" for text in texts[:ENTRIES_A_TURN]]
    assert stage.store.next_due_ms() == stage.store.now_ms() and SUSAN_ID in stage.store.due_contacts(range(16), 9)
    stage.turn()
    assert stage.facebook.texts == [f"you said {text}" for text in texts]
    assert stage.store.next_due_ms() is None


@pytest.mark.parametrize("is_before", [True, False], ids=["in an earlier partition", "in a later partition"])
def test_a_busy_contact_leaves_a_workers_only_thread_to_the_others(store: Store, is_before: bool) -> None:
    """Susan writes 3 turns' worth before Ivan does; he is not last."""
    stage, partition = Stage(store), store.keys.partition
    people = [Identity(SUSAN.kind, SUSAN.account, f"71{number}") for number in range(100)]
    ivan = next(
        who
        for who in people
        if partition(contact_id(who)) != partition(SUSAN_ID)
        and (partition(contact_id(who)) < partition(SUSAN_ID)) == is_before
    )
    for number in range(3 * ENTRIES_A_TURN):
        write(store, f"message {number}")
    write(store, "I am Ivan", who=ivan)
    schedule = Schedule(store, stage.runner().run, threads=1)
    stage.bot.on_ask = lambda _: schedule.stop() if len(stage.bot.asked) > 3 * ENTRIES_A_TURN else None
    schedule.work()
    wait_for(lambda: len(stage.facebook.sent) == 3 * ENTRIES_A_TURN + 1, "everybody is answered")
    place = stage.facebook.texts.index("you said I am Ivan")
    assert place <= ENTRIES_A_TURN, "he waited for one of her turns, not for all"


@pytest.mark.parametrize("behind_ms", [1, 20, 1000])
def test_a_turn_that_somebody_has_is_not_taken_by_a_process_whose_clock_is_a_little_behind(
    store: Store, valkey: Valkey, clock: StoppedClock, behind_ms: int
) -> None:
    write(store)
    take(store)
    other = make_store(valkey)
    other.now_ms = StoppedClock(clock.ms - behind_ms)
    write(other, "one more")
    assert other.take_turn(SUSAN_ID) is None


# -- What a call of an own intent does


@pytest.mark.parametrize("entry", [1, None], ids=["of our own turn", "of somebody else"])
def test_what_an_own_intent_does_happens_once_however_often_its_call_is_made(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, entry: int | None
) -> None:
    def book(call: IntentCall) -> IntentReply:
        assert call.conversation
        note = NoteLine(number=call.conversation.number, kind="booked", details={"text": call.parameters["table"]})
        return IntentReply(texts=("Your table is booked.",), actions=(note, note))

    monkeypatch.setattr("handlers.fulfillment.INTENTS", {"book a table": book})
    write(stage.store)

    def call(response_id: str = "r1", table: str = "for two") -> tuple[str, ...]:
        made = Call(1, entry, response_id, Commands(), intent="book a table", parameters={"table": table})
        snapshot = stage.store.snapshot(SUSAN_ID)
        decision = decide_call(snapshot, made)
        assert stage.store.commit(snapshot, decision.actions).is_done
        return decision.texts

    assert call() == call() == ("Your table is booked.",), "the reply is the same each time"
    assert [kind for kind, _ in lines(stage.store)].count("booked") == 2, "each of the two actions once"
    if entry is None:
        call(response_id="r2")
        assert [kind for kind, _ in lines(stage.store)].count("booked") == 4, "another response is another call"


# -- When a person is needed


def test_rb_botstatus_false_turns_the_bot_off_and_asks_for_a_person(stage: Stage) -> None:
    stage.bot.answers["stop"] = Answer(intent="stop", replies=("As you wish.",), commands=Commands(bot_status=False))
    write(stage.store, "stop")
    assert opened(stage).needs == ""
    stage.turn()
    assert opened(stage).needs == "bot_off" and contact(stage).bot_off
    assert stage.facebook.texts == ["As you wish."]
    write(stage.store, "hello?")
    stage.turn()
    assert len(stage.bot.asked) == 1 and opened(stage).waiting_since_ms is not None


def test_an_attachment_without_words_asks_for_a_person_and_not_the_bot(stage: Stage) -> None:
    data = {"kind": "message", "attachments": [{"kind": "image", "url": "https://cdn.example/1.jpg"}]}
    stage.store.receive([message(data=data)])
    stage.turn()
    assert opened(stage).needs == "attachment" and stage.bot.asked == []
    assert [kind for kind, _ in lines(stage.store)] == ["opened", "message", "needs_person"]


def test_without_an_agent_each_conversation_asks_for_a_person_once(stage: Stage) -> None:
    channels = {SUSAN.channel: stage.facebook}
    alone = TurnRunner(stage.store, Accounts(stage.store, channels), None, payload)
    write(stage.store, "hello")
    write(stage.store, "anybody?")
    alone.run(SUSAN_ID)
    assert opened(stage).needs == "no_bot" and stage.facebook.sent == []
    assert [kind for kind, _ in lines(stage.store)].count("needs_person") == 1


# -- What RB_MARKDONE=false opens


def test_from_a_turn_that_has_a_conversation_it_opens_nothing(stage: Stage) -> None:
    stage.bot.answers["start"] = OPENS
    stage.bot.on_ask = lambda _: stage.fulfill(1, 1, OPENS.commands)
    write(stage.store, "start")
    stage.turn()
    assert opened(stage).number == 1 and [kind for kind, _ in lines(stage.store)].count("opened") == 1


def test_from_a_turn_whose_conversation_was_closed_meanwhile_it_opens_nothing(stage: Stage) -> None:
    """Closed by the very turn: whoever else closes it, the turn has nothing to say any more."""
    stage.bot.answers["start"] = OPENS

    def call(_: Question) -> None:
        stage.fulfill(1, 1, Commands(mark_done=True))
        stage.fulfill(1, 1, OPENS.commands)

    stage.bot.on_ask = call
    write(stage.store, "start")
    stage.turn()
    assert stage.store.snapshot(SUSAN_ID).open is None and contact(stage).conversations == 1


@pytest.mark.parametrize("calls_too", [True, False], ids=["by call and answer", "by the answer"])
def test_from_a_welcome_that_opens_nothing_by_itself_it_opens_once(stage: Stage, calls_too: bool) -> None:
    stage.bot.answers["FACEBOOK_WELCOME"] = OPENS
    if calls_too:
        stage.bot.on_ask = lambda _: stage.fulfill(0, 0, OPENS.commands)
    stage.store.receive([welcome(opens=False)])
    assert stage.store.snapshot(SUSAN_ID).open is None
    stage.turn()
    assert stage.bot.asked[0].session == f"{SUSAN_ID}-0" and stage.facebook.texts == ["Welcome!"]
    assert (opened(stage).number, opened(stage).source) == (1, Source.DIALOGFLOW)
    assert contact(stage).conversations == 1


@pytest.mark.parametrize("number", [0, 1], ids=["about none", "about one that is over"])
def test_from_somebody_elses_call_it_opens_once(stage: Stage, number: int) -> None:
    stage.bot.answers["bye"] = done("Bye!")
    write(stage.store, "bye")
    stage.turn()
    assert stage.store.snapshot(SUSAN_ID).open is None
    for _ in range(2):
        stage.fulfill(number, None, OPENS.commands, response_id="r-foreign")
    assert (opened(stage).number, opened(stage).source) == (2, Source.DIALOGFLOW)
    stage.fulfill(2, None, Commands(mark_done=True), response_id="r-foreign")
    stage.fulfill(number, None, OPENS.commands, response_id="r-foreign")
    assert stage.store.snapshot(SUSAN_ID).open is None, "the same call again is too late to open the third"


# -- What a turn's close leaves


def test_a_welcome_that_came_after_the_entry_that_closes_opens_the_next_as_what_it_is(stage: Stage) -> None:
    stage.bot.answers |= {"bye": done("Bye!"), "FACEBOOK_WELCOME": Answer(intent="welcome", replies=("Welcome!",))}
    write(stage.store, "bye")
    stage.store.receive([welcome()])
    stage.turn()
    assert (opened(stage).number, opened(stage).source, opened(stage).incoming) == (2, Source.WELCOME_EVENT, 0)
    assert stage.facebook.texts == ["Bye!", "Welcome!"]
    assert [question.session for question in stage.bot.asked] == [f"{SUSAN_ID}-1", f"{SUSAN_ID}-2"]


@pytest.mark.parametrize(("setting", "is_back"), [("", True), ("yes", True), ("no", False)])
def test_the_bot_is_back_after_a_close_only_where_the_setting_says_so(
    stage: Stage, setting: str, is_back: bool
) -> None:
    if setting:
        stage.store.change_setting("bot_back_on_at_close", setting)
    commands = Commands(mark_done=True, bot_status=False)
    stage.bot.answers["bye"] = Answer(intent="bye", replies=("Bye!",), commands=commands)
    write(stage.store, "bye")
    stage.turn()
    assert stage.store.snapshot(SUSAN_ID).open is None and (contact(stage).bot_off == "") == is_back
    write(stage.store, "me again")
    stage.turn()
    assert len(stage.bot.asked) == (2 if is_back else 1)
    assert opened(stage).number == 2 and opened(stage).needs == ("" if is_back else "bot_off")
