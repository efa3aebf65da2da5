"""What is not a contact's: settings that change while it runs, rejected bodies, the wake-up."""

import threading
import time

import pytest

from domain.errors import StoreError
from store import Store, listen
from store.platform import REJECTED_BODY_BYTES
from tests.conftest import make_store
from tests.people import SUSAN_ID, write
from tests.servers import Valkey, wait_for


def test_without_any_setting_the_promised_defaults_hold(store: Store) -> None:
    found = store.platform_settings()
    assert found.welcome_opens("facebook:1") and found.welcome_texts == {} and found.bot_back_on_at_close


def test_a_setting_counts_at_once_here_and_soon_in_every_other_process(store: Store, valkey: Valkey) -> None:
    other = make_store(valkey)
    assert other.platform_settings().welcome_texts == {}
    store.change_setting("welcome_text:viber:shop", "Hi: there")
    store.change_setting("welcome_opens:facebook:1", "no")
    store.change_setting("bot_back_on_at_close", "no")
    found = store.platform_settings()
    assert found.welcome_texts == {"viber:shop": "Hi: there"} and not found.bot_back_on_at_close
    assert not found.welcome_opens("facebook:1") and found.welcome_opens("facebook:2")
    wait_for(lambda: other.platform_settings() == found, "the other process has read them, too")


def test_an_empty_text_takes_a_setting_back(store: Store) -> None:
    store.change_setting("welcome_text:viber:shop", "Hi")
    store.change_setting("welcome_text:viber:shop", "")
    assert store.platform_settings().welcome_texts == {}


def test_a_setting_that_nobody_knows_harms_nobody(store: Store, valkey: Valkey) -> None:
    valkey.client().hset(store.keys.settings, mapping={"colour": "blue", "welcome_opens:": "no", "welcome_text:": "x"})
    assert store.platform_settings().welcome_opens("facebook:1")


def test_settings_that_cannot_be_read_are_an_error_and_not_the_defaults() -> None:
    with pytest.raises(StoreError):
        Store("unix:///nowhere/at/all", partitions=16, max_connections=2, timeout_s=1).platform_settings()


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"x" * (REJECTED_BODY_BYTES + 5), "п".encode() * 15_000])
def test_a_rejected_body_is_kept_up_to_a_size_whatever_it_is(store: Store, raw: bytes) -> None:
    store.reject("facebook", raw, "why")
    [kept] = store.rejected()
    assert (kept["bytes"], kept["reason"], kept["channel"]) == (len(raw), "why", "facebook")
    assert kept["body"] == raw[:REJECTED_BODY_BYTES].decode("utf-8", "replace")


def test_rejected_bodies_come_latest_first(store: Store) -> None:
    for raw in (b"one", b"two", b"three"):
        store.reject("facebook", raw, "why")
    assert [kept["body"] for kept in store.rejected(2)] == ["three", "two"]


def test_whoever_listens_hears_which_contact_something_happened_to(store: Store, valkey: Valkey) -> None:
    heard: list[str | None] = []

    def hear() -> None:
        for contact in listen(valkey.url):
            heard.append(contact)
            if contact:
                return

    listener = threading.Thread(target=hear)
    listener.start()
    wait_for(lambda: bool(valkey.client().pubsub_numsub("markdone:wake")[0][1]), "somebody listens")
    write(store)
    listener.join(10)
    assert heard[-1] == SUSAN_ID


def test_whoever_listens_outlives_the_server_and_does_not_hammer_at_it() -> None:
    began, hints = time.monotonic(), listen("unix:///nowhere/at/all")
    assert [next(hints) for _ in range(2)] == [None, None]
    assert time.monotonic() - began > 1, "it asked again at once"
