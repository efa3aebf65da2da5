"""Two contacts become one, whatever else happens to them meanwhile."""

from collections.abc import Callable

import pytest

from domain.actions import NeedPerson, SetBot
from domain.answers import Answer
from domain.errors import NotFound
from domain.events import Profile
from domain.identities import MERGES_ID, conversation_id
from domain.models import Letter, Source
from handlers import merges, profiles, users
from store import Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, lines, message, welcome, write
from tests.turns.merge_plays import closed_by, meet, merge, open_number, said, step_one, work
from tests.turns.stage import Stage


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


@pytest.fixture
def pair(stage: Stage, clock: StoppedClock) -> Stage:
    """Susan and Petar have each said hello, and were answered."""
    meet(stage, clock)
    return stage


# -- What a merge does


def test_the_secondary_is_closed_and_becomes_a_part_of_the_primary(pair: Stage) -> None:
    state = merge(pair)
    assert (state.is_done, state.outcome, state.primary, state.secondary) == (True, "merged", SUSAN_ID, PETAR_ID)
    assert closed_by(pair.store, PETAR_ID, 1) == Source.CONTACT_MERGE
    susan = pair.store.snapshot(SUSAN_ID).contact
    assert susan.parts == (PETAR_ID,) and susan.identities == (SUSAN, PETAR)
    assert pair.store.snapshot(PETAR_ID).contact.merged_into == SUSAN_ID
    assert lines(pair.store, PETAR_ID)[-2:] == [("closed", 1), ("merged", None)]
    assert lines(pair.store)[-1] == ("merged", 1)


def test_an_open_conversation_of_the_secondary_closes_also_when_the_primary_has_none(pair: Stage) -> None:
    snapshot = pair.store.snapshot(SUSAN_ID)
    assert pair.store.commit(snapshot, users.close_conversation(snapshot, source=Source.USER)).is_done
    merge(pair)
    assert closed_by(pair.store, PETAR_ID, 1) == Source.CONTACT_MERGE and open_number(pair.store) is None


def test_the_primarys_open_conversation_stays_open_with_its_numbers(pair: Stage) -> None:
    before = pair.store.snapshot(SUSAN_ID).open
    merge(pair)
    assert pair.store.snapshot(SUSAN_ID).open == before


def test_blanks_are_filled_and_what_both_have_stays_the_primarys(pair: Stage) -> None:
    for contact, changes, tag in (
        (SUSAN_ID, {"name": "Susan", "phone": "+4412345"}, "vip"),
        (PETAR_ID, {"name": "Peter", "phone": "+4499999", "email": "p@example.com", "fields.CITY": "Sofia"}, "new"),
    ):
        snapshot = pair.store.snapshot(contact)
        actions = profiles.change_profile(snapshot, changes, by=ALICE)
        assert pair.store.commit(snapshot, [*actions, *profiles.change_tags(snapshot, add=(tag,), by=ALICE)]).is_done
    merge(pair)
    susan = pair.store.snapshot(SUSAN_ID).contact
    assert (susan.name, susan.phone, susan.email) == ("Susan", "+4412345", "p@example.com")
    assert susan.tags == ("vip", "new") and susan.fields == {"CITY": "Sofia"}
    assert pair.store.with_term("p@example.com", 10) == [SUSAN_ID]


def test_the_secondary_leaves_every_list_and_the_primary_is_found_instead(pair: Stage) -> None:
    snapshot = pair.store.snapshot(PETAR_ID)
    pair.store.know_tags(("new",))
    assert pair.store.commit(snapshot, profiles.change_tags(snapshot, add=("new",), by=ALICE)).is_done
    merge(pair)
    assert [contact.id for contact, _ in pair.store.contacts(10).items] == [SUSAN_ID]
    assert [contact.id for contact, _ in pair.store.search("new", 10)] == [SUSAN_ID]
    assert [contact.id for contact, _ in pair.store.search(PETAR.contact_ref, 10, [PETAR.channel])] == [SUSAN_ID]
    assert [contact.id for contact, _ in pair.store.open_conversations(10).items] == [SUSAN_ID]


def test_the_contact_of_all_merges_is_nobody(pair: Stage) -> None:
    merge(pair)
    with pytest.raises(NotFound):
        pair.store.snapshot(MERGES_ID)
    assert MERGES_ID not in [contact.id for contact, _ in pair.store.contacts(10).items]
    assert pair.store.search(f"id:{MERGES_ID}", 10) == [] and pair.store.search("system:markdone:merges", 10) == []


# -- What is asked for again, or cannot be done


def test_the_same_request_twice_is_one_merge(pair: Stage) -> None:
    first = pair.store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE, operation="page 1")
    assert pair.store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE, operation="page 1") == first
    assert not pair.store.merge_state(first).is_done
    pair.turn(MERGES_ID)
    assert pair.store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE, operation="page 1") == first
    assert pair.store.merge_state(first).outcome == "merged"


def test_merging_again_has_nothing_to_do(pair: Stage) -> None:
    merge(pair)
    before = lines(pair.store)
    assert merge(pair).outcome == "same" and lines(pair.store) == before


def test_a_into_b_while_b_goes_into_a_makes_one_of_them_the_primary(pair: Stage) -> None:
    there = pair.store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    back = pair.store.request_merge(PETAR_ID, SUSAN_ID, by=BOB)
    pair.turn(MERGES_ID)
    assert pair.store.merge_state(there).outcome == "merged" and pair.store.merge_state(back).outcome == "same"
    assert pair.store.resolve(PETAR_ID) == pair.store.resolve(SUSAN_ID) == SUSAN_ID


def test_who_is_deleted_before_their_merge_comes_is_unknown(pair: Stage) -> None:
    number = pair.store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    pair.store.connection.client.delete(pair.store.keys.contact(PETAR_ID))
    pair.turn(MERGES_ID)
    assert pair.store.merge_state(number).outcome == "unknown"
    with pytest.raises(NotFound):
        pair.store.request_merge(SUSAN_ID, "a" * 24, by=ALICE)


@pytest.mark.parametrize(
    ("primary_is_blocked", "secondary_is_blocked", "outcome"),
    [(False, True, "secondary_blocked"), (True, False, "merged"), (True, True, "merged")],
)
def test_nobody_who_is_blocked_gets_through_as_a_part_of_somebody_else(
    pair: Stage, primary_is_blocked: bool, secondary_is_blocked: bool, outcome: str
) -> None:
    for contact, is_blocked in ((SUSAN_ID, primary_is_blocked), (PETAR_ID, secondary_is_blocked)):
        snapshot = pair.store.snapshot(contact)
        actions = users.block(snapshot, is_blocked=is_blocked, by=ALICE)
        assert pair.store.commit(snapshot, actions).is_done
    write(pair.store, "let me in", who=PETAR)
    state = merge(pair)
    assert state.outcome == outcome and merges.outcome_text(state.outcome)
    assert pair.store.snapshot(SUSAN_ID).contact.is_blocked == primary_is_blocked
    assert open_number(pair.store) == (None if primary_is_blocked else 1)


# -- Messages that arrive meanwhile, and come again


def test_a_message_of_before_is_decided_by_the_primary_once(pair: Stage, clock: StoppedClock) -> None:
    asked = len(pair.bot.asked)
    write(pair.store, "one thing", who=PETAR)
    merge(pair)
    work(pair, clock)
    assert pair.viber.texts[-1] == "you said one thing" and len(pair.bot.asked) == asked + 1
    assert pair.bot.asked[-1].session == conversation_id(SUSAN_ID, 1)
    assert pair.bot.asked[-1].platform == "viber"
    assert [text for _, text in said(pair.store)].count("one thing") == 1


def test_a_message_of_before_opens_a_conversation_where_none_is_open(pair: Stage, clock: StoppedClock) -> None:
    snapshot = pair.store.snapshot(SUSAN_ID)
    assert pair.store.commit(snapshot, users.close_conversation(snapshot, source=Source.USER)).is_done
    write(pair.store, "one thing", who=PETAR)
    waiting_since_ms = clock.ms
    clock.pass_s(1)
    merge(pair)
    opened = pair.store.snapshot(SUSAN_ID).open
    assert opened and (opened.number, opened.source, opened.channel) == (2, Source.CONTACT, "viber")
    assert (opened.incoming, opened.waiting_since_ms) == (1, waiting_since_ms)
    closed = pair.store.conversation(PETAR_ID, 1)
    assert closed.incoming == 1, "what moved is counted where it went"
    work(pair, clock)
    assert pair.viber.texts[-1] == "you said one thing"


def test_whoever_waits_longest_on_either_counts(pair: Stage, clock: StoppedClock) -> None:
    write(pair.store, "since long", who=PETAR)
    since_ms = clock.ms
    clock.pass_s(1)
    write(pair.store, "since a moment")
    snapshot = pair.store.snapshot(SUSAN_ID)
    assert pair.store.commit(snapshot, [NeedPerson(number=1, reason="notify")]).is_done
    clock.pass_s(1)
    merge(pair)
    opened = pair.store.snapshot(SUSAN_ID).open
    assert opened and (opened.waiting_since_ms, opened.incoming) == (since_ms, 3)
    key = pair.store.keys.needs_person(pair.store.keys.partition(SUSAN_ID))
    assert pair.store.connection.client.zscore(key, SUSAN_ID) == since_ms


def test_a_click_on_what_the_primary_was_before_is_a_conflict(pair: Stage) -> None:
    snapshot = pair.store.snapshot(PETAR_ID)
    assert pair.store.commit(snapshot, users.close_conversation(snapshot, source=Source.USER)).is_done
    seen = [pair.store.snapshot(contact) for contact in (SUSAN_ID, PETAR_ID)]
    merge(pair)
    for snapshot in seen:
        assert pair.store.commit(snapshot, [SetBot(number=1, is_on=False, source=Source.USER)]).status == "conflict"


def test_a_message_between_the_two_steps_is_the_primarys_at_once(pair: Stage, clock: StoppedClock) -> None:
    write(pair.store, "before", who=PETAR)
    number = step_one(pair)
    assert write(pair.store, "between", who=PETAR).contact == SUSAN_ID
    work(pair, clock)
    assert pair.store.merge_state(number).outcome == "merged"
    assert sorted(pair.viber.texts[1:]) == ["you said before", "you said between"]
    opened = pair.store.snapshot(SUSAN_ID).open
    assert opened and opened.incoming == 3


def test_a_message_afterwards_is_the_primarys_and_answered_where_it_was_written(
    pair: Stage, clock: StoppedClock
) -> None:
    merge(pair)
    received = write(pair.store, "hello again", who=PETAR)
    assert (received.contact, received.is_new) == (SUSAN_ID, True)
    assert pair.store.snapshot(SUSAN_ID).contact.answers_on == PETAR
    work(pair, clock)
    assert pair.viber.texts[-1] == "you said hello again" and len(pair.facebook.texts) == 1
    write(pair.store, "and from here")
    work(pair, clock)
    assert pair.facebook.texts[-1] == "you said and from here"
    assert pair.store.snapshot(SUSAN_ID).contact.answers_on == SUSAN


def test_an_answer_is_cut_as_the_channel_it_goes_to_wants_it(pair: Stage, clock: StoppedClock) -> None:
    pair.viber.max_text_chars = 7000
    pair.bot.answers["tell me"] = Answer(intent="long", replies=("word " * 1000,))
    merge(pair)
    for who in (PETAR, SUSAN):
        write(pair.store, "tell me", who=who)
        work(pair, clock)
    assert len(pair.viber.texts) == 2 and len(pair.facebook.texts) == 4


def test_what_is_only_noted_does_not_change_where_the_person_is_answered(pair: Stage) -> None:
    merge(pair)
    noted = {"kind": "unsubscribed"}
    pair.store.receive([message(who=PETAR, letter=Letter.NOTED, data=noted, opens=None)])
    assert pair.store.snapshot(SUSAN_ID).contact.answers_on == SUSAN
    write(pair.store, who=PETAR)
    pair.store.receive([message(letter=Letter.NOTED, data=noted, opens=None)])
    assert pair.store.snapshot(SUSAN_ID).contact.answers_on == PETAR


def test_what_a_platform_says_of_the_name_does_not_rename_the_primary(pair: Stage) -> None:
    merge(pair)
    pair.store.receive([message("hi", who=PETAR, profile=Profile(name="Pesho"))])
    assert pair.store.snapshot(SUSAN_ID).contact.name == ""


@pytest.mark.parametrize("sent_at", [True, False])
@pytest.mark.parametrize("arrives", ["before", "between", "after"])
def test_a_redelivery_across_the_merge_is_a_duplicate(
    pair: Stage, clock: StoppedClock, arrives: str, sent_at: bool
) -> None:
    again = message("once", who=PETAR, native_id="m:once", sent_at_ms=clock.ms if sent_at else None)
    steps: dict[str, Callable[[], object]] = {
        "before": lambda: None,
        "between": lambda: step_one(pair),
        "after": lambda: work(pair, clock),
    }
    is_new = []
    for name, step in steps.items():
        step()
        is_new += [pair.store.receive([again])[0].is_new] if name == arrives or True in is_new else []
    is_new.append(pair.store.receive([again])[0].is_new)
    assert is_new[0] and not any(is_new[1:])
    work(pair, clock)
    assert said(pair.store).count(("m", "once")) == 1 and pair.viber.texts.count("you said once") == 1


def test_a_batch_with_messages_for_both_keeps_each_ones_order(pair: Stage) -> None:
    merge(pair)
    batch = [message(f"{i}", who=who) for i, who in enumerate((PETAR, SUSAN, PETAR, SUSAN))]
    assert [received.contact for received in pair.store.receive(batch)] == [SUSAN_ID] * 4
    assert [text for letter, text in said(pair.store) if letter == "m"][2:] == ["1", "3", "0", "2"]


def test_vibers_welcome_does_not_move_but_gets_the_configured_text_where_its_call_waits(
    pair: Stage, clock: StoppedClock
) -> None:
    pair.store.receive([welcome(who=PETAR, opens=False, token="t1")])
    merge(pair)
    assert pair.store.claim_welcome(PETAR_ID, "t1", "Configured") == "Configured"
    work(pair, clock)
    assert not [question for question in pair.bot.asked if question.event]
    assert ("s", "Configured") in said(pair.store)


def test_a_welcome_that_opened_moves_and_opens_there(stage: Stage, clock: StoppedClock) -> None:
    write(stage.store, who=PETAR)
    snapshot = stage.store.snapshot(PETAR_ID)
    assert stage.store.commit(snapshot, users.close_conversation(snapshot, source=Source.USER)).is_done
    stage.store.receive([welcome()])
    merge(stage, PETAR_ID, SUSAN_ID)
    opened = stage.store.snapshot(PETAR_ID).open
    assert opened and (opened.number, opened.source, opened.channel) == (2, Source.WELCOME_EVENT, "facebook")
    assert (opened.incoming, opened.waiting_since_ms) == (0, None)
    work(stage, clock)
    assert [question.event for question in stage.bot.asked] == ["FACEBOOK_WELCOME"]
    assert stage.facebook.texts == ["you said"]


def test_what_a_user_closed_undecided_stays_closed(pair: Stage, clock: StoppedClock) -> None:
    write(pair.store, "never mind", who=PETAR)
    snapshot = pair.store.snapshot(PETAR_ID)
    assert pair.store.commit(snapshot, users.close_conversation(snapshot, source=Source.USER)).is_done
    merge(pair)
    work(pair, clock)
    assert "you said never mind" not in pair.viber.texts and open_number(pair.store) == 1
    assert pair.store.conversation(PETAR_ID, 1).incoming == 2
