"""Asking for a contact's name: one worker, once a day."""

import pytest

from domain.errors import StoreError
from store import Store
from store.profiles import ASKED_EVERY_S
from tests.conftest import make_store
from tests.people import PETAR_ID, SUSAN_ID
from tests.servers import Valkey, wait_for


def test_of_two_workers_one_asks_and_again_when_the_day_is_over(store: Store, valkey: Valkey) -> None:
    other = make_store(valkey)
    claims = [store.claim_profile(SUSAN_ID), other.claim_profile(SUSAN_ID), store.claim_profile(SUSAN_ID)]
    assert claims == [True, False, False]
    assert other.claim_profile(PETAR_ID)
    key = store.keys.profile_asked(SUSAN_ID)
    assert 0 < valkey.client().ttl(key) <= ASKED_EVERY_S
    valkey.client().pexpire(key, 1)
    wait_for(lambda: other.claim_profile(SUSAN_ID), "the claim ends by itself")


def test_what_is_no_contacts_id_never_becomes_part_of_a_key(store: Store) -> None:
    with pytest.raises(StoreError):
        store.claim_profile("x}y")
