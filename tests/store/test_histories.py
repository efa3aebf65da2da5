"""A person's history over all parts: in the order of time, whole, and read a stretch at a time from either side."""

import pytest

from domain.arrivals import RecordReceipt
from domain.errors import BadPayload, NotFound, StoreError
from domain.events import ReceiptStatus
from domain.identities import MERGES_ID
from store import HistoryPage, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, take, write
from turns.merges import carry_out


def merge(store: Store) -> None:
    """Petar becomes a part of Susan; what neither has decided moves."""
    number = store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    turn, snapshot = take(store, MERGES_ID)
    assert snapshot.undecided
    assert store.commit(snapshot, carry_out(store, snapshot.undecided), turn=turn, decides=number).is_done


@pytest.fixture
def talk(store: Store, clock: StoppedClock) -> Store:
    """Susan and Petar, who write in turns, twelve times, are merged and go on so."""
    for i in range(12):
        write(store, f"{i}", who=(SUSAN, PETAR)[i % 2])
        clock.pass_s(1)
        turn, snapshot = take(store, (SUSAN_ID, PETAR_ID)[i % 2])
        assert snapshot.undecided
        store.commit(snapshot, [], turn=turn, decides=snapshot.undecided.number)
    merge(store)
    for i in range(12, 16):
        write(store, f"{i}", who=(SUSAN, PETAR)[i % 2])
        clock.pass_s(1)
    return store


def texts(page: HistoryPage) -> list[str]:
    return [one.entry.text for one in page.entries if one.entry.text]


def test_both_timelines_are_one_in_the_order_of_time(talk: Store) -> None:
    page = talk.history(SUSAN_ID, limit=100)
    assert texts(page) == [str(i) for i in range(16)]
    assert page.before is None and not page.has_more
    assert {one.contact for one in page.entries} == {SUSAN_ID, PETAR_ID}
    at = [one.entry.data["at"] for one in page.entries]
    assert at == sorted(at)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_stretches_backwards_and_forwards_leave_nothing_out_and_show_nothing_twice(talk: Store, limit: int) -> None:
    whole = talk.history(SUSAN_ID, limit=100)
    page = talk.history(SUSAN_ID, limit=limit)
    back = page.entries
    while page.before is not None:
        page = talk.history(SUSAN_ID, page.before, limit)
        assert len(page.entries) <= limit and page.has_more
        back = [*page.entries, *back]
    assert back == whole.entries
    page = talk.history_since(SUSAN_ID, page.start, limit)
    there = page.entries
    while page.has_more:
        page = talk.history_since(SUSAN_ID, page.after, limit)
        there += page.entries
    assert there == whole.entries


def test_what_comes_after_a_mark_is_read_from_there(talk: Store) -> None:
    mark = talk.history(SUSAN_ID, limit=3).after
    assert talk.history_since(SUSAN_ID, mark).entries == []
    write(talk, "new here")
    write(talk, "new there", who=PETAR)
    page = talk.history_since(SUSAN_ID, mark)
    assert texts(page) == ["new here", "new there"] and talk.history_since(SUSAN_ID, page.after).entries == []


def test_a_stretch_is_read_again_with_what_came_since(talk: Store) -> None:
    page = talk.history(SUSAN_ID, limit=3)
    write(talk, "new")
    assert talk.history_since(SUSAN_ID, page.start).entries[:3] == page.entries
    assert texts(talk.history_since(SUSAN_ID, page.start))[-1] == "new"


def test_a_mark_from_before_a_merge_brings_none_of_the_parts_old_entries(store: Store, clock: StoppedClock) -> None:
    for who in (SUSAN, PETAR):
        write(store, who=who)
        clock.pass_s(1)
    mark = store.history(SUSAN_ID).after
    merge(store)
    new = [(one.contact, one.entry.data["kind"]) for one in store.history_since(SUSAN_ID, mark).entries]
    assert new == [(SUSAN_ID, "merged"), (SUSAN_ID, "message")]


@pytest.mark.parametrize("number", range(16))
def test_a_position_leads_to_its_entry_and_to_what_is_before_it(talk: Store, number: int) -> None:
    entry = next(one for one in talk.history(SUSAN_ID, limit=100).entries if one.entry.text == str(number))
    position = talk.history_position(SUSAN_ID, entry.contact, entry.entry.number)
    assert talk.history_since(SUSAN_ID, position, 1).entries == [entry]
    assert texts(talk.history(SUSAN_ID, position, 100)) == [str(i) for i in range(number)]


def test_what_moved_is_shown_once_in_the_conversation_that_took_it(store: Store, clock: StoppedClock) -> None:
    for who in (SUSAN, PETAR):
        write(store, f"from {who.kind}", who=who)
        clock.pass_s(1)
    merge(store)
    messages = [one for one in store.history(SUSAN_ID).entries if one.entry.text]
    assert [(one.contact, one.entry.text, one.conversation) for one in messages] == [
        (SUSAN_ID, "from facebook", 1),
        (SUSAN_ID, "from viber", 1),
    ]
    [(entry, number)] = [pair for pair in store.timeline(PETAR_ID, 0, 9).entries if pair[0].text]
    assert entry.text == "from viber" and number is None


def test_the_watermark_of_an_identity_counts_for_it_alone_on_every_timeline(talk: Store, clock: StoppedClock) -> None:
    talk.receive([RecordReceipt(identity=PETAR, status=ReceiptStatus.READ, watermark_ms=clock.ms)])
    for one in talk.history(SUSAN_ID, limit=100).entries:
        is_petars = one.entry.data.get("identity") == str(PETAR) or one.contact == PETAR_ID
        assert one.read_until_ms == (clock.ms if is_petars else 0) and one.delivered_until_ms == 0


def test_without_parts_it_is_the_contacts_own_timeline(store: Store) -> None:
    for i in range(5):
        write(store, f"{i}")
    page = store.history(SUSAN_ID, limit=3)
    own = store.timeline(SUSAN_ID, -3, 3)
    assert [(one.entry, one.conversation) for one in page.entries] == own.entries
    assert page.before == page.start == "3" and page.after == "6"


def test_conversations_of_all_parts_come_with_whose_they_are(talk: Store) -> None:
    found = talk.all_conversations(SUSAN_ID)
    assert [(contact, one.number) for contact, one in found] == [(PETAR_ID, 1), (SUSAN_ID, 1)]


def test_an_unknown_contact_has_no_history(store: Store) -> None:
    page = store.history(SUSAN_ID)
    assert page.entries == [] and page.before is None and not page.has_more
    assert store.history_since(SUSAN_ID, page.after).entries == [] and store.all_conversations(SUSAN_ID) == []
    with pytest.raises(NotFound):
        store.history_position(SUSAN_ID, SUSAN_ID, 3)


@pytest.mark.parametrize("text", ["", "x", "-1", "1.", "1.a-1", "1;2", "9" * 13, "1." + "a" * 24])
def test_what_is_not_a_position_is_refused(talk: Store, text: str) -> None:
    with pytest.raises(BadPayload):
        talk.history(SUSAN_ID, text)
    with pytest.raises(BadPayload):
        talk.history_since(SUSAN_ID, text)


@pytest.mark.parametrize("text", ["99999", f"99999.{PETAR_ID}-99999", f"0.{'a' * 24}-5"])
def test_a_position_of_somewhere_else_does_no_harm(talk: Store, text: str) -> None:
    assert talk.history_since(SUSAN_ID, text).after
    assert talk.history(SUSAN_ID, text, 5).start


def test_only_a_contacts_id_is_looked_for(store: Store) -> None:
    with pytest.raises(StoreError):
        store.history("nobody")


def test_who_was_deleted_and_wrote_anew_is_not_part_of_anybody(talk: Store) -> None:
    # As a delete leaves it that stopped half-way: the part is gone, the primary is still there.
    client = talk.connection.client
    keys = talk.keys.of_contact(PETAR_ID, 0)
    client.delete(*keys[:5])
    write(talk, "somebody new", who=PETAR)
    assert "somebody new" not in texts(talk.history(SUSAN_ID, limit=100))
