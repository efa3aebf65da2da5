"""Automations that wait until nobody has answered for so long."""

import pytest

from domain.identities import MERGES_ID
from domain.models import Letter, Source
from handlers.users import block, close_conversation
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, welcome, write
from tests.turns.automations.automation_stage import (
    ANY_MESSAGE,
    CLOSE,
    FAILED,
    AutomationStage,
    add,
    closed_by,
    on_text,
    opened_by,
    send,
    wait,
)

FROM_CONTACT = {"kind": "no_answer_from_contact", "minutes": 60}
FROM_US = {"kind": "no_answer_from_us", "minutes": 30}
MOMENT = 1 / 60_000  # minutes; a millisecond


# -- The contact does not answer


def test_it_runs_when_the_time_is_over_and_not_a_moment_sooner(stage: AutomationStage) -> None:
    a = stage.automate(FROM_CONTACT, CLOSE)
    stage.hears()
    stage.pass_min(60 - MOMENT)
    assert stage.triggered(a) == 0 and stage.conversations() == [(1, "contact", "")]
    stage.pass_min(MOMENT)
    assert stage.triggered(a) == 1 and stage.conversations() == [(1, "contact", "automation")]
    assert stage.history(a)[0].number == 1


def test_an_answer_of_the_contact_ends_the_silence_and_our_next_message_begins_another(stage: AutomationStage) -> None:
    a = stage.automate(FROM_CONTACT, add("silent"))
    stage.hears("one")
    stage.pass_min(40)
    stage.hears("two")
    stage.pass_min(60 - MOMENT)
    assert stage.triggered(a) == 0
    stage.pass_min(MOMENT)
    assert stage.triggered(a) == 1


def test_while_the_contact_waits_for_us_it_is_not_silent(stage: AutomationStage) -> None:
    a = stage.automate(FROM_CONTACT, add("silent"))
    stage.hears("one")
    stage.pass_min(40)
    stage.bot.answers["two"] = FAILED
    stage.hears("two")
    stage.pass_min(600)
    assert stage.triggered(a) == 0


def test_it_runs_once_for_each_silence(stage: AutomationStage) -> None:
    a = stage.automate(FROM_CONTACT, add("silent"))
    stage.hears()
    stage.pass_min(600)
    assert stage.triggered(a) == 1
    stage.replies()
    stage.pass_min(600)
    assert stage.triggered(a) == 2, "we wrote once more, and nobody answered that"
    assert stage.store.next_due_ms() is None, "nobody is looked at for nothing"


def test_of_many_silences_in_one_conversation_only_the_last_is_remembered(stage: AutomationStage) -> None:
    a, b = stage.automate(FROM_CONTACT, add("silent")), stage.automate({**FROM_CONTACT, "minutes": 5}, add("quiet"))
    stage.hears()
    for _ in range(5):
        stage.pass_min(60)
        stage.replies()
    stage.pass_min(60)
    assert (stage.triggered(a), stage.triggered(b)) == (6, 6)
    assert len(stage.store.snapshot(SUSAN_ID).contact.run_state.silences) == 2


def test_a_users_reply_from_the_web_counts_while_no_turn_runs(stage: AutomationStage) -> None:
    stage.bot.answers["hello"] = FAILED
    a = stage.automate(FROM_CONTACT, add("silent"))
    stage.hears()
    stage.pass_min(10)
    stage.replies()
    stage.pass_min(60 - MOMENT)
    assert stage.triggered(a) == 0
    stage.pass_min(MOMENT)
    assert stage.triggered(a) == 1


def test_a_message_from_the_page_inbox_counts(stage: AutomationStage) -> None:
    stage.bot.answers["hello"] = FAILED
    a = stage.automate(FROM_CONTACT, add("silent"))
    stage.hears()
    stage.pass_min(10)
    data = {"kind": "message", "text": "from the page", "sender": "user", "via": "page_inbox"}
    stage.store.receive([message(letter=Letter.SENT, data=data, opens=None, external_id="m_9")])
    stage.pass_min(60 - MOMENT)
    assert stage.triggered(a) == 0
    stage.pass_min(MOMENT)
    assert stage.triggered(a) == 1


def test_what_is_written_during_the_workers_turn_counts(stage: AutomationStage) -> None:
    """A user replies while the bot thinks; the bot's answer is too late, and nobody looks at the contact again."""
    a = stage.automate(FROM_CONTACT, add("silent"))
    stage.bot.on_ask = lambda _: stage.replies()
    stage.hears()
    stage.pass_min(60)
    assert stage.triggered(a) == 1


def test_vibers_welcome_is_a_last_word(stage: AutomationStage) -> None:
    a = stage.automate(FROM_CONTACT, add("silent"))
    stage.store.receive([welcome(who=PETAR, token="t1")])
    stage.work()
    stage.pass_min(60)
    assert stage.triggered(a) == 1 and stage.tags_of(PETAR_ID) == ("silent",)


def test_the_configured_welcome_is_a_last_word(stage: AutomationStage) -> None:
    a = stage.automate(FROM_CONTACT, add("silent"))
    stage.store.receive([welcome(who=PETAR, token="t1")])
    stage.store.claim_welcome(PETAR_ID, "t1", "Hi")
    stage.pass_min(60)
    assert stage.triggered(a) == 1


def test_several_silences_each_have_their_time(stage: AutomationStage) -> None:
    late = stage.automate({**FROM_CONTACT, "minutes": 1440}, CLOSE)
    soon = stage.automate({**FROM_CONTACT, "minutes": 5}, add("silent"))
    stage.hears()
    stage.pass_min(5)
    assert (stage.triggered(soon), stage.triggered(late)) == (1, 0)
    stage.pass_min(1440 - 5 - MOMENT)
    assert stage.triggered(late) == 0
    stage.pass_min(MOMENT)
    assert (stage.triggered(soon), stage.triggered(late)) == (1, 1)


def test_a_reminder_is_followed_by_silence_of_its_own_and_never_by_itself(stage: AutomationStage) -> None:
    reminder = stage.automate(FROM_CONTACT, send("Are you still there?"))
    close = stage.automate({**FROM_CONTACT, "minutes": 120}, CLOSE)
    stage.hears()
    stage.pass_min(60)
    assert stage.said() == ["Are you still there?"]
    stage.pass_min(120 - MOMENT)
    assert (stage.triggered(reminder), stage.triggered(close)) == (1, 0)
    stage.pass_min(MOMENT)
    assert (stage.triggered(reminder), stage.triggered(close)) == (1, 1)
    assert stage.conversations() == [(1, "contact", "automation")]


def test_an_automations_message_that_ends_a_wait_begins_a_silence(stage: AutomationStage) -> None:
    """What is due at the moment of the message must not make anybody forget to look again."""
    stage.automate(on_text("hello"), wait(10), send("Later"))
    stage.bot.answers["hello"] = FAILED
    a = stage.automate(FROM_CONTACT, add("silent"))
    stage.hears()
    stage.pass_min(10)
    assert stage.said() == ["Later"]
    stage.pass_min(60 - MOMENT)
    assert stage.triggered(a) == 0
    stage.pass_min(MOMENT)
    assert stage.triggered(a) == 1


def test_a_reply_that_comes_while_a_wait_ends_begins_a_silence(stage: AutomationStage) -> None:
    stage.automate(on_text("hello"), wait(10), {"kind": "call_url", "url": "https://example.com/"})
    stage.bot.answers["hello"] = FAILED
    a = stage.automate(FROM_CONTACT, add("silent"))
    stage.hears()
    stage.replies("Hello")
    stage.hears("and?")

    def answer() -> int:
        stage.replies()
        return 200

    stage.hooks.on_call = answer
    stage.pass_min(10)
    assert len(stage.hooks.bodies) == 1
    stage.pass_min(60)
    assert stage.triggered(a) == 1


# -- We do not answer


def test_we_do_not_answer_from_the_first_message_that_waits(stage: AutomationStage) -> None:
    a = stage.automate(FROM_US, {"kind": "notify", "text": "Somebody waits"})
    stage.bot.answers["hello"] = FAILED
    stage.hears()
    stage.pass_min(20)
    stage.hears()
    stage.pass_min(10 - MOMENT)
    assert stage.triggered(a) == 0
    stage.pass_min(MOMENT)
    assert stage.triggered(a) == 1
    stage.hears()
    stage.pass_min(600)
    assert stage.triggered(a) == 1, "it is still the same wait"


def test_what_the_bot_answered_nobody_waits_for(stage: AutomationStage) -> None:
    a = stage.automate(FROM_US, add("late"))
    stage.hears()
    stage.pass_min(600)
    assert stage.triggered(a) == 0


def test_a_users_reply_ends_the_wait_and_the_next_message_begins_another(stage: AutomationStage) -> None:
    a = stage.automate(FROM_US, add("late"))
    stage.bot.answers["hello"] = FAILED
    stage.hears()
    stage.pass_min(20)
    stage.replies()
    stage.pass_min(100)
    assert stage.triggered(a) == 0
    stage.hears("thanks, and?")
    stage.pass_min(30 - MOMENT)
    assert stage.triggered(a) == 0
    stage.pass_min(MOMENT)
    assert stage.triggered(a) == 1


def test_an_automations_excuse_is_no_answer_and_makes_it_run_no_second_time(stage: AutomationStage) -> None:
    a = stage.automate(FROM_US, send("Sorry, we are slow today"))
    stage.bot.answers["hello"] = FAILED
    stage.hears()
    stage.pass_min(600)
    assert stage.said() == ["Sorry, we are slow today"] and stage.triggered(a) == 1
    assert stage.store.snapshot(SUSAN_ID).open.waiting_since_ms  # type: ignore[union-attr]


# -- Both


@pytest.mark.parametrize("trigger", [FROM_CONTACT, FROM_US])
def test_what_was_before_it_was_switched_on_does_not_concern_it(
    stage: AutomationStage, trigger: dict[str, object]
) -> None:
    other = stage.automate({**trigger, "minutes": 1}, add("other"))  # so that the store keeps what silences need
    if trigger is FROM_US:
        stage.bot.answers["hello"] = FAILED
    stage.hears()
    stage.clock.pass_s(1)
    a = stage.automate(trigger, add("silent"))
    stage.pass_min(600)
    assert (stage.triggered(other), stage.triggered(a)) == (1, 0)


@pytest.mark.parametrize("trigger", [FROM_CONTACT, FROM_US])
def test_switched_off_and_on_again_it_knows_nothing_of_before(
    stage: AutomationStage, trigger: dict[str, object]
) -> None:
    if trigger is FROM_US:
        stage.bot.answers["hello"] = FAILED
    a = stage.automate(trigger, add("silent"))
    stage.hears()
    stage.pass_min(5)
    stage.switch(a, is_on=False)
    stage.switch(a, is_on=True)
    stage.pass_min(600)
    assert stage.triggered(a) == 0
    assert stage.store.next_due_ms() is None


@pytest.mark.parametrize("trigger", [FROM_CONTACT, FROM_US])
@pytest.mark.parametrize("end", ["close", "block", "merge"])
def test_it_ends_with_the_conversation(stage: AutomationStage, trigger: dict[str, object], end: str) -> None:
    if trigger is FROM_US:
        stage.bot.answers["hello"] = FAILED
    a = stage.automate(trigger, add("silent"))
    stage.hears()
    if end == "close":
        stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE))
    elif end == "block":
        stage.acts(lambda snapshot: block(snapshot, is_blocked=True, by=ALICE))
    else:
        stage.hears("hi", who=PETAR)
        stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE), PETAR_ID)
        stage.store.request_merge(PETAR_ID, SUSAN_ID, by=ALICE)
        stage.turn(MERGES_ID)
    stage.pass_min(600)
    assert stage.triggered(a) == 0
    assert stage.store.next_due_ms() is None


def test_the_conditions_are_those_of_the_moment_and_looked_at_once(stage: AutomationStage) -> None:
    vip = {"all": [{"subject": "tags", "operator": "has_any", "value": ["vip"]}]}
    a = stage.automate(FROM_CONTACT, CLOSE, conditions=vip)
    stage.hears()
    stage.pass_min(60)
    stage.tags("vip")
    stage.pass_min(600)
    assert stage.outcomes(a) == ["not_matched"] and stage.triggered(a) == 0
    stage.replies()
    stage.pass_min(60)
    assert stage.outcomes(a) == ["not_matched", "done"]


def test_after_hours_is_greeted_tagged_and_closed_a_day_later(stage: AutomationStage) -> None:
    """The two automations that the issue asks for."""
    stage.store.change_setting("business_hours", "never")
    outside = {"all": [{"subject": "business_hours", "operator": "outside"}]}
    stage.automate(opened_by("contact", "welcome_event"), send("Back at nine"), add("night"), conditions=outside)
    stage.automate({**FROM_CONTACT, "minutes": 1440}, CLOSE)
    seen = stage.automate(closed_by("automation"), add("closed"))
    stage.hears()
    assert stage.said() == ["Back at nine"] and stage.tags_of() == ("night",)
    stage.pass_min(1440 - MOMENT)
    assert stage.conversations() == [(1, "contact", "")]
    stage.pass_min(MOMENT)
    assert stage.conversations() == [(1, "contact", "automation")] and stage.triggered(seen) == 1


def test_a_message_that_is_not_decided_when_the_time_is_over_is_not_closed_away(stage: AutomationStage) -> None:
    """The contact's answer waits behind a worker that was away: there is no silence any more."""
    a = stage.automate(FROM_CONTACT, CLOSE)
    stage.hears()
    stage.clock.pass_s(59 * 60)
    write(stage.store, "here I am", who=SUSAN)
    stage.clock.pass_s(120)
    stage.work()
    assert stage.triggered(a) == 0 and stage.conversations() == [(1, "contact", "")]


def test_what_is_undecided_is_decided_before_a_silence_ends(stage: AutomationStage) -> None:
    """Else the message of somebody whose conversation closes for our silence would open the next one."""
    stage.bot.answers |= {"hello": FAILED, "anybody?": FAILED}
    stage.automate(FROM_US, CLOSE)
    stage.automate(ANY_MESSAGE, add("heard"))
    stage.hears()
    stage.clock.pass_s(30 * 60)
    write(stage.store, "anybody?")
    stage.work()
    assert stage.conversations() == [(1, "contact", "automation")]
    assert [question.text for question in stage.bot.asked] == ["hello", "anybody?"]
