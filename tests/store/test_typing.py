"""Who is writing to a contact: said to colleagues for a few seconds, and to one worker at a time."""

import threading

import pytest

from domain.errors import StoreError
from store import TYPING_CHANNEL, Store, listen
from store.typing import SHOWN_EVERY_MS, TYPING_LASTS_MS
from tests.conftest import make_store
from tests.people import ALICE, BOB, PETAR_ID, SUSAN_ID
from tests.servers import Valkey, wait_for


def test_who_wrote_last_is_known_for_a_few_seconds_and_only_of_that_contact(store: Store, valkey: Valkey) -> None:
    assert store.who_types(SUSAN_ID) is None
    store.say_typing(SUSAN_ID, ALICE)
    store.say_typing(SUSAN_ID, BOB)
    assert store.who_types(SUSAN_ID) == BOB
    assert store.who_types(PETAR_ID) is None
    assert 0 < valkey.client().pttl(store.keys.typing(SUSAN_ID)) <= TYPING_LASTS_MS


def test_it_is_hinted_at_on_a_channel_of_its_own(store: Store, valkey: Valkey) -> None:
    hints = listen(valkey.url, TYPING_CHANNEL)
    heard: list[str] = []
    listener = threading.Thread(target=lambda: heard.append(next(hint for hint in hints if hint)), daemon=True)
    listener.start()
    wait_for(lambda: bool(valkey.client().pubsub_numsub(TYPING_CHANNEL)[0][1]), "the subscription is there")
    store.say_typing(SUSAN_ID, ALICE)
    listener.join(20)
    assert heard == [SUSAN_ID]


def test_of_two_workers_one_shows_it_and_again_when_its_time_is_over(store: Store, valkey: Valkey) -> None:
    other = make_store(valkey)
    assert [store.claim_typing(SUSAN_ID), other.claim_typing(SUSAN_ID), store.claim_typing(SUSAN_ID)] == [
        True,
        False,
        False,
    ]
    assert other.claim_typing(PETAR_ID)
    key = store.keys.typing_shown(SUSAN_ID)
    assert 0 < valkey.client().pttl(key) <= SHOWN_EVERY_MS
    valkey.client().pexpire(key, 1)
    wait_for(lambda: other.claim_typing(SUSAN_ID), "the claim ends by itself")


def test_what_is_no_contacts_id_never_becomes_part_of_a_key(store: Store) -> None:
    for say in (lambda: store.say_typing("x}y", ALICE), lambda: store.who_types("x"), lambda: store.claim_typing("")):
        with pytest.raises(StoreError):
            say()
