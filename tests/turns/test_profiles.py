"""Learning the names of contacts whose webhooks bring none: by one worker, and never in anybody's way."""

import threading
from typing import Any

import pytest

from domain.actions import Block
from domain.errors import ChannelError, Outcome
from domain.events import Profile
from domain.identities import MERGES
from domain.models import Contact, Snapshot
from handlers.profiles import change_profile, index
from store import WAKE_CHANNEL, Store, listen
from tests.conftest import make_store
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, write
from tests.servers import Valkey, wait_for
from tests.turns.stage import PlayedBot, PlayedChannel, payload
from turns.accounts import Accounts
from turns.profiles import ProfileFetcher
from turns.turn import TurnRunner

UNREACHABLE = ChannelError(Outcome.RETRY, "unreachable")


@pytest.fixture
def facebook() -> PlayedChannel:
    return PlayedChannel(on_profile=lambda: Profile(name="Susan Hill"))


def fetcher(store: Store, facebook: PlayedChannel, *, most_at_once: int = 4) -> ProfileFetcher:
    channels = {SUSAN.channel: facebook, PETAR.channel: PlayedChannel(can_echo=False)}
    return ProfileFetcher(store, Accounts(store, channels), most_at_once=most_at_once)


def contact(store: Store, contact_id: str = SUSAN_ID) -> Contact:
    return store.snapshot(contact_id).contact


def tell(*workers: ProfileFetcher, of: Contact) -> int:
    """Hint to every worker at once, wait for all of them, and return how many took it."""
    threads = [thread for one in workers if (thread := one.hint(of))]
    for thread in threads:
        thread.join()
    return len(threads)


def change(store: Store, **changes: str) -> None:
    snapshot = store.snapshot(SUSAN_ID)
    assert store.commit(snapshot, change_profile(snapshot, changes, by=ALICE)).is_done


def found(store: Store, text: str) -> list[str]:
    return [one.id for one, _ in store.search(text, 5)]


def test_of_two_workers_one_asks_and_the_contact_is_shown_and_found_by_the_name(
    store: Store, valkey: Valkey, facebook: PlayedChannel
) -> None:
    write(store)
    unnamed = contact(store)
    hints = listen(valkey.url, WAKE_CHANNEL)
    heard: list[str] = []
    listener = threading.Thread(target=lambda: heard.append(next(hint for hint in hints if hint)), daemon=True)
    listener.start()
    wait_for(lambda: bool(valkey.client().pubsub_numsub(WAKE_CHANNEL)[0][1]), "the subscription is there")
    assert tell(fetcher(store, facebook), fetcher(make_store(valkey), facebook), of=unnamed) == 2
    assert facebook.profiles_asked == [SUSAN]
    named = contact(store)
    assert (named.name, named.platform_name) == ("Susan Hill", "Susan Hill")
    assert found(store, "hil") == [SUSAN_ID]
    assert index(named) == [], "the next turn finds nothing to do"
    listener.join(20)
    assert heard == [SUSAN_ID], "pages that are open are told"
    assert tell(fetcher(store, facebook), of=named) == 0


def test_a_name_is_asked_for_once_a_day(store: Store, valkey: Valkey, facebook: PlayedChannel) -> None:
    facebook.on_profile = lambda: None
    write(store)
    for _ in range(3):
        assert tell(fetcher(store, facebook), of=contact(store)) == 1
    assert len(facebook.profiles_asked) == 1
    valkey.client().delete(store.keys.profile_asked(SUSAN_ID))
    tell(fetcher(store, facebook), of=contact(store))
    assert len(facebook.profiles_asked) == 2 and contact(store).name == ""


def test_what_was_decided_before_the_name_came_is_decided_anew_and_nothing_stale_is_found(
    store: Store, facebook: PlayedChannel
) -> None:
    write(store)
    before = store.snapshot(SUSAN_ID)
    tell(fetcher(store, facebook), of=before.contact)
    late = store.commit(before, change_profile(before, {"phone": "+359881"}, by=ALICE))
    assert late.status == "conflict" and late.snapshot
    assert store.commit(late.snapshot, change_profile(late.snapshot, {"name": "Sue"}, by=ALICE)).is_done
    assert found(store, "hill") == [] and found(store, "sue") == [SUSAN_ID]


def test_what_a_user_wrote_meanwhile_stays_and_goes_before_it(store: Store, facebook: PlayedChannel) -> None:
    def answer() -> Profile:
        change(store, name="Sue from the market", phone="+359881")
        return Profile(name="Susan Hill")

    write(store)
    facebook.on_profile = answer
    tell(fetcher(store, facebook), of=contact(store))
    named = contact(store)
    assert (named.name, named.platform_name) == ("Sue from the market", "Susan Hill")
    assert index(named) == [] and found(store, "+3598") == found(store, "sue") == [SUSAN_ID]
    change(store, name="")
    assert contact(store).name == "Susan Hill" and found(store, "hill") == [SUSAN_ID] and found(store, "sue") == []


@pytest.mark.parametrize(
    ("meanwhile", "name"),
    [("changed", "Susan Hill"), ("named", "Susan H"), ("blocked", ""), ("merged", ""), ("deleted", None)],
)
def test_the_name_is_kept_on_the_contact_as_it_is_by_then(
    store: Store, valkey: Valkey, facebook: PlayedChannel, meanwhile: str, name: str | None
) -> None:
    def happen() -> None:
        match meanwhile:
            case "changed":
                change(store, phone="+359881")
            case "named":
                store.receive([message(profile=Profile(name="Susan H"))])
                change(store, phone="+359881")
            case "blocked":
                assert store.commit(store.snapshot(SUSAN_ID), [Block(is_blocked=True, by=BOB)]).is_done
            case "merged":
                valkey.client().hset(store.keys.contact(SUSAN_ID), "merged_into", PETAR_ID)
            case "deleted":
                store.delete_contact(SUSAN_ID, None)

    def read_and_then(contact: str) -> Snapshot:
        snapshot = store.snapshot(contact)
        happen()
        return snapshot

    write(store)
    slow = make_store(valkey)
    slow.snapshot = read_and_then  # type: ignore[method-assign]
    assert tell(fetcher(slow, facebook), of=contact(store)) == 1
    assert facebook.profiles_asked == [SUSAN]
    assert valkey.client().hget(store.keys.contact(SUSAN_ID), "name") == (name or None)
    assert valkey.client().exists(store.keys.contact(SUSAN_ID)) == (name is not None)


@pytest.mark.parametrize(
    "changes",
    [{"platform_name": "Susan"}, {"is_blocked": True}, {"merged_into": PETAR_ID}, {"identity": MERGES}],
    ids=["named", "blocked", "merged", "no contact"],
)
def test_who_needs_no_name_costs_not_even_a_thread(
    store: Store, facebook: PlayedChannel, changes: dict[str, Any]
) -> None:
    known = Contact(**{"id": SUSAN_ID, "identity": SUSAN, **changes})
    assert tell(fetcher(store, facebook), of=known) == 0
    assert facebook.profiles_asked == []


@pytest.mark.parametrize(
    ("error", "words"), [(UNREACHABLE, "reason=unreachable"), (ZeroDivisionError("s3cret"), "error=ZeroDivisionError")]
)
def test_a_call_that_fails_is_one_line_and_the_next_one_is_made(
    store: Store, facebook: PlayedChannel, error: Exception, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> Profile | None:
        raise error

    facebook.on_profile = refuse
    one = fetcher(store, facebook, most_at_once=1)
    others = [SUSAN, SUSAN._replace(contact_ref="7000000000000702")]
    unnamed = [contact(store, write(store, who=who).contact) for who in others]
    with caplog.at_level("INFO", logger="turns.profiles"):
        assert tell(one, of=unnamed[0]) == 1
    assert [words in record.getMessage() for record in caplog.records if record.name == "turns.profiles"] == [True]
    assert "s3cret" not in caplog.text
    assert tell(one, of=unnamed[1]) == 1 and facebook.profiles_asked == others, "the place was not given back"


def test_a_page_that_rests_is_not_called_and_asked_afterwards(
    store: Store, valkey: Valkey, facebook: PlayedChannel
) -> None:
    write(store)
    store.rest(SUSAN.channel, "bad_token", 60)
    tell(fetcher(store, facebook), of=contact(store))
    assert facebook.profiles_asked == []
    valkey.client().delete(store.keys.pause(SUSAN.channel))
    tell(fetcher(store, facebook), of=contact(store))
    assert facebook.profiles_asked == [SUSAN], "the rest did not use up the day"


def test_a_page_that_is_not_connected_any_more_is_left_alone(store: Store) -> None:
    write(store)
    gone = ProfileFetcher(store, Accounts(store, {}))
    assert tell(gone, of=contact(store)) == 1
    assert store.claim_profile(SUSAN_ID), "nobody asked"


def test_a_channel_that_tells_nothing_leaves_the_contact_as_it_is(store: Store, facebook: PlayedChannel) -> None:
    write(store, who=PETAR)
    before = contact(store, PETAR_ID)
    assert tell(fetcher(store, facebook), of=before) == 1
    assert contact(store, PETAR_ID) == before


def test_a_call_that_hangs_delays_no_reply_and_what_is_too_much_is_dropped(
    store: Store, facebook: PlayedChannel
) -> None:
    def hang() -> Profile:
        assert release.wait(60), "nobody released it"
        return Profile(name="Susan Hill")

    release = threading.Event()
    facebook.on_profile = hang
    one = fetcher(store, facebook, most_at_once=2)
    threads: list[threading.Thread | None] = []
    runner = TurnRunner(
        store,
        Accounts(store, {SUSAN.channel: facebook}),
        PlayedBot(),
        payload,
        after_turn=lambda who: threads.append(one.hint(who)),
    )
    contacts = [write(store, who=SUSAN._replace(contact_ref=f"70000{i}")).contact for i in range(3)]
    for who in contacts:
        runner.run(who)
    assert len(facebook.texts) == 3, "everybody was answered while the calls hang"
    assert [thread is not None for thread in threads] == [True, True, False]
    release.set()
    for thread in threads[:2]:
        assert thread
        thread.join()
    assert [contact(store, who).name for who in contacts] == ["Susan Hill", "Susan Hill", ""]
    write(store, "me again", who=SUSAN._replace(contact_ref="700002"))
    runner.run(contacts[2])
    assert threads[3]
    threads[3].join()
    assert contact(store, contacts[2]).name == "Susan Hill", "whoever was dropped has the name after the next turn"
