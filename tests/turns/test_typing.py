"""Showing contacts that somebody types: by one worker, and never in anybody's way."""

import threading

import pytest

from domain.errors import ChannelError, Outcome
from domain.identities import contact_id
from store import Store
from tests.conftest import make_store
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.servers import Valkey
from tests.turns.stage import PlayedChannel
from turns.accounts import Accounts
from turns.typing import TypingShower

REFUSED = ChannelError(Outcome.PERMANENT, "window_closed")


@pytest.fixture
def facebook() -> PlayedChannel:
    return PlayedChannel()


def worker(store: Store, facebook: PlayedChannel, *, most_at_once: int = 8) -> TypingShower:
    return TypingShower(store, Accounts(store, {SUSAN.channel: facebook}), most_at_once=most_at_once)


def tell(*workers: TypingShower, contact: str | None = SUSAN_ID) -> int:
    """Hint to every worker at once, wait for all of them, and return how many took it."""
    threads = [thread for one in workers if (thread := one.hint(contact))]
    for thread in threads:
        thread.join()
    return len(threads)


def test_of_two_workers_that_are_told_one_shows_it(store: Store, valkey: Valkey, facebook: PlayedChannel) -> None:
    write(store)
    store.say_typing(SUSAN_ID, ALICE)
    assert tell(worker(store, facebook), worker(make_store(valkey), facebook)) == 2
    assert facebook.typing_shown_to == [SUSAN]


def test_a_hint_about_nobody_does_nothing(store: Store, facebook: PlayedChannel) -> None:
    assert tell(worker(store, facebook), contact=None) == 0


@pytest.mark.parametrize(
    ("error", "words"), [(REFUSED, "reason=window_closed"), (ZeroDivisionError("s3cret"), "error=ZeroDivisionError")]
)
def test_a_call_that_fails_is_one_line_and_the_next_one_is_made(
    store: Store,
    valkey: Valkey,
    facebook: PlayedChannel,
    error: Exception,
    words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse() -> None:
        raise error

    write(store)
    facebook.on_typing = refuse
    shower = worker(store, facebook, most_at_once=1)
    with caplog.at_level("INFO", logger="turns.typing"):
        assert tell(shower) == 1
    assert [words in record.getMessage() for record in caplog.records if record.name == "turns.typing"] == [True]
    assert "s3cret" not in caplog.text
    valkey.client().delete(store.keys.typing_shown(SUSAN_ID))
    assert tell(shower) == 1 and len(facebook.typing_shown_to) == 2, "the place was not given back"


def test_a_contact_that_nobody_knows_or_whose_channel_is_gone_is_left_alone(
    store: Store, facebook: PlayedChannel
) -> None:
    write(store, who=PETAR)
    shower = worker(store, facebook)
    assert tell(shower, contact=PETAR_ID) == tell(shower, contact=SUSAN_ID) == tell(shower, contact="nonsense") == 1
    assert facebook.typing_shown_to == []


def test_a_page_that_rests_is_not_called(store: Store, facebook: PlayedChannel) -> None:
    write(store)
    store.rest(SUSAN.channel, "bad_token", 60)
    tell(worker(store, facebook))
    assert facebook.typing_shown_to == []


def test_calls_that_hang_hold_up_nobody_and_what_is_too_much_is_dropped(store: Store, facebook: PlayedChannel) -> None:
    release = threading.Event()
    facebook.on_typing = lambda: assert_released(release)
    contacts = [SUSAN._replace(contact_ref=str(7_000_000 + i)) for i in range(4)]
    for one in contacts:
        write(store, who=one)
    shower = worker(store, facebook, most_at_once=2)
    threads = [shower.hint(contact_id(one)) for one in contacts]
    assert [thread is not None for thread in threads] == [True, True, False, False]
    release.set()
    for thread in threads[:2]:
        assert thread
        thread.join()
    assert tell(shower, contact=contact_id(contacts[2])) == 1
    assert facebook.typing_shown_to[2:] == [contacts[2]]


def assert_released(release: threading.Event) -> None:
    assert release.wait(20)
