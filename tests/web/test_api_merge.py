"""Merging by the API: told when it is done, and safe to repeat."""

import threading
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from domain.actions import Block
from domain.identities import MERGES_ID
from store import Store
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.turns.stage import Stage
from tests.web.api_caller import Caller, of

MERGE = of(suffix="/merge")


@pytest.fixture
def api(client: FlaskClient, store: Store) -> Caller:
    write(store)
    write(store, who=PETAR)
    return Caller(client)


@pytest.fixture
def worker(store: Store) -> Iterator[None]:
    """A worker who does merges as they are asked for."""
    stage, stop = Stage(store), threading.Event()

    def work() -> None:
        while not stop.wait(0.01):
            if MERGES_ID in store.due_contacts(store.keys.each(), 10):
                stage.turn(MERGES_ID)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.usefixtures("worker")
def test_a_merged_contact_is_part_of_the_other_one_under_all_its_names(api: Caller) -> None:
    answer = api.post(MERGE, {"secondary": str(PETAR)})
    assert answer["state"] == "merged" and answer["contact"] == api.get(of())
    assert len(answer["contact"]["identities"]) == 2 and answer["contact"]["merged_into"] is None
    for reference in (PETAR, f"id:{PETAR_ID}"):
        assert api.get(of(reference))["id"] == SUSAN_ID
    assert api.get(f"/conversations/{PETAR_ID}-1")["closed_by"]["source"] == "contact_merge"
    for limit in (1, 2, 50):
        found = api.all(of(PETAR, "/conversations"), limit=limit)
        assert {one["id"] for one in found} == {f"{SUSAN_ID}-1", f"{PETAR_ID}-1"} and len(found) == 2


@pytest.mark.usefixtures("worker")
def test_a_merge_that_is_repeated_or_turned_round_changes_nothing(api: Caller) -> None:
    api.post(MERGE, {"secondary": str(PETAR)})
    before = api.get(of())
    assert api.post(MERGE, {"secondary": str(PETAR)})["state"] == "same"
    assert api.post(of(PETAR, "/merge"), {"secondary": str(SUSAN)}) == {"state": "same", "contact": before}


@pytest.mark.usefixtures("worker")
def test_a_blocked_contact_becomes_no_part_of_one_that_is_not(api: Caller, store: Store) -> None:
    store.commit(store.snapshot(PETAR_ID), [Block(is_blocked=True)])
    assert "blocked" in api.post(MERGE, {"secondary": str(PETAR)}, 409)["error"]["message"]
    assert api.get(of(PETAR))["id"] == PETAR_ID


def test_without_a_worker_it_is_under_way(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.api_merge.WAIT_S", 0.0)
    assert api.post(MERGE, {"secondary": str(PETAR)}, 202) == {"state": "under_way", "contact": None}
    assert api.get(of(PETAR))["id"] == PETAR_ID


def test_a_contact_cannot_be_merged_with_itself_nor_with_nobody(api: Caller) -> None:
    api.post(MERGE, {"secondary": str(SUSAN)}, 400)
    api.post(MERGE, {"secondary": "facebook:1:none"}, 404)
    api.post(of("facebook:1:none", "/merge"), {"secondary": str(SUSAN)}, 404)
    for body in ({}, {"secondary": None}, {"secondary": "x", "by": "y"}):
        api.post(MERGE, body, 400)
