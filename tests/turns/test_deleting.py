"""Deleting somebody: who is several contacts by now, who becomes one meanwhile, who comes back."""

import pytest

from domain.answers import Answer, Commands
from domain.errors import NotFound
from domain.identities import MERGES_ID
from store import Deleted, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.servers import Valkey
from tests.store.test_deleting import mentioning
from tests.turns.merge_plays import meet, merge, step_one, work
from tests.turns.stage import Stage


@pytest.fixture
def stage(store: Store, clock: StoppedClock) -> Stage:
    return Stage(store)


BOTH = (SUSAN_ID, PETAR_ID, SUSAN.contact_ref, PETAR.contact_ref)


def test_nothing_is_left_of_either_but_that_they_were_merged(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    meet(stage, clock)
    assert merge(stage).outcome == "merged"
    assert stage.store.delete_contact(PETAR_ID, ALICE) is Deleted.MERGED
    assert stage.store.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
    assert set(mentioning(valkey, BOTH)) == {stage.store.keys.timeline(MERGES_ID)}


def test_whoever_was_a_part_and_writes_again_is_somebody_new(stage: Stage, clock: StoppedClock) -> None:
    meet(stage, clock)
    merge(stage)
    stage.store.delete_contact(SUSAN_ID, ALICE)
    clock.pass_s(1)
    assert write(stage.store, who=PETAR).contact == PETAR_ID
    known = stage.store.snapshot(PETAR_ID).contact
    assert (known.merged_into, known.identities, known.conversations) == ("", (PETAR,), 1)
    with pytest.raises(NotFound):
        stage.store.snapshot(SUSAN_ID)


def test_nobody_is_deleted_between_the_steps_of_a_merge(stage: Stage, clock: StoppedClock, valkey: Valkey) -> None:
    meet(stage, clock)
    step_one(stage)
    assert stage.store.delete_contact(SUSAN_ID, ALICE) is Deleted.BUSY
    work(stage, clock)
    assert stage.store.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
    assert set(mentioning(valkey, BOTH)) == {stage.store.keys.timeline(MERGES_ID)}


def test_whoever_was_deleted_and_writes_again_is_closed_by_the_agent_as_anybody(
    stage: Stage, clock: StoppedClock
) -> None:
    stage.bot.answers["thanks"] = Answer(response_id="r", replies=("Bye",), commands=Commands(mark_done=True))
    for _ in range(2):
        write(stage.store, "thanks")
        stage.turn()
        assert stage.store.snapshot(SUSAN_ID).open is None, "what closed the first does not count as done for this one"
        assert stage.store.delete_contact(SUSAN_ID, ALICE) is Deleted.DONE
        clock.pass_s(1)
