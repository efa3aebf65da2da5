"""What is kept of automations' runs: numbers and records of all partitions, misses, and what is forgotten."""

from typing import Any

from domain.actions import CountRun
from domain.automation_runs import AutomationNumbers, Outcome, RunRecord
from domain.identities import Identity, contact_id
from store import Store
from store.run_histories import MISSES_KEPT
from tests.conftest import StoppedClock
from tests.people import SUSAN_ID, write
from tests.servers import Valkey

#: In partitions of their own, most of them.
WRITERS = [Identity("facebook", "104200000000042", f"70000000000009{i:02}") for i in range(12)]


def record(contact: str = SUSAN_ID, at_ms: int = 1, **changes: Any) -> RunRecord:
    return RunRecord(**{"contact": contact, "at_ms": at_ms, "outcome": Outcome.DONE, "run": "r1", **changes})


def ran(store: Store, contact: str, automation: str = "a1", **changes: Any) -> None:
    values = {"automation": automation, "counts_as": "triggered", **changes}
    assert store.commit(store.snapshot(contact), [CountRun(**values)]).is_done


def everybody(store: Store) -> list[str]:
    return [write(store, who=who).contact for who in WRITERS]


def test_numbers_are_added_up_over_all_partitions_and_the_last_time_counts(store: Store, clock: StoppedClock) -> None:
    contacts = everybody(store)
    assert len({store.keys.partition(contact) for contact in contacts}) > 4
    for contact in contacts:
        clock.pass_s(1)
        ran(store, contact)
    last_ms = clock.ms
    ran(store, contacts[0], counts_as="failed")
    clock.pass_s(1)
    ran(store, contacts[3], counts_as="guarded")
    ran(store, contacts[3], "a2")
    assert store.automation_numbers() == {
        "a1": AutomationNumbers(
            triggered=12,
            last_at_ms=last_ms,
            errors=1,
            last_error_at_ms=last_ms,
            guarded=1,
            guarded_at_ms=clock.ms,
        ),
        "a2": AutomationNumbers(triggered=1, last_at_ms=clock.ms),
    }


def test_a_record_comes_back_as_it_was_newest_first_from_wherever_it_is(store: Store) -> None:
    contacts = everybody(store)
    told = [
        record(
            contact, at, number=2, trigger="welcome", reason="„why“", done=(("s1", "failed", "Nobody is available."),)
        )
        for at, contact in enumerate(contacts, 1)
    ]
    for one in told:
        ran(store, one.contact, counts_as="", record=one)
    misses = [record(contacts[0], 100, outcome=Outcome.NOT_MATCHED, run="")]
    store.note_misses([("a1", one) for one in misses])
    assert store.run_history("a1") == [*misses, *told[::-1]]
    assert store.run_history("a1", 3) == [*misses, *told[:-3:-1]]
    assert store.run_history("a2") == [] and store.automation_numbers() == {}


def test_of_misses_the_newest_are_kept(store: Store) -> None:
    store.note_misses([("a1", record(at_ms=at)) for at in range(MISSES_KEPT + 5)])
    store.note_misses([])
    assert [one.at_ms for one in store.run_history("a1", 100)] == list(range(MISSES_KEPT + 4, 4, -1))


def test_an_automation_is_forgotten_everywhere_and_leaves_no_key(store: Store, valkey: Valkey) -> None:
    before = set(valkey.client().keys())
    for contact in everybody(store):
        ran(store, contact, record=record(contact))
        store.note_misses([("a1", record(contact))])
    ran(store, contact_id(WRITERS[0]), "a2")
    store.forget_automation("a1")
    store.forget_automation("a1")
    assert list(store.automation_numbers()) == ["a2"] and store.run_history("a1") == []
    left = {key for key in set(valkey.client().keys()) - before if "a1" in key}
    assert left == set()


def test_a_contact_is_taken_out_and_the_others_stay(store: Store) -> None:
    contacts = everybody(store)
    for contact in contacts:
        ran(store, contact, record=record(contact))
        store.note_misses([("a1", record(contact)), ("a2", record(contact))])
    store.forget_runs_of(contacts[0], ["a1", "a2"])
    store.forget_runs_of(contacts[1], [])
    assert {one.contact for one in store.run_history("a1")} == set(contacts[1:])
    assert {one.contact for one in store.run_history("a2")} == set(contacts[1:])
    assert store.automation_numbers()["a1"].triggered == len(contacts)


def test_assignments_are_numbered_from_one(store: Store) -> None:
    assert [store.next_assignment_turn() for _ in range(3)] == [1, 2, 3]
