"""Sending to one contact: what each outcome makes of a message, and of those behind it."""

import pytest

from domain.arrivals import SettleByEcho
from domain.errors import ChannelError, Outcome
from domain.identities import Identity, contact_id
from domain.sends import SendTag
from store import Store
from tests.conftest import StoppedClock
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.turns.outbox_plays import AMBIGUOUS, PERMANENT, RETRY, WAIT, fail, say, statuses, wait_s
from tests.turns.stage import PlayedChannel, Stage
from turns.outbox import BACKOFF_MOST_S, MOST_ATTEMPTS, backoff_s


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


def test_a_retry_backs_off_goes_out_later_and_keeps_the_order(stage: Stage, clock: StoppedClock) -> None:
    stage.facebook.on_send = fail(RETRY, RETRY)
    say(stage, "one", "two")
    stage.turn()
    assert statuses(stage) == [("one", "pending", "platform_error"), ("two", "pending", "")]
    first_wait_s = wait_s(stage, clock)
    assert 0.7 < first_wait_s < 1.3
    stage.turn()
    assert stage.facebook.sent == [], "tried before its time"
    clock.pass_s(first_wait_s)
    stage.turn()
    assert 1.5 < wait_s(stage, clock) < 2.5, "the second wait is longer"
    clock.pass_s(2.5)
    stage.turn()
    assert stage.facebook.texts == ["one", "two"] and {s for _, s, _ in statuses(stage)} == {"sent"}
    assert stage.store.next_due_ms() is None


def test_a_retry_comes_when_the_platform_says(stage: Stage, clock: StoppedClock) -> None:
    stage.facebook.on_send = fail(ChannelError(Outcome.RETRY, "platform_error", 42))
    say(stage, "one")
    stage.turn()
    assert wait_s(stage, clock) == 42


def test_a_message_that_waits_holds_back_later_sends_but_not_the_deciding(stage: Stage, clock: StoppedClock) -> None:
    stage.facebook.on_send = fail(RETRY)
    write(stage.store, "hello")
    stage.turn()
    write(stage.store, "still there?")
    stage.turn()
    assert [question.text for question in stage.bot.asked] == ["hello", "still there?"]
    assert stage.facebook.sent == []
    clock.pass_s(2)
    stage.turn()
    assert stage.facebook.texts == ["you said hello", "you said still there?"]


def test_a_permanent_error_fails_the_message_and_the_next_one_goes_at_once(stage: Stage) -> None:
    stage.facebook.on_send = fail(PERMANENT)
    say(stage, "one", "two")
    stage.turn()
    assert statuses(stage) == [("one", "failed", "window_closed"), ("two", "sent", "")]
    assert stage.store.next_due_ms() is None


@pytest.mark.parametrize("who", [SUSAN, PETAR])
def test_a_platforms_wait_ends_when_the_contact_writes(stage: Stage, clock: StoppedClock, who: Identity) -> None:
    channel = stage.facebook if who is SUSAN else stage.viber
    channel.on_send = fail(WAIT)
    say(stage, "one", who=who)
    stage.turn(contact_id(who))
    assert channel.sent == [] and wait_s(stage, clock) == 1800
    write(stage.store, "hello?", who=who)
    stage.turn(contact_id(who))
    assert channel.texts[0] == "one"


def test_a_platforms_wait_also_ends_by_itself(stage: Stage, clock: StoppedClock) -> None:
    stage.viber.on_send = fail(WAIT)
    say(stage, "one", who=PETAR)
    stage.turn(PETAR_ID)
    clock.pass_s(1799)
    stage.turn(PETAR_ID)
    assert stage.viber.sent == []
    clock.pass_s(1)
    stage.turn(PETAR_ID)
    assert stage.viber.texts == ["one"]


def test_an_answer_that_nobody_knows_waits_on_messenger_for_the_echo(stage: Stage, clock: StoppedClock) -> None:
    tags: list[str] = []

    def lose(text: str, tag: str) -> None:
        tags.append(tag)
        stage.facebook.on_send = lambda text, tag: None
        raise AMBIGUOUS

    stage.facebook.on_send = lose
    say(stage, "one", "two")
    stage.turn()
    assert statuses(stage) == [("one", "sending", ""), ("two", "pending", "")] and wait_s(stage, clock) == 60
    clock.pass_s(30)
    stage.turn()
    assert stage.facebook.sent == [], "did not wait for the echo"
    tag = SendTag.parse(tags[0])
    assert tag
    stage.store.receive([SettleByEcho(tag=tag, external_id="m_echo")])
    stage.turn()
    assert stage.facebook.texts == ["two"] and {s for _, s, _ in statuses(stage)} == {"sent"}


def test_without_an_echo_it_is_sent_once_more_and_not_a_third_time(stage: Stage, clock: StoppedClock) -> None:
    calls: list[str] = []

    def lose(text: str, tag: str) -> None:
        calls.append(text)
        if text == "one":
            raise AMBIGUOUS

    stage.facebook.on_send = lose
    say(stage, "one", "two")
    for _ in range(6):
        stage.turn()
        clock.pass_s(61)
    assert calls == ["one", "one", "two"]
    assert statuses(stage) == [("one", "unconfirmed", "no_answer"), ("two", "sent", "")]


def test_on_viber_it_is_unconfirmed_at_once_and_the_next_one_goes(stage: Stage) -> None:
    stage.viber.on_send = fail(AMBIGUOUS)
    say(stage, "one", "two", who=PETAR)
    stage.turn(PETAR_ID)
    assert statuses(stage, PETAR_ID) == [("one", "unconfirmed", "timed_out"), ("two", "sent", "")]
    assert stage.viber.texts == ["two"]


@pytest.mark.parametrize(("who", "status"), [(SUSAN, "sending"), (PETAR, "unconfirmed")])
def test_an_error_of_our_own_while_sending_counts_as_not_knowing(
    stage: Stage, who: Identity, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    channel = stage.facebook if who is SUSAN else stage.viber
    channel.on_send = fail(ZeroDivisionError("oops"))
    say(stage, "s3cret words", who=who)
    stage.turn(contact_id(who))
    assert [s for _, s, _ in statuses(stage, contact_id(who))] == [status]
    assert "send.broke" in caplog.text and "s3cret" not in caplog.text


def test_after_so_many_attempts_a_message_has_failed_and_the_next_one_goes(stage: Stage, clock: StoppedClock) -> None:
    attempts: list[str] = []

    def refuse(text: str, tag: str) -> None:
        attempts.append(text)
        if text == "one":
            raise RETRY

    stage.facebook.on_send = refuse
    say(stage, "one", "two")
    for _ in range(MOST_ATTEMPTS):
        assert attempts.count("two") == 0
        stage.turn()
        clock.pass_s(BACKOFF_MOST_S * 1.3)
    assert attempts == ["one"] * MOST_ATTEMPTS + ["two"]
    assert statuses(stage) == [("one", "failed", "platform_error"), ("two", "sent", "")]


def test_the_waits_double_up_to_a_limit() -> None:
    for attempts in range(1, MOST_ATTEMPTS + 1):
        expected = min(2 ** (attempts - 1), BACKOFF_MOST_S)
        assert expected * 0.8 <= backoff_s(attempts) <= expected * 1.2
    assert len({backoff_s(5) for _ in range(10)}) > 1, "everybody would come back at the same moment"


def test_each_attempt_has_a_tag_of_its_own_that_names_contact_and_entry(stage: Stage, clock: StoppedClock) -> None:
    tags: list[str] = []

    def note(text: str, tag: str) -> None:
        tags.append(tag)
        if len(tags) < 3:
            raise RETRY

    stage.facebook.on_send = note
    say(stage, "one")
    for _ in range(3):
        stage.turn()
        clock.pass_s(10)
    parsed = [SendTag.parse(tag) for tag in tags]
    assert len(parsed) == len(set(tags)) == 3
    assert {(tag.contact, tag.entry) for tag in parsed if tag} == {(SUSAN_ID, parsed[0].entry)}  # type: ignore[union-attr]


def test_a_late_echo_of_a_message_that_was_given_up_does_not_send_the_next_one_twice(
    stage: Stage, clock: StoppedClock
) -> None:
    tags: list[str] = []

    def lose(text: str, tag: str) -> None:
        tags.append(tag)
        raise AMBIGUOUS

    stage.facebook.on_send = lose
    say(stage, "one", "two")
    for _ in range(3):
        stage.turn()
        clock.pass_s(61)
    assert [s for _, s, _ in statuses(stage)] == ["unconfirmed", "sending"]
    clock.ms -= 55_000
    late = SendTag.parse(tags[0])
    assert late
    stage.store.receive([SettleByEcho(tag=late, external_id="m_late")])
    stage.turn()
    assert len(tags) == 3, "the second message did not wait for its own echo"
    assert [s for _, s, _ in statuses(stage)] == ["sent", "sending"]


def test_order_is_kept_over_many_messages_and_failures(stage: Stage, clock: StoppedClock) -> None:
    errors = [RETRY if i % 3 == 0 else None for i in range(40)]
    stage.facebook = PlayedChannel(on_send=fail(*errors))
    texts = [str(i) for i in range(20)]
    say(stage, *texts)
    for _ in range(60):
        stage.turn()
        clock.pass_s(400)
    assert stage.facebook.texts == texts
