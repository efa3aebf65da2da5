"""Every way to open and to close a conversation, and that nothing is ever open twice or closed away."""

import pytest

from domain.actions import Close, Open, Send
from domain.models import OpenConversation, Sender, Snapshot, Source
from store import Store
from tests.conftest import StoppedClock
from tests.people import SUSAN_ID, lines, message, take, welcome, write


def open_number(store: Store) -> int | None:
    opened = store.snapshot(SUSAN_ID).open
    return opened.number if opened else None


def test_a_message_of_a_new_contact_opens_the_first_conversation(store: Store) -> None:
    received = write(store)

    assert received.is_new and received.opened == 1
    opened = store.snapshot(SUSAN_ID).open
    assert opened and (opened.number, opened.source, opened.incoming) == (1, Source.CONTACT, 1)


def test_further_messages_open_nothing(store: Store) -> None:
    write(store, "one")
    assert write(store, "two").opened == 0
    assert lines(store) == [("opened", 1), ("message", 1), ("message", 1)]


def test_a_redelivered_message_is_recorded_once(store: Store) -> None:
    first = message("one", native_id="m:same")
    assert [one.is_new for one in store.receive([first, first])] == [True, False]
    assert not store.receive([first])[0].is_new
    assert len(lines(store)) == 2


@pytest.mark.parametrize("hours_ago", [0, 1, 23, 25, 800])
def test_a_redelivery_is_known_however_old_its_own_time_is(store: Store, clock: StoppedClock, hours_ago: int) -> None:
    event = message(native_id="m:old", sent_at_ms=clock.ms - hours_ago * 3_600_000)
    store.receive([event])
    clock.pass_s(3 * 3600)
    assert not store.receive([event])[0].is_new


def test_a_welcome_opens_with_its_own_source(store: Store) -> None:
    store.receive([welcome()])
    opened = store.snapshot(SUSAN_ID).open
    assert opened and opened.source is Source.WELCOME_EVENT and opened.incoming == 0


def test_a_welcome_that_may_not_open_is_on_the_timeline_outside_of_any_conversation(store: Store) -> None:
    store.receive([welcome(opens=False)])
    assert open_number(store) is None
    assert lines(store) == [("welcome", None)]


def test_opening_when_one_is_open_changes_nothing_and_says_so(store: Store) -> None:
    write(store)
    snapshot = store.snapshot(SUSAN_ID)
    committed = store.commit(snapshot, [Open(source=Source.API, channel="facebook")])
    assert committed.results == (0,) and open_number(store) == 1


def test_closing_a_number_that_is_not_open_changes_nothing_and_says_so(store: Store) -> None:
    write(store)
    committed = store.commit(store.snapshot(SUSAN_ID), [Close(number=7, source=Source.API)])
    assert committed.results == (0,) and open_number(store) == 1


def close(store: Store, snapshot: Snapshot, number: int = 1, source: Source = Source.USER) -> None:
    assert store.commit(snapshot, [Close(number=number, source=source)]).results == (1,)


def test_a_closed_conversation_is_kept_with_who_when_and_how_long(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(42)
    by = {"id": "u1", "email": "alice@example.com", "name": 'Alice "A"'}
    action = Close(number=1, source=Source.USER, by=by, category="Sold", summary="two}| pairs")
    store.commit(store.snapshot(SUSAN_ID), [action])

    closed = store.conversation(SUSAN_ID, 1)
    assert not isinstance(closed, OpenConversation)
    assert (closed.closed_source, closed.closed_by, closed.resolution_ms) == (Source.USER, by, 42_000)
    assert closed.note == {"category": "Sold", "summary": "two}| pairs"}


def test_the_next_message_after_a_close_opens_the_next_number(store: Store) -> None:
    write(store)
    close(store, store.snapshot(SUSAN_ID))
    assert write(store).opened == 2
    assert [conversation.number for conversation in store.conversations(SUSAN_ID)] == [2, 1]


def test_a_commit_on_what_is_no_longer_so_writes_nothing_and_returns_what_is(store: Store) -> None:
    write(store)
    stale = store.snapshot(SUSAN_ID)
    close(store, stale)
    committed = store.commit(stale, [Send(number=1, text="hi", sender=Sender.BOT)])
    assert committed.status == "conflict"
    assert committed.snapshot and committed.snapshot.open is None
    assert "message" not in [kind for kind, _ in lines(store)[2:]]


def test_a_late_close_of_one_cannot_close_two(store: Store) -> None:
    write(store)
    turn, snapshot = take(store)
    close(store, store.snapshot(SUSAN_ID))
    write(store, "again")
    late = Close(number=1, source=Source.DIALOGFLOW, entry=1, later_from=2)
    committed = store.commit(snapshot, [late], turn=turn, decides=1)
    assert committed.status == "conflict" and committed.snapshot
    committed = store.commit(committed.snapshot, [late], turn=turn, decides=1)
    assert committed.results == (0,) and open_number(store) == 2


def test_whoever_writes_while_the_bot_says_goodbye_is_not_closed_away(store: Store) -> None:
    write(store, "bye")
    turn, snapshot = take(store)
    write(store, "wait!")
    committed = store.commit(
        snapshot, [Close(number=1, source=Source.DIALOGFLOW, entry=1, later_from=2)], turn=turn, decides=1
    )
    assert committed.results == (1,)
    opened = store.snapshot(SUSAN_ID).open
    assert opened and (opened.number, opened.source, opened.first_entry, opened.incoming) == (2, Source.CONTACT, 2, 1)
    assert lines(store) == [("opened", 1), ("message", 1), ("message", 2), ("closed", 1), ("opened", 2)]
    assert store.conversation(SUSAN_ID, 1).incoming == 1


def test_a_close_that_saw_less_than_there_is_is_refused(store: Store) -> None:
    first = write(store, "one")
    snapshot = store.snapshot(SUSAN_ID)
    write(store, "two")
    action = [Close(number=1, source=Source.USER)]
    committed = store.commit(snapshot, action, last_entry=first.entry)
    assert committed.status == "newer" and open_number(store) == 1
    assert store.commit(snapshot, action, last_entry=snapshot.end).is_done


def test_an_effect_happens_once_however_often_it_is_asked_for(store: Store) -> None:
    write(store)
    close(store, store.snapshot(SUSAN_ID))
    action = [Open(source=Source.DIALOGFLOW, channel="facebook", effect="turn RB_MARKDONE False")]
    assert store.commit(store.snapshot(SUSAN_ID), action).results == (2,)
    close(store, store.snapshot(SUSAN_ID), 2)
    assert store.commit(store.snapshot(SUSAN_ID), action).results == (-1,)
    assert open_number(store) is None
