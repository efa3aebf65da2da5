"""What a fulfillment call does, and that it shares its effects with the answer of the same turn."""

import pytest

from domain.actions import Close, NeedPerson, Open, SetBot
from domain.answers import Answer, Commands
from domain.models import Snapshot, Source
from handlers.fulfillment import Call, decide_call
from handlers.messages import AskBot, decide_answer
from tests.handlers.known import conversation, entry, snapshot

CLOSES, OPENS = Commands(mark_done=True), Commands(mark_done=False)


def call(commands: Commands, *, number: int = 1, entry: int | None = 1, response_id: str = "r-1") -> Call:
    return Call(number=number, entry=entry, response_id=response_id, commands=commands)


def test_a_call_and_the_answer_of_its_turn_have_the_same_effects() -> None:
    commands = Commands(mark_done=True, bot_status=False, notify="help")
    by_call = decide_call(snapshot(conversation()), call(commands)).actions
    by_answer = decide_answer(
        snapshot(conversation()),
        AskBot(entry(), 1, text="x"),
        Answer(replies=("Bye",), commands=commands),
        max_text_chars=99,
    )
    effects = [action.effect for action in by_call]
    assert effects == [action.effect for action in by_answer if action.effect] and len(set(effects)) == 3


def test_a_turns_close_spares_what_came_after_its_entry_and_a_foreign_one_what_is_undecided() -> None:
    [of_turn] = decide_call(snapshot(conversation(), cursor=7), call(CLOSES, entry=4)).actions
    [foreign] = decide_call(snapshot(conversation(), cursor=7), call(CLOSES, entry=None)).actions
    assert isinstance(of_turn, Close) and (of_turn.entry, of_turn.later_from) == (4, 5)
    assert isinstance(foreign, Close) and (foreign.entry, foreign.later_from) == (None, 7)


@pytest.mark.parametrize(
    "known",
    [
        snapshot(),
        snapshot(conversation(number=2, first_entry=5), conversations=2),
        snapshot(conversation(paused="user_replied")),
        snapshot(conversation(), bot_off="-"),
        snapshot(conversation(), is_blocked=True),
    ],
)
def test_a_turns_call_that_comes_too_late_does_nothing(known: Snapshot) -> None:
    commands = Commands(mark_done=True, bot_status=False, notify="help")
    assert decide_call(known, call(commands)).actions == []


def test_a_turn_that_closed_or_turned_the_bot_off_itself_may_say_so_again() -> None:
    for known in (snapshot(closed_entry=1, closed_number=1), snapshot(conversation(), bot_off="1")):
        assert [type(action) for action in decide_call(known, call(CLOSES)).actions] == [Close]


def test_another_turn_is_not_that_turn() -> None:
    assert decide_call(snapshot(closed_entry=1, closed_number=1), call(CLOSES, entry=2)).actions == []


@pytest.mark.parametrize(
    ("known", "number", "entry_number", "opens"),
    [
        (snapshot(), 0, 1, True),
        (snapshot(), 0, None, True),
        (snapshot(), 1, None, True),
        (snapshot(conversation()), 1, 1, False),
        (snapshot(closed_entry=1, closed_number=1), 1, 1, False),
        (snapshot(), 1, 1, False),
        (snapshot(is_blocked=True), 0, 1, False),
        (snapshot(is_blocked=True), 0, None, False),
        (snapshot(is_blocked=True), 1, None, False),
    ],
)
def test_false_opens_only_for_a_turn_without_a_conversation_or_for_somebody_else(
    known: Snapshot, number: int, entry_number: int | None, opens: bool
) -> None:
    actions = decide_call(known, call(OPENS, number=number, entry=entry_number)).actions
    assert [type(action) for action in actions] == ([Open] if opens else [])
    if opens:
        assert isinstance(actions[0], Open) and actions[0].source is Source.DIALOGFLOW


def test_a_foreign_callers_effects_are_keyed_by_response_parameter_and_value() -> None:
    def effects(commands: Commands, response_id: str) -> set[str]:
        made = call(commands, entry=None, response_id=response_id)
        return {action.effect for action in decide_call(snapshot(conversation()), made).actions}

    both = Commands(mark_done=True, bot_status=True)
    assert effects(both, "r-1") == effects(both, "r-1") and len(effects(both, "r-1")) == 2
    assert not effects(both, "r-1") & effects(both, "r-2")
    assert not effects(Commands(mark_done=True), "r-1") & effects(Commands(mark_done=False), "r-1")
    assert effects(both, "") == {""}, "without a response there is nothing to know it by"


def test_outside_of_any_conversation_nobody_is_asked_for_and_the_bot_can_still_be_switched() -> None:
    commands = Commands(bot_status=False, notify="help")
    actions = decide_call(snapshot(), call(commands, number=0)).actions
    assert [type(action) for action in actions] == [SetBot]


def test_what_to_notify_is_cut() -> None:
    [need] = decide_call(snapshot(conversation()), call(Commands(notify="x" * 900))).actions
    assert isinstance(need, NeedPerson) and len(need.text) == 500


def test_a_call_that_says_nothing_does_nothing() -> None:
    for number, entry_number in ((1, 1), (1, None), (0, None)):
        made = call(Commands(), number=number, entry=entry_number)
        assert decide_call(snapshot(conversation()), made).actions == []
