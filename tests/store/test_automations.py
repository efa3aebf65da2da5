"""The automations that people keep: read, changed, and changed by two at once."""

import json
import logging
import threading
from dataclasses import replace
from typing import Any

import pytest

from domain.automations import Automation, Automations, TriggerKind
from domain.definitions import read_definition
from domain.errors import Conflict
from store import Store
from store.automation_words import decode_automation, encode_automation
from store.automations import AUTOMATIONS_CACHED_S
from tests.conftest import make_store
from tests.people import write
from tests.servers import Valkey

Items = tuple[Automation, ...]


def make(automation_id: str, position: int = 0, **changes: Any) -> Automation:
    """An automation with a bit of everything in it."""
    definition = {
        "name": f"Automation {automation_id}",
        "description": "„Отговаря“ нощем",
        "once": "conversation",
        "trigger": {"kind": "message_received", "match": "contains", "texts": ["order"], "channels": ["viber"]},
        "conditions": {"all": [{"any": [{"subject": "tags", "operator": "has_any", "value": ["vip"]}]}]},
        "steps": [{"kind": "send_message", "text": "Hi"}, {"kind": "wait", "minutes": 5}, {"kind": "stop"}],
    }
    return replace(read_definition(definition), id=automation_id, position=position, **changes)


def add(*made: Automation) -> Any:
    return lambda items: (*items, *made)


def ids(store: Store) -> list[str]:
    return [item.id for item in store.automations(is_fresh=True).items]


def test_what_is_written_is_read_back_whole_in_the_order_of_the_list(store: Store) -> None:
    b = make("b", 0, is_active=True, active_since_ms=5, created_at_ms=4)
    a, c = make("a", 2), make("c", 1)
    store.change_automations(add(a, b, c))
    assert store.automations(is_fresh=True).items == (b, c, a)
    assert decode_automation(encode_automation(b)) == b


def test_a_change_is_seen_at_once_by_who_made_it_and_within_two_seconds_by_others(
    store: Store, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_store(valkey)
    assert other.automations().items == store.automations().items == ()
    store.change_automations(add(make("a")))
    assert len(store.automations().items) == 1 and other.automations().items == ()
    moment = other._automations_read_at + AUTOMATIONS_CACHED_S
    monkeypatch.setattr("store.automations.time.monotonic", lambda: moment)
    assert len(other.automations().items) == 1


def test_what_is_left_out_is_deleted_and_what_stays_is_left_alone(store: Store) -> None:
    store.change_automations(add(make("a"), make("b", 1)))
    store.change_automations(lambda items: items[1:])
    assert ids(store) == ["b"]


def test_a_change_that_changes_nothing_writes_nothing(store: Store, valkey: Valkey) -> None:
    store.change_automations(add(make("a")))
    before = valkey.client().hgetall(store.keys.automations)
    store.change_automations(lambda items: items)
    assert valkey.client().hgetall(store.keys.automations) == before


def test_what_a_change_raises_is_passed_on_and_nothing_is_written(store: Store) -> None:
    def refuse(items: Items) -> Items:
        raise Conflict("no")

    with pytest.raises(Conflict):
        store.change_automations(refuse)
    assert ids(store) == []


def test_of_two_stores_that_change_at_once_neither_loses_anything(store: Store, valkey: Valkey) -> None:
    """Each adds its own, and renames the one that both know."""
    store.change_automations(add(make("shared")))
    barrier = threading.Barrier(2)

    def work(own: Store, name: str) -> None:
        barrier.wait()
        for i in range(10):
            own.change_automations(
                lambda items, i=i: (  # type: ignore[misc]
                    replace(items[0], description=f"{items[0].description}{name}"),
                    *items[1:],
                    make(f"{name}{i}", len(items)),
                )
            )

    threads = [threading.Thread(target=work, args=(make_store(valkey), name)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ids(store)) == sorted(["shared", *(f"{name}{i}" for name in "ab" for i in range(10))])
    shared = store.automations(is_fresh=True).find("shared")
    assert shared and shared.description.count("a") == 10 and shared.description.count("b") == 10


def test_a_change_is_asked_anew_on_what_somebody_else_wrote_meanwhile(store: Store, valkey: Valkey) -> None:
    other, seen = make_store(valkey), []

    def change(items: Items) -> Items:
        seen.append([item.id for item in items])
        if len(seen) == 1:
            other.change_automations(lambda found: (replace(found[0], name="Theirs"), *found[1:]))
        return (replace(items[0], description="Mine"), *items[1:])

    store.change_automations(add(make("a"), make("b", 1)))
    store.change_automations(change)
    first = store.automations(is_fresh=True).items[0]
    assert len(seen) == 2 and (first.name, first.description) == ("Theirs", "Mine")


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "null",
        "[]",
        '"text"',
        "{}",
        '{"id":"bad"}',
        json.dumps({**json.loads(encode_automation(make("bad"))), "definition": {"name": "x"}}),
        json.dumps({**json.loads(encode_automation(make("bad"))), "definition": None}),
    ],
)
def test_one_that_cannot_be_read_is_left_out_and_not_lost_by_a_change_to_another(
    store: Store, valkey: Valkey, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    store.change_automations(add(make("good")))
    valkey.client().hset(store.keys.automations, "bad", broken)
    with caplog.at_level(logging.WARNING):
        assert ids(store) == ["good"]
    assert "id=bad" in caplog.text
    store.change_automations(lambda items: (*items, make("more", 1)))
    store.change_automations(lambda items: items[1:])
    assert ids(store) == ["more"]
    assert valkey.client().hget(store.keys.automations, "bad") == broken


def test_only_active_ones_are_waited_for(store: Store) -> None:
    silent = replace(make("s", 2, is_active=True), trigger=_trigger("no_answer_from_contact", minutes=7))
    short = replace(make("t", 3, is_active=True), trigger=_trigger("no_answer_from_contact", minutes=3))
    ours = replace(make("u", 4, is_active=True), trigger=_trigger("no_answer_from_us", minutes=1))
    closed = replace(make("c", 5), trigger=_trigger("conversation_closed"))
    found = Automations((make("a", is_active=True), make("b", 1), silent, short, ours, closed))
    assert [item.id for item in found.waiting_for(TriggerKind.MESSAGE_RECEIVED)] == ["a"]
    assert found.waiting_for(TriggerKind.CONVERSATION_CLOSED) == ()
    assert found.wanted == {"silence:180000"}, "messages say themselves what they are; the shortest silence counts"


def test_while_nobody_waits_for_lines_they_stop_no_cursor(store: Store) -> None:
    received = write(store)
    snapshot = store.snapshot(received.contact)
    assert snapshot.undecided and snapshot.undecided.number == received.entry


def test_who_plays_the_past_again_knows_of_none(store: Store) -> None:
    store.change_automations(add(make("a", is_active=True)))
    store.ignore_automations()
    assert store.automations().items == ()


def _trigger(kind: str, **values: Any) -> Any:
    said = {"name": "x", "trigger": {"kind": kind, **values}, "steps": [{"kind": "stop"}]}
    return read_definition(said).trigger
