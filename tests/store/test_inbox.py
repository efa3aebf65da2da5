"""The inbox's lists: every view, filter and order, each conversation once, whatever happens between two pages."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from domain.actions import Assign, Block, ChangeProfile, Close, NeedPerson, Open, Pause, Send, SetBot
from domain.identities import Identity, contact_id
from domain.inbox import InboxQuery, Sort, View
from domain.models import Sender, Source
from domain.users import Role, User
from store import Position, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, SUSAN, SUSAN_ID, message, welcome, write
from tests.store.inbox_world import CHANNELS, OWNER, RESTRICTED, Person, live, naive, people, queries, shown, somebody

often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def query(view: View = View.ALL, user: User = OWNER, **changes: Any) -> InboxQuery:
    return InboxQuery(user=user, view=view, **changes)


def commit(store: Store, *actions: Any, contact: str = SUSAN_ID) -> None:
    assert store.commit(store.snapshot(contact), actions).is_done


def views_of(store: Store, user: User = OWNER, contact: str = SUSAN_ID) -> set[View]:
    return {view for view in View if contact in shown(store, query(view, user), 10)}


def first(store: Store, view: View = View.ALL, user: User = OWNER) -> Any:
    return store.inbox(query(view, user), 1).items[0]


@often
@given(everybody=people, asked=queries, limit=some.sampled_from((1, 2, 3, 7, 50)), small=some.booleans())
def test_the_pages_of_any_list_hold_exactly_what_belongs_there_once_and_in_order(
    valkey: Any, store: Store, everybody: list[Person], asked: InboxQuery, limit: int, small: bool
) -> None:
    valkey.client().flushall()
    clock = StoppedClock(store.clock.now_ms())
    store.now_ms = clock
    with pytest.MonkeyPatch.context() as patch:
        if small:  # so that a few conversations are many
            for limits in ("CHUNK", "FEW", "MOST_LOOKED_AT"):
                patch.setattr(f"store.inbox.{limits}", 3 if limits != "FEW" else 0)
        live(store, clock, everybody)
        assert shown(store, asked, limit) == naive(store, asked)


@often
@given(everybody=people, asked=queries, changed=some.lists(some.integers(0, 29), max_size=12))
def test_what_stays_as_it_is_is_shown_once_while_others_change(
    valkey: Any, store: Store, everybody: list[Person], asked: InboxQuery, changed: list[int]
) -> None:
    valkey.client().flushall()
    clock = StoppedClock(store.clock.now_ms())
    store.now_ms = clock
    contacts = live(store, clock, everybody)
    touched = [contacts[i] for i in changed if i < len(contacts)]
    expected = [one for one in naive(store, asked) if one.partition("-")[0] not in touched]
    found: list[str] = []
    after: Position | None = None
    for turn in range(100):
        page = store.inbox(asked, 3, after)
        found += [
            row.contact.id if asked.is_open else f"{row.contact.id}-{row.conversation.number}" for row in page.items
        ]
        after = page.next
        if after is None:
            break
        if turn < len(touched):
            clock.ms += 5
            _disturb(store, touched[turn], turn)
    assert [one for one in found if one.partition("-")[0] not in touched] == expected


def _disturb(store: Store, contact: str, turn: int) -> None:
    snapshot = store.snapshot(contact)
    number = snapshot.open.number if snapshot.open else 0
    if snapshot.open is None:
        commit(store, Open(source=Source.USER, channel="facebook"), contact=contact)
    elif turn % 3 == 0:
        commit(store, Close(number=number, source=Source.USER), contact=contact)
    elif turn % 3 == 1:
        commit(store, Assign(number=number, user=BOB), NeedPerson(number=number, reason="notify"), contact=contact)
    else:
        store.receive([message(who=snapshot.contact.identity)])


def test_a_message_that_the_bot_may_answer_stands_with_the_bot_and_with_nobody(store: Store) -> None:
    write(store)
    assert views_of(store) == {View.WITH_BOT, View.UNASSIGNED, View.ALL}


def test_a_conversation_that_only_a_welcome_opened_stands_with_the_bot(store: Store) -> None:
    store.receive([welcome()])
    assert views_of(store) == {View.WITH_BOT, View.UNASSIGNED, View.ALL}


@pytest.mark.parametrize(
    "action",
    [
        NeedPerson(number=1, reason="notify"),
        Pause(number=1, reason="assigned"),
        SetBot(number=1, is_on=False, source=Source.USER),
    ],
)
def test_what_silences_the_bot_brings_a_conversation_to_those_that_need_a_person(store: Store, action: Any) -> None:
    write(store)
    commit(store, action)
    assert views_of(store) == {View.NEEDS_PERSON, View.UNASSIGNED, View.ALL}


def test_the_bot_that_is_switched_on_again_takes_a_conversation_back(store: Store) -> None:
    write(store)
    commit(store, SetBot(number=1, is_on=False, source=Source.USER))
    commit(store, SetBot(number=1, is_on=True, source=Source.USER))
    assert views_of(store) == {View.WITH_BOT, View.UNASSIGNED, View.ALL}


def test_what_a_user_opened_needs_a_person(store: Store) -> None:
    write(store)
    commit(store, Close(number=1, source=Source.USER))
    commit(store, Open(source=Source.USER, channel="facebook", by=ALICE))
    assert views_of(store) == {View.NEEDS_PERSON, View.UNASSIGNED, View.ALL}


def test_an_assigned_conversation_is_the_assignees_until_they_give_it_away(store: Store) -> None:
    write(store)
    commit(store, Assign(number=1, user=ALICE))
    assert views_of(store) == {View.WITH_BOT, View.MINE, View.ALL}
    commit(store, Assign(number=1, user=BOB))
    assert views_of(store) == {View.WITH_BOT, View.ALL}
    commit(store, Assign(number=1, user=None))
    assert views_of(store) == {View.WITH_BOT, View.UNASSIGNED, View.ALL}


def test_a_closed_conversation_is_in_no_open_list_and_a_blocked_contact_neither(store: Store) -> None:
    write(store)
    commit(store, Assign(number=1, user=ALICE), NeedPerson(number=1, reason="notify"))
    commit(store, Close(number=1, source=Source.USER, by=ALICE), Block(is_blocked=True))
    assert views_of(store) == set()
    assert shown(store, query(is_open=False), 5) == [f"{SUSAN_ID}-1"]


def test_whoever_waits_longest_comes_first_and_whoever_was_answered_comes_last(
    store: Store, clock: StoppedClock
) -> None:
    whos = [Identity("facebook", "1", f"7{number}") for number in range(4)]
    contacts = [contact_id(who) for who in whos]
    for who in whos:
        write(store, who=who)
        commit(store, NeedPerson(number=1, reason="notify"), contact=contact_id(who))
        clock.pass_s(10)
    for contact in (contacts[2], contacts[0]):
        commit(store, Send(number=1, text="one moment", sender=Sender.USER, by=BOB), contact=contact)
        clock.pass_s(10)
    expected = [contacts[1], contacts[3], contacts[2], contacts[0]]
    assert shown(store, query(View.NEEDS_PERSON, sort=Sort.LONGEST), 2) == expected
    assert shown(store, query(View.NEEDS_PERSON, sort=Sort.SHORTEST), 2) == expected[::-1]
    write(store, "and?", who=whos[0])
    assert shown(store, query(View.NEEDS_PERSON, sort=Sort.LONGEST), 2) == [contacts[i] for i in (1, 3, 0, 2)]


def test_more_ties_than_one_reads_at_a_time_are_shown_each_once(store: Store, clock: StoppedClock) -> None:
    contacts = live(store, clock, [Person() for _ in range(300)])
    for sort in (Sort.NEWEST, Sort.OLDEST):
        assert sorted(shown(store, query(sort=sort), 7)) == sorted(contacts)


def test_a_page_of_a_filter_that_hardly_anything_fits_looks_no_further_than_it_may(
    store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FEW": 0, "MOST_LOOKED_AT": 1, "MOST_ROUNDS": 1}.items():
        monkeypatch.setattr(f"store.inbox.{name}", value)
    live(store, clock, [Person(tags=("vip",)), *(Person(wait_ms=1) for _ in range(60))])
    page = store.inbox(query(tag="vip"), 10)
    assert page.items == [] and page.next is not None
    assert len(shown(store, query(tag="vip"), 10)) == 1


def test_channel_and_tag_together_leave_what_carries_both(store: Store, clock: StoppedClock) -> None:
    contacts = live(
        store, clock, [Person(channel=channel, tags=tags) for channel in CHANNELS for tags in ((), ("vip",))]
    )
    assert shown(store, query(channel=CHANNELS[1], tag="vip"), 5) == [contacts[3]]
    assert shown(store, query(channel="facebook:none"), 5) == []


def test_a_tag_that_was_taken_away_is_found_no_more(store: Store) -> None:
    write(store)
    commit(store, ChangeProfile(number=1, values={"tags": '["vip"]'}, tags=("vip",)))
    assert shown(store, query(tag="vip"), 5) == [SUSAN_ID]
    commit(store, ChangeProfile(number=1, values={"tags": ""}, tags_before=("vip",), tags=()))
    assert shown(store, query(tag="vip"), 5) == []


# -- Rights


def test_a_restricted_agent_is_shown_what_is_theirs_and_what_is_nobodys(store: Store, clock: StoppedClock) -> None:
    theirs, nobodys, others = live(
        store, clock, [Person(assignee=who, wait_ms=1) for who in (BOB["id"], "", ALICE["id"])]
    )
    assert shown(store, query(user=RESTRICTED, sort=Sort.OLDEST), 1) == [theirs, nobodys]
    assert shown(store, query(View.MINE, RESTRICTED), 1) == [theirs]
    assert others in shown(store, query(user=OWNER), 1)


def test_a_restricted_agent_sees_no_old_conversation_of_a_contact_that_somebody_else_has_now(store: Store) -> None:
    write(store)
    commit(store, Close(number=1, source=Source.USER))
    assert shown(store, query(user=RESTRICTED, is_open=False), 5) == [f"{SUSAN_ID}-1"]
    write(store, "my secret")
    commit(store, Assign(number=2, user=ALICE))
    assert shown(store, query(user=RESTRICTED, is_open=False), 5) == []
    commit(store, Close(number=2, source=Source.USER))
    assert shown(store, query(user=RESTRICTED, is_open=False), 5) == []
    assert shown(store, query(user=OWNER, is_open=False), 5) == [f"{SUSAN_ID}-2", f"{SUSAN_ID}-1"]


def test_a_manager_who_was_ticked_as_restricted_before_sees_everything(store: Store) -> None:
    write(store)
    commit(store, Assign(number=1, user=ALICE))
    manager = somebody(BOB, Role.MANAGER, is_restricted=True)
    assert shown(store, query(user=manager), 5) == [SUSAN_ID]


# -- Counts and unread marks


@often
@given(everybody=people, user=some.sampled_from((OWNER, RESTRICTED)))
def test_the_counts_are_those_of_the_lists(valkey: Any, store: Store, everybody: list[Person], user: User) -> None:
    valkey.client().flushall()
    clock = StoppedClock(store.clock.now_ms())
    store.now_ms = clock
    live(store, clock, everybody)
    counts = store.inbox_counts(user)
    assert counts == {view: len(naive(store, query(view, user))) for view in counts}
    assert set(counts) == (set(View) if user.sees_all else {View.MINE, View.UNASSIGNED, View.ALL})


def test_what_a_user_has_not_seen_is_counted_for_them_alone(store: Store) -> None:
    write(store, "one")
    write(store, "two")
    store.mark_seen(OWNER.id, SUSAN_ID, 1, 1)
    assert (first(store).unread, first(store, user=RESTRICTED).unread) == (1, 2)
    store.mark_seen(OWNER.id, SUSAN_ID, 1, 2)
    assert first(store).unread == 0
    write(store, "three")
    assert first(store).unread == 1


def test_all_of_the_next_conversation_is_unread(store: Store) -> None:
    write(store, "one")
    store.mark_seen(OWNER.id, SUSAN_ID, 1, 1)
    commit(store, Close(number=1, source=Source.USER))
    assert store.inbox(query(is_open=False), 1).items[0].unread == 0
    write(store, "two")
    assert first(store).unread == 1


def test_the_unread_of_mine_counts_conversations_that_i_have(store: Store, clock: StoppedClock) -> None:
    contacts = live(store, clock, [Person(assignee=who) for who in (ALICE["id"], ALICE["id"], BOB["id"], "")])
    assert (store.unread_of_mine(ALICE["id"]), store.unread_of_mine(BOB["id"]), store.unread_of_mine("u")) == (2, 1, 0)
    store.mark_seen(ALICE["id"], contacts[0], 1, 1)
    assert store.unread_of_mine(ALICE["id"]) == 1


# -- What a line says


def test_a_line_shows_the_latest_message_and_not_the_lines_behind_it(store: Store) -> None:
    write(store, "hello")
    commit(
        store, NeedPerson(number=1, reason="notify"), Assign(number=1, user=ALICE), Pause(number=1, reason="assigned")
    )
    row = first(store)
    assert row.last.text == "hello" and row.conversation.assignee == ALICE
    commit(store, Send(number=1, text="hi", sender=Sender.USER, by=ALICE))
    assert (first(store).last.text, first(store).last.status) == ("hi", "pending")


def test_a_line_of_a_conversation_without_messages_shows_none(store: Store) -> None:
    write(store)
    commit(store, Close(number=1, source=Source.USER))
    for number in range(2, 9):
        commit(store, Open(source=Source.USER, channel="facebook"))
        commit(store, Close(number=number, source=Source.USER))
    commit(store, Open(source=Source.USER, channel="facebook"))
    row = first(store)
    assert row.last is None and row.conversation.number == 9 and row.contact.identity == SUSAN


def test_a_line_shows_the_name_that_a_user_wrote(store: Store) -> None:
    write(store)
    commit(store, ChangeProfile(number=1, values={"edited_name": "Susan B."}))
    assert first(store).contact.name == "Susan B."
