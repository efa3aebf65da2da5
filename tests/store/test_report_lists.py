"""The conversations behind a number: each once, whatever happens meanwhile, and never all of them in memory."""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import BadPayload
from domain.identities import Identity, contact_id
from domain.metrics import Filters
from domain.models import ClosedConversation, Conversation, Source
from domain.periods import Period, day_of
from handlers.profiles import change_profile
from store import Found, Store, Wanted, What, report_lists
from store.wanted_conversations import Place
from tests.conftest import StoppedClock, make_store
from tests.people import ALICE, BOB, message
from tests.servers import Valkey
from tests.store.counting import act, begin, close, merge, reply

SOFIA = ZoneInfo("Europe/Sofia")
WHO = [Identity("facebook" if n % 2 else "viber", "1", f"70{n}") for n in range(6)]
CONTACTS = [contact_id(who) for who in WHO]
STEPS_S = (0, 0, 1, 60, 3_600, 30_000, 90_000)
DEEDS = ("write", "write", "close by Alice", "close by Bob", "close by bot", "reply", "begin")

Deed = tuple[str, int, int]
deeds = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(0, len(WHO) - 1), st.sampled_from(STEPS_S)), min_size=1, max_size=40
)
filters = st.builds(
    Filters,
    channel=st.sampled_from(["", "", "viber"]),
    source=st.sampled_from(["", "", "user", "contact", "dialogflow"]),
    user=st.sampled_from(["", "", "u1", "u2"]),
    category=st.sampled_from(["", "", "Orders|late"]),
)
unhurried = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def do(store: Store, deed: Deed, clock: StoppedClock) -> None:
    """Let something happen, if it can."""
    name, number, seconds = deed
    clock.pass_s(seconds)
    contact = CONTACTS[number]
    if name == "write":
        store.receive([message(who=WHO[number])])
    elif name == "begin" and store.conversations(contact) and not is_open(store, contact):
        begin(store, contact, channel=WHO[number].kind)
    elif is_open(store, contact):
        if name == "reply":
            reply(store, contact)
        elif name == "close by bot":
            close(store, contact, source=Source.DIALOGFLOW)
        elif name.startswith("close"):
            category = "Orders|late" if seconds else ""
            close(store, contact, by=ALICE if "Alice" in name else BOB, category=category)


def is_open(store: Store, contact: str) -> bool:
    found = store.conversations(contact)
    return bool(found) and not isinstance(found[0], ClosedConversation)


def wanted_of(what: What, days_ago: int, length: int, by: Filters, clock: StoppedClock) -> Wanted:
    last = day_of(clock.ms, SOFIA) - timedelta(days=days_ago)
    if what is What.RESPONDED:
        by = Filters(channel=by.channel, category=by.category)
    return Wanted(what, Period(last - timedelta(days=length), last), SOFIA, by)


def naive(store: Store, wanted: Wanted) -> set[str]:
    """Every conversation of everybody, looked at one by one."""
    return {
        f"{contact}-{one.number}"
        for contact in CONTACTS
        for one in store.conversations(contact)
        if is_wanted(one, wanted)
    }


def is_wanted(one: Conversation, wanted: Wanted) -> bool:
    closed = one if isinstance(one, ClosedConversation) else None
    asked = wanted.filters
    if wanted.what is What.OPENED:
        at, source, by = one.opened_at_ms, str(one.source), one.by
    elif wanted.what is What.CLOSED:
        if closed is None:
            return False
        at, source, by = closed.closed_at_ms, str(closed.closed_source), closed.closed_by
    else:
        if one.first_response_at_ms is None:
            return False
        at, source, by = one.first_response_at_ms, "", None
    if not wanted.period.first <= day_of(at, wanted.zone) <= wanted.period.last:
        return False
    if (asked.channel and one.channel != asked.channel) or (asked.source and source != asked.source):
        return False
    if asked.user and (source != "user" or by is None or by["id"] != asked.user):
        return False
    return not asked.category or (closed is not None and (closed.note or {}).get("category") == asked.category)


def names(found: Iterator[Found] | list[Found]) -> list[str]:
    return [f"{one.contact}-{one.conversation.number}" for one in found]


@pytest.mark.parametrize("what", What)
@unhurried
@given(history=deeds, days_ago=st.integers(0, 4), length=st.integers(0, 4), by=filters)
def test_they_are_those_that_one_finds_by_looking_at_all_and_every_place_leads_on(
    valkey: Valkey, what: What, history: list[Deed], days_ago: int, length: int, by: Filters
) -> None:
    store, clock = emptied(valkey)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report_lists, "OF_EACH", 2)
        patch.setattr(report_lists, "CONTACTS", 2)
        for deed in history:
            do(store, deed, clock)
        wanted = wanted_of(what, days_ago, length, by, clock)
        found = list(store.walk_conversations(wanted))
        assert sorted(names(found)) == sorted(naive(store, wanted))
        for number, one in enumerate(found):
            assert names(store.walk_conversations(wanted, str(one.place))) == names(found)[number + 1 :]
        by_index = [one.conversation for one in found if one.place.partition is None]
        moments = [one.closed_at_ms for one in by_index if isinstance(one, ClosedConversation)]
        assert moments == sorted(moments) and len(moments) == len(by_index)
        if what is What.CLOSED:
            latest = [one for step in store.latest_first(wanted) for one in step.found]
            assert names(latest) == names(found)[::-1]
            for number, one in enumerate(latest):
                rest = [name for step in store.latest_first(wanted, str(one.place)) for name in names(step.found)]
                assert rest == names(latest)[number + 1 :]


@pytest.mark.parametrize("what", What)
@unhurried
@given(history=deeds, meanwhile=deeds, lag_s=st.sampled_from([0, 1, 60]))
def test_none_comes_twice_and_none_is_left_out_while_others_open_and_close(
    valkey: Valkey, what: What, history: list[Deed], meanwhile: list[Deed], lag_s: int
) -> None:
    """lag_s: how far the clock of the process is behind in which all that happens meanwhile."""
    store, clock = emptied(valkey)
    other = make_store(valkey)
    other.now_ms = late = StoppedClock(clock.ms)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report_lists, "OF_EACH", 1)
        patch.setattr(report_lists, "CONTACTS", 1)
        for deed in history:
            do(store, deed, clock)
        wanted = wanted_of(what, 0, 30, Filters(), clock)
        there = naive(store, wanted)
        late.ms = clock.ms - lag_s * 1000
        left, found = iter(meanwhile), []
        for one in store.walk_conversations(wanted):
            found.append(one)
            for name, number, seconds in itertools.islice(left, 2):
                do(other, (name, number, min(seconds, 60)), late)
        listed = names(found)
        assert len(listed) == len(set(listed))
        assert there <= set(listed) <= naive(store, wanted)


@pytest.mark.parametrize("reopens", [False, True])
def test_what_closes_while_its_contact_is_looked_at_is_listed_once(
    store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch, reopens: bool
) -> None:
    store.receive([message(who=WHO[0])])
    clock.pass_s(3_600)
    look = store._late_contacts
    done: list[str] = []

    def look_and_let_it_close(partition: int, horizon_ms: int) -> set[str]:
        found = look(partition, horizon_ms)
        if CONTACTS[0] in found and not done:
            done.append(CONTACTS[0])
            close(store, CONTACTS[0])
            if reopens:
                store.receive([message(who=WHO[0])])
        return found

    monkeypatch.setattr(store, "_late_contacts", look_and_let_it_close)
    numbers = [one.conversation.number for one in store.walk_conversations(always(What.OPENED, clock))]
    assert done and numbers == ([1, 2] if reopens else [1])


def test_a_process_whose_clock_is_behind_closes_nothing_away(store: Store, clock: StoppedClock, valkey: Valkey) -> None:
    other = make_store(valkey)
    for who in WHO:
        store.receive([message(who=who)])
    clock.pass_s(3_600)
    close(store, CONTACTS[0])
    clock.pass_s(30)
    walk = store.walk_conversations(always(What.OPENED, clock))
    found = [next(walk)]
    other.now_ms = StoppedClock(clock.ms - 60_000)
    for contact in set(CONTACTS[1:]) - {found[0].contact}:
        close(other, contact)
    assert sorted(one.contact for one in [*found, *walk]) == sorted(CONTACTS)


def emptied(valkey: Valkey) -> tuple[Store, StoppedClock]:
    valkey.client().flushall()
    store = make_store(valkey)
    clock = StoppedClock(store.now_ms())
    store.now_ms = clock
    return store, clock


def always(what: What, clock: StoppedClock) -> Wanted:
    return wanted_of(what, 0, 100, Filters(), clock)


def test_the_walk_reads_no_more_than_it_needs(
    store: Store, clock: StoppedClock, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_lists, "OF_EACH", 2)
    monkeypatch.setattr(report_lists, "CONTACTS", 4)
    crowd = [Identity("facebook", "1", f"8{n}") for n in range(200)]
    for who in crowd:
        store.receive([message(who=who)])
    clock.pass_s(3_600)
    for who in crowd[:100]:
        close(store, contact_id(who))
    clock.pass_s(3_600)
    for what, steps in ((What.CLOSED, 3), (What.OPENED, 3)):
        valkey.client().config_resetstat()
        walk = store.walk_conversations(always(what, clock))
        next(walk)
        commands = valkey.client().info("commandstats")
        assert commands["cmdstat_hget"]["calls"] <= 16 * 2 * steps
        assert "cmdstat_hgetall" not in commands and "cmdstat_hvals" not in commands
        assert len(list(walk)) == (99 if what is What.CLOSED else 199)


def test_many_that_closed_in_one_millisecond_are_neither_lost_nor_repeated(
    store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_lists, "OF_EACH", 1)
    crowd = [Identity("facebook", "1", f"8{n}") for n in range(60)]
    for who in crowd:
        store.receive([message(who=who)])
    for who in crowd:
        close(store, contact_id(who))
    clock.pass_s(3_600)
    for what in (What.CLOSED, What.OPENED):
        assert sorted(names(store.walk_conversations(always(what, clock)))) == sorted(
            f"{contact_id(who)}-1" for who in crowd
        )


def test_who_was_merged_keeps_the_conversations_and_is_named_as_who_they_are_now(
    store: Store, clock: StoppedClock
) -> None:
    susan, petar, olga = CONTACTS[:3]
    for who in WHO[:3]:
        store.receive([message(who=who)])
    act(store, *change_profile(store.snapshot(susan), {"name": "Susan"}, by=None), contact=susan)
    close(store, petar)
    clock.pass_s(600)
    merge(store, petar, olga)
    clock.pass_s(600)
    merge(store, susan, petar)
    clock.pass_s(600)
    found = {one.contact: one for one in store.walk_conversations(always(What.CLOSED, clock))}
    assert set(found) == {petar, olga}
    assert {(one.person, one.name) for one in found.values()} == {(susan, "Susan")}
    opened = [one.contact for one in store.walk_conversations(always(What.OPENED, clock))]
    assert set(opened) == {susan, petar, olga}


def test_who_was_deleted_meanwhile_is_left_out(
    store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_lists, "OF_EACH", 1)
    for who in WHO:
        store.receive([message(who=who)])
        close(store, contact_id(who))
        clock.pass_s(600)
    walk = store.walk_conversations(always(What.CLOSED, clock))
    first = next(walk)
    gone = [contact for contact in CONTACTS if contact != first.contact][-2:]
    for contact in gone:
        store.delete_contact(contact, None)
    assert {one.contact for one in walk} == set(CONTACTS) - {first.contact, *gone}
    store.receive([message(who=WHO[-1])])  # somebody new under the same id
    assert len(list(store.walk_conversations(always(What.OPENED, clock)))) == len(WHO) - 1


def test_a_day_begins_and_ends_at_midnight_of_its_zone(store: Store, clock: StoppedClock) -> None:
    """29 March 2026 has 23 hours in Sofia."""
    for at_ms in (1774735199_999, 1774735200_000, 1774817999_999, 1774818000_000):
        clock.ms = at_ms
        store.receive([message(who=WHO[0])])
        close(store, CONTACTS[0])
    day = Period(date(2026, 3, 29), date(2026, 3, 29))
    clock.pass_s(90_000)
    for what in (What.OPENED, What.CLOSED):
        found = store.walk_conversations(Wanted(what, day, SOFIA))
        assert [one.conversation.number for one in found] == [2, 3]


@pytest.mark.parametrize("text", ["", "x", "1.c.2", "1.c.-2.", f"1.c.2.{'a' * 24}", "1.100.2.", "٣.c.2.", "1.c.2.x-1"])
def test_what_is_no_place_is_said(text: str) -> None:
    with pytest.raises(BadPayload):
        Place.parse(text)


@given(
    place=st.builds(
        Place,
        st.integers(0, 10**14),
        st.none() | st.integers(0, 63),
        st.integers(0, 10**14),
        st.just("") | st.builds("{}-{}".format, st.sampled_from(CONTACTS), st.integers(1, 10**9)),
    )
)
def test_a_place_is_read_as_it_was_written(place: Place) -> None:
    assert Place.parse(str(place)) == place


def test_a_place_beyond_the_last_partition_is_the_end(store: Store, clock: StoppedClock) -> None:
    assert list(store.walk_conversations(always(What.OPENED, clock), "1.99.0.")) == []


def test_who_gave_a_first_response_is_not_known(clock: StoppedClock) -> None:
    for by in (Filters(user="u1"), Filters(source="user")):
        with pytest.raises(BadPayload, match="leave those filters out"):
            Wanted(What.RESPONDED, Period(date(2026, 1, 1), date(2026, 1, 1)), SOFIA, by)
