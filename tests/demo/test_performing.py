"""A play in a store: what is there afterwards is what worker, users and API would have left, and nothing was sent."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from demo.people import TEAM
from demo.performing import days_to_sum_up, perform
from demo.play import Story
from demo.texts import CATEGORIES
from domain.metrics import Filters
from domain.models import Letter
from domain.users import Role
from store import Store
from tests.conftest import make_store
from tests.demo.small_plays import CONVERSATIONS, SOFIA, everything, make_small, without_turns
from tests.metrics.comparing import compare, whole_period
from tests.metrics.timelines import History, recount
from tests.servers import Valkey


@pytest.fixture
def make(valkey: Valkey) -> Callable[[], Store]:
    return lambda: make_store(valkey)


def history_of(store: Store, story: Story) -> History:
    """All that the store has of a contact; the recount's agent says itself what it was asked."""
    entries = store.timeline(story.id, 0, 10_000).entries
    for entry, _ in entries:
        if "bot" in entry.data:
            entry.data["bot"].setdefault("parameters", {"on": story.identity.kind, "text": "", "is_event": False})
    return History(store.snapshot(story.id).contact, entries, store.conversations(story.id))


def test_what_the_reports_say_is_what_a_recount_of_the_timelines_says(store: Store, make: Callable[[], Store]) -> None:
    store.change_setting("time_zone", SOFIA.key)
    play = make_small(store, conversations=150)
    assert sum(perform(store, make, play)) == 150
    for day in days_to_sum_up(store):
        store.sum_up_day(day, SOFIA)
    histories = [history_of(store, story) for story in play.stories]
    facts = recount(histories, is_deactivated=lambda user, at_ms: False, bot_back_on=True)
    assert Counter(fact.what for fact in facts)["opened"] == 150
    compare(store, facts, whole_period(facts, store), Filters())
    compare(store, facts, whole_period(facts, store), Filters(channel="viber"))


def test_nothing_is_left_to_do_and_nothing_was_left_pending(store: Store, make: Callable[[], Store]) -> None:
    play = make_small(store)
    sum(perform(store, make, play))
    assert store.next_due_ms() is None
    letters: Counter[Letter] = Counter()
    for story in play.stories:
        snapshot = store.snapshot(story.id)
        assert (snapshot.undecided, snapshot.head) == (None, None)
        letters.update(entry.letter for entry, _ in store.timeline(story.id, 0, 10_000).entries)
    assert not letters.keys() & {Letter.PENDING, Letter.SENDING, Letter.UNCONFIRMED} and letters[Letter.SENT] > 50


def test_no_worker_ever_gets_a_turn_while_it_is_played(store: Store, make: Callable[[], Store]) -> None:
    taken, is_over = [], threading.Event()

    def work() -> None:
        worker = make()
        while not is_over.is_set():
            for contact in worker.due_contacts(worker.keys.each(), 10):
                taken.append(worker.take_turn(contact))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    sum(perform(store, make, make_small(store)))
    is_over.set()
    for one in workers:
        one.join()
    assert [turn for turn in taken if turn] == []


def test_what_is_played_again_changes_nothing(store: Store, make: Callable[[], Store]) -> None:
    play = make_small(store)
    sum(perform(store, make, play))
    once = without_turns(everything(store))
    assert sum(perform(store, make, play)) == CONVERSATIONS
    assert without_turns(everything(store)) == once and len(once) > 50


def test_what_was_stopped_half_way_goes_on_and_ends_the_same(
    store: Store, make: Callable[[], Store], valkey: Valkey
) -> None:
    play = make_small(store)
    sum(perform(store, make, play))
    uninterrupted = without_turns(everything(store))
    valkey.client().flushall()
    for enough in (1, 5, 12):
        performing = perform(store, make, play)
        for _ in range(enough):
            next(performing)
        performing.close()
        assert store.next_due_ms() is None, "each step is done as a whole"
    assert without_turns(everything(store)) != uninterrupted
    sum(perform(store, make, play))
    assert without_turns(everything(store)) == uninterrupted


def test_the_team_the_categories_and_the_tags_are_there_once(store: Store, make: Callable[[], Store]) -> None:
    play = make_small(store)
    for _ in range(2):
        sum(perform(store, make, play))
    roles = Counter(user.role for user in store.users())
    assert roles == {Role.OWNER: 1, Role.MANAGER: 2, Role.AGENT: 5} and len(store.assignable_users()) == len(TEAM)
    names = [category.name for category in store.platform_settings(is_fresh=True).closing_categories]
    assert names == list(CATEGORIES)
    tagged = [contact for contact, _ in store.contacts(1000).items if contact.tags]
    assert tagged and store.search(tagged[0].tags[0], 5)


def test_those_who_wait_tell_people_and_those_who_are_through_do_not(store: Store, make: Callable[[], Store]) -> None:
    play = make_small(store)
    sum(perform(store, make, play))
    owner = next(user for user in store.users() if user.role is Role.OWNER)
    told = store.notices(owner.id)
    is_open = {contact.id for contact, _ in store.open_conversations(100).items}
    assert told and {notice.contact.id for notice in told} <= is_open
    assert 6 <= len(is_open) < CONVERSATIONS / 2


def test_contacts_are_merged_and_others_could_be(store: Store, make: Callable[[], Store]) -> None:
    play = make_small(store, conversations=300)
    sum(perform(store, make, play))
    assert play.merges
    for merge in play.merges:
        one = store.snapshot(merge.primary.id).contact
        assert merge.secondary.id in one.parts and store.resolve(merge.secondary.id) == one.id
    phones = Counter(contact.phone for contact, _ in store.contacts(1000).items if contact.phone)
    assert max(phones.values()) == 2, "some have the same phone number, and are two"
