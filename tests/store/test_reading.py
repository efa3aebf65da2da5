"""What is read back: a contact, its conversations, and a timeline whose every line knows its conversation."""

import pytest

from domain.actions import Action, Close, NeedPerson, NoteLine, NoteNotSent, Open, Send
from domain.errors import NotFound, StoreError
from domain.models import ClosedConversation, Letter, OpenConversation, Sender, Source
from store import Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, SUSAN_ID, lines, message, welcome, write


def close(store: Store, number: int) -> None:
    assert store.commit(store.snapshot(SUSAN_ID), [Close(number=number, source=Source.USER)]).results == (1,)


@pytest.mark.parametrize(
    "contact", ["", "x", "a" * 23, "A" * 24, "a" * 24 + "\n", "{bl}", "../" * 8, "1" * 24, "*" * 24]
)
def test_what_cannot_be_an_id_never_becomes_part_of_a_key(store: Store, contact: str) -> None:
    for read in (store.snapshot, store.conversations, lambda c: store.conversation(c, 1)):
        with pytest.raises(StoreError, match="not a contact's id"):
            read(contact)
    with pytest.raises(StoreError):
        store.timeline(contact, 0, 1)


def test_nobody_is_not_found_and_has_nothing(store: Store) -> None:
    with pytest.raises(NotFound):
        store.snapshot(SUSAN_ID)
    with pytest.raises(NotFound):
        store.conversation(SUSAN_ID, 1)
    assert store.conversations(SUSAN_ID) == [] and store.timeline(SUSAN_ID, 0, 10).entries == []


def test_a_snapshot_says_what_is_next(store: Store) -> None:
    first = write(store, "one")
    write(store, "two")
    store.commit(store.snapshot(SUSAN_ID), [Send(number=1, text="hi", sender=Sender.USER, by=BOB)])
    snapshot = store.snapshot(SUSAN_ID)
    assert snapshot.undecided and (snapshot.undecided.number, snapshot.undecided.text) == (first.entry, "one")
    assert snapshot.head and snapshot.head.data["by"] == BOB and snapshot.end == 4


def test_conversations_come_newest_first_each_with_what_is_known_of_it(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(10)
    close(store, 1)
    store.commit(store.snapshot(SUSAN_ID), [Open(source=Source.USER, channel="facebook", by=ALICE)])
    second, first = store.conversations(SUSAN_ID)
    assert isinstance(first, ClosedConversation) and isinstance(second, OpenConversation)
    assert (first.number, first.resolution_ms, first.incoming) == (1, 10_000, 1)
    assert (second.number, second.by, second.needs, second.channel) == (2, ALICE, "opened_by_user", "facebook")
    assert store.conversation(SUSAN_ID, 1) == first and store.conversation(SUSAN_ID, 2) == second
    for number in (0, 3, -1):
        with pytest.raises(NotFound):
            store.conversation(SUSAN_ID, number)


def test_every_line_belongs_to_the_conversation_it_came_in(store: Store, clock: StoppedClock) -> None:
    store.receive([message(letter=Letter.NOTED, data={"kind": "opt_in"}, opens=None)])
    write(store, "first")
    clock.pass_s(1)
    close(store, 1)
    clock.pass_s(1)
    store.receive([message(letter=Letter.NOTED, data={"kind": "reaction"}, opens=None)])
    store.receive([welcome(opens=False)])
    data = {"kind": "message", "text": "Bob here", "sender": "user"}
    store.receive([message(letter=Letter.SENT, data=data, opens=None, external_id="m_1")])
    clock.pass_s(1)
    write(store, "second")
    store.receive([message(letter=Letter.NOTED, data={"kind": "edit"}, opens=None)])
    assert lines(store) == [
        ("opt_in", None),
        ("opened", 1),
        ("message", 1),
        ("closed", 1),
        ("reaction", None),
        ("welcome", None),
        ("message", None),
        ("opened", 2),
        ("message", 2),
        ("edit", 2),
    ]


def test_what_is_said_outside_of_any_conversation_belongs_to_none(store: Store) -> None:
    write(store)
    actions: list[Action] = [
        Send(number=0, text="goodbye", sender=Sender.BOT),
        NoteNotSent(number=0, text="too late", sender=Sender.BOT, reason="closed"),
        NoteLine(number=0, kind="bot_failed"),
        NoteLine(number=1, kind="bot"),
    ]
    store.commit(store.snapshot(SUSAN_ID), actions)
    assert lines(store)[2:] == [("message", None), ("message", None), ("bot_failed", None), ("bot", 1)]


def test_a_page_of_a_timeline_starts_where_it_is_asked_to(store: Store) -> None:
    for i in range(7):
        write(store, str(i))

    def numbers(start: int, limit: int) -> list[int]:
        page = store.timeline(SUSAN_ID, start, limit)
        assert page.end == 8
        return [entry.number for entry, _ in page.entries]

    assert numbers(0, 3) == [0, 1, 2] and numbers(6, 3) == [6, 7] and numbers(8, 3) == [] and numbers(99, 3) == []
    assert numbers(-3, 2) == [5, 6] and numbers(-99, 2) == [0, 1] and numbers(0, 100) == list(range(8))


@pytest.mark.parametrize(
    "text",
    ["", "}", "}|1|m|x", '"at":1,"}|', "\\", "\u2028\x7f", "👋" * 200, '{"conversation":9}', "x" * 20_000, "%s%%1"],
)
def test_a_text_comes_back_as_it_was(store: Store, text: str) -> None:
    write(store, text)
    store.commit(store.snapshot(SUSAN_ID), [Send(number=1, text=text, sender=Sender.BOT, details={"bot": {"x": text}})])
    store.commit(store.snapshot(SUSAN_ID), [NeedPerson(number=1, reason="notify", text=text)])
    entries = [entry for entry, _ in store.timeline(SUSAN_ID, 1, 10).entries]
    assert [entry.text for entry in entries] == [text] * 3 and entries[1].data["bot"] == {"x": text}
    assert lines(store) == [("opened", 1), ("message", 1), ("message", 1), ("needs_person", 1)]


def test_numbers_and_shapes_of_json_survive_the_scripts(store: Store) -> None:
    details = {"bot": {"parameters": {"id": 9_007_199_254_740_993, "none": [], "empty": {}, "half": 0.5, "big": 1e17}}}
    write(store)
    store.commit(store.snapshot(SUSAN_ID), [Send(number=1, text="x", sender=Sender.BOT, details=details)])
    [(entry, _)] = store.timeline(SUSAN_ID, -1, 1).entries
    assert entry.data["bot"] == details["bot"]
