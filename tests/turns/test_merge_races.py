"""What else may be under way while two contacts become one: answers, sends, users, receipts, other merges, workers."""

import pytest

from domain.actions import Open, Send
from domain.answers import Commands, Question
from domain.arrivals import RecordReceipt, SettleByEcho
from domain.errors import Conflict, StoreError
from domain.events import ReceiptStatus
from domain.identities import MERGES_ID, Identity
from domain.models import Letter, Sender, Snapshot, Source
from domain.sends import SendTag
from handlers import profiles, users
from handlers.fulfillment import Call, decide_call
from store import Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, lines, message, take, write
from tests.turns.merge_plays import meet, merge, said, work
from tests.turns.stage import Stage


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


@pytest.fixture
def pair(stage: Stage, clock: StoppedClock) -> Stage:
    """Susan and Petar have each said hello, and were answered."""
    meet(stage, clock)
    return stage


# -- Turns under way


def test_an_answer_that_comes_after_the_merge_is_noted_and_asked_again(pair: Stage, clock: StoppedClock) -> None:
    def meanwhile(question: Question) -> None:
        pair.bot.on_ask = lambda _: None
        merge(pair)

    pair.bot.on_ask = meanwhile
    write(pair.store, "one thing", who=PETAR)
    pair.turn(PETAR_ID)
    assert pair.viber.texts == ["you said hello"]
    entry, _ = pair.store.timeline(PETAR_ID, -1, 1).entries[0]
    assert (entry.letter, entry.data["reason"]) == (Letter.NOT_SENT, "merged")
    work(pair, clock)
    assert [question.session for question in pair.bot.asked[-2:]] == [f"{PETAR_ID}-1", f"{SUSAN_ID}-1"]
    assert pair.viber.texts == ["you said hello", "you said one thing"]


def test_what_waited_to_be_sent_still_goes_out_from_the_secondary(pair: Stage, clock: StoppedClock) -> None:
    snapshot = pair.store.snapshot(PETAR_ID)
    actions = users.write(snapshot, "from Bob", sender=Sender.USER, opens=None, max_text_chars=1900, by=BOB)
    assert pair.store.commit(snapshot, actions).is_done
    merge(pair)
    work(pair, clock)
    assert pair.viber.texts[-1] == "from Bob" and ("s", "from Bob") in said(pair.store)


def test_what_waits_on_the_primary_is_not_sent_to_where_the_secondary_wrote(pair: Stage, clock: StoppedClock) -> None:
    snapshot = pair.store.snapshot(SUSAN_ID)
    actions = users.write(snapshot, "for Messenger", sender=Sender.USER, opens=None, max_text_chars=1900, by=BOB)
    assert pair.store.commit(snapshot, actions).is_done
    write(pair.store, "one thing", who=PETAR)
    merge(pair)
    work(pair, clock)
    assert pair.facebook.texts[-1] == "for Messenger"


def test_a_fulfillment_call_for_the_secondarys_conversation_changes_nothing(pair: Stage) -> None:
    merge(pair)
    before = lines(pair.store, PETAR_ID), lines(pair.store)
    snapshot = pair.store.snapshot(PETAR_ID)
    for entry in (None, 1):
        for is_done in (True, False):
            call = Call(number=1, entry=entry, response_id="r", commands=Commands(mark_done=is_done, bot_status=False))
            assert decide_call(snapshot, call).actions == []
    assert (lines(pair.store, PETAR_ID), lines(pair.store)) == before


def test_a_user_who_acts_on_the_secondary_meanwhile_is_told_where_it_is_now(pair: Stage) -> None:
    seen = pair.store.snapshot(PETAR_ID)
    merge(pair)
    number, now = seen.open.number if seen.open else 0, pair.store.snapshot(PETAR_ID)
    deeds = (
        [Send(number=number, text="late", sender=Sender.USER)],
        users.close_conversation(seen, source=Source.USER),
        users.comment(seen, "a note", by=BOB),
        users.set_bot(seen, is_on=False, by=BOB),
        users.block(seen, is_blocked=True, by=BOB),
        profiles.change_tags(seen, add=("late",), by=BOB),
        [Open(source=Source.USER, channel="viber")],
    )
    for actions in deeds:
        found = pair.store.commit(seen, actions)
        assert (found.status, found.snapshot) == ("conflict", now)
        with pytest.raises(Conflict, match=SUSAN_ID):
            pair.store.commit(now, actions)
    assert pair.store.snapshot(PETAR_ID) == now


def test_what_a_user_writes_about_the_primary_between_the_steps_is_not_lost(pair: Stage) -> None:
    take_over = pair.store.merge_primary

    def meanwhile(*args: object, **options: object) -> object:
        pair.store.merge_primary = take_over  # type: ignore[method-assign]
        snapshot = pair.store.snapshot(SUSAN_ID)
        assert pair.store.commit(snapshot, profiles.change_tags(snapshot, add=("vip",), by=BOB)).is_done
        return take_over(*args, **options)  # type: ignore[arg-type]

    snapshot = pair.store.snapshot(PETAR_ID)
    assert pair.store.commit(snapshot, profiles.change_tags(snapshot, add=("new",), by=BOB)).is_done
    pair.store.merge_primary = meanwhile  # type: ignore[method-assign,assignment]
    assert merge(pair).outcome == "merged"
    assert pair.store.snapshot(SUSAN_ID).contact.tags == ("vip", "new")


# -- Receipts


def test_receipts_find_what_was_sent_on_that_identity_before_and_after(pair: Stage, clock: StoppedClock) -> None:
    merge(pair)
    write(pair.store, "again", who=PETAR)
    work(pair, clock)
    sent = [(one.contact, one.entry.external_id) for one in pair.store.history(SUSAN_ID).entries if one.entry.status]
    assert [contact for contact, _ in sent] == [SUSAN_ID, PETAR_ID, SUSAN_ID]
    for _, external_id in sent[1:]:
        pair.store.receive([RecordReceipt(identity=PETAR, status=ReceiptStatus.READ, external_id=external_id)])
    assert [letter for letter, _ in said(pair.store)] == ["m", "s", "m", "r", "m", "r"]


def test_a_receipt_that_comes_before_its_send_is_settled_is_kept_for_it(pair: Stage) -> None:
    merge(pair)
    snapshot = pair.store.snapshot(SUSAN_ID)
    [number] = pair.store.commit(snapshot, [Send(number=1, text="x", sender=Sender.USER, to=PETAR)]).results
    turn, _ = take(pair.store)
    pair.store.start_send(turn, number, "nonce-123456", echo_wait_ms=0)
    pair.store.receive([RecordReceipt(identity=PETAR, status=ReceiptStatus.DELIVERED, external_id="early")])
    pair.store.receive([SettleByEcho(tag=SendTag(SUSAN_ID, number, "nonce-123456"), external_id="early")])
    assert said(pair.store)[-1] == ("d", "x")


def test_a_watermark_of_one_identity_says_nothing_of_another(pair: Stage, clock: StoppedClock) -> None:
    merge(pair)
    write(pair.store, "again", who=PETAR)
    work(pair, clock)
    clock.pass_s(10)
    pair.store.receive([RecordReceipt(identity=PETAR, status=ReceiptStatus.READ, watermark_ms=clock.ms)])
    sent = [one for one in pair.store.history(SUSAN_ID).entries if one.entry.status]
    read = [one.entry.changed_at_ms <= one.read_until_ms for one in sent]
    assert read == [False, True, True]


# -- Chains


OLGA = Identity("viber", "shop", "0lga==")


def test_a_chain_leads_to_its_end_and_is_one_history(pair: Stage, clock: StoppedClock) -> None:
    olga = write(pair.store, "I am Olga", who=OLGA).contact
    work(pair, clock)
    clock.pass_s(1)
    assert merge(pair, PETAR_ID, olga).outcome == "merged"
    clock.pass_s(1)
    assert merge(pair, SUSAN_ID, PETAR_ID).outcome == "merged"
    susan = pair.store.snapshot(SUSAN_ID).contact
    assert susan.parts == (PETAR_ID, olga) and susan.identities == (SUSAN, PETAR, OLGA)
    again = message("Olga again", who=OLGA, native_id="m:olga")
    assert pair.store.receive([again])[0].contact == SUSAN_ID and not pair.store.receive([again])[0].is_new
    work(pair, clock)
    assert [text for _, text in said(pair.store)][-4:] == [
        "I am Olga",
        "you said I am Olga",
        "Olga again",
        "you said Olga again",
    ]
    found = pair.store.all_conversations(SUSAN_ID)
    assert sorted((contact, one.number) for contact, one in found) == sorted([(SUSAN_ID, 1), (PETAR_ID, 1), (olga, 1)])


def test_merging_into_or_from_who_was_merged_means_who_they_are_now(pair: Stage, clock: StoppedClock) -> None:
    olga = write(pair.store, who=OLGA).contact
    work(pair, clock)
    merge(pair, SUSAN_ID, PETAR_ID)
    assert merge(pair, PETAR_ID, olga).primary == SUSAN_ID
    assert pair.store.resolve(olga) == SUSAN_ID
    assert merge(pair, olga, PETAR_ID).outcome == "same"


# -- Two workers


def test_a_worker_that_stalls_between_the_steps_changes_nothing_any_more(pair: Stage, clock: StoppedClock) -> None:
    write(pair.store, "one thing", who=PETAR)
    olga = write(pair.store, who=OLGA).contact
    number = pair.store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    later = pair.store.request_merge(olga, SUSAN_ID, by=ALICE)
    take_over = pair.store.merge_primary

    def stall(*args: object, **options: object) -> object:
        pair.store.merge_primary = take_over  # type: ignore[method-assign]
        clock.pass_s(16)
        pair.runner().run(MERGES_ID)
        assert pair.store.merge_state(later).outcome == "merged"
        snapshot = pair.store.snapshot(olga)
        tagged = pair.store.commit(snapshot, profiles.change_tags(snapshot, add=("after",), by=ALICE))
        assert tagged.is_done
        return take_over(*args, **options)  # type: ignore[arg-type]

    pair.store.merge_primary = stall  # type: ignore[method-assign,assignment]
    pair.turn(MERGES_ID)
    work(pair, clock)
    assert pair.store.merge_state(number).outcome == "merged"
    found = pair.store.snapshot(olga).contact
    assert found.parts == (SUSAN_ID, PETAR_ID) and found.tags == ("after",)
    assert [kind for kind, _ in lines(pair.store)].count("merged") == 2  # Petar came in, and Susan went
    assert pair.viber.texts.count("you said one thing") == 1


def test_a_worker_that_stalls_between_the_steps_does_the_second_no_second_time(
    pair: Stage, clock: StoppedClock
) -> None:
    write(pair.store, "one thing", who=PETAR)
    take_over = pair.store.merge_primary

    def stall(*args: object, **options: object) -> object:
        pair.store.merge_primary = take_over  # type: ignore[method-assign]
        clock.pass_s(16)
        pair.runner().run(MERGES_ID)
        return take_over(*args, **options)  # type: ignore[arg-type]

    pair.store.merge_primary = stall  # type: ignore[method-assign,assignment]
    assert merge(pair).outcome == "merged"
    work(pair, clock)
    assert pair.store.snapshot(SUSAN_ID).contact.parts == (PETAR_ID,)
    assert [kind for kind, _ in lines(pair.store)].count("merged") == 1
    assert pair.viber.texts.count("you said one thing") == 1


def test_a_worker_that_comes_too_late_to_begin_leaves_it_to_others(pair: Stage, clock: StoppedClock) -> None:
    set_blocked(pair, SUSAN_ID, is_blocked=True)
    set_blocked(pair, PETAR_ID, is_blocked=True)
    number = pair.store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    look = pair.store.snapshot

    def stall(contact: str) -> Snapshot:
        seen = look(contact)
        if contact == PETAR_ID:
            pair.store.snapshot = look  # type: ignore[method-assign]
            set_blocked(pair, SUSAN_ID, is_blocked=False)
            clock.pass_s(16)
            pair.runner().run(MERGES_ID)
        return seen

    pair.store.snapshot = stall  # type: ignore[method-assign]
    with pytest.raises(StoreError):
        pair.turn(MERGES_ID)
    assert pair.store.merge_state(number).outcome == "secondary_blocked"
    assert pair.store.resolve(PETAR_ID) == PETAR_ID


def test_a_stalled_worker_does_not_merge_what_was_refused_meanwhile(pair: Stage, clock: StoppedClock) -> None:
    number = pair.store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    first_step = pair.store.merge_secondary

    def stall(*args: object, **options: object) -> object:
        pair.store.merge_secondary = first_step  # type: ignore[method-assign]
        set_blocked(pair, PETAR_ID, is_blocked=True)
        clock.pass_s(16)
        pair.runner().run(MERGES_ID)
        return first_step(*args, **options)  # type: ignore[arg-type]

    pair.store.merge_secondary = stall  # type: ignore[method-assign,assignment]
    pair.turn(MERGES_ID)
    assert pair.store.merge_state(number).outcome == "secondary_blocked"
    assert pair.store.resolve(PETAR_ID) == PETAR_ID


def set_blocked(stage: Stage, contact: str, *, is_blocked: bool) -> None:
    snapshot = stage.store.snapshot(contact)
    assert stage.store.commit(snapshot, users.block(snapshot, is_blocked=is_blocked, by=ALICE)).is_done
