"""Automations through the real processes: a night's, dozens at once while workers are killed, a call that kills one."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from domain.automation_runs import Outcome
from domain.definitions import read_definition
from domain.identities import Identity, contact_id
from domain.models import ClosedConversation
from store import Store
from tests.conftest import BOT, PAGE, make_store
from tests.scenarios.platform import Platform
from tests.servers import Valkey, wait_for

PETAR = Identity("viber", BOT, "pEtAr+sAnd/n1ght==")
OLEG = Identity("facebook", PAGE, "7300000000004000")
CROWD = [Identity("facebook", PAGE, f"73000000000050{number:02}") for number in range(36)]
#: While this many of the crowd are done, all workers are killed.
KILLED_AT = (1, 8, 20)
CALLED = {"kind": "message_received", "match": "is", "texts": ["call"]}


def night(minutes: int) -> list[dict[str, Any]]:
    """When a conversation opens outside business hours, say so; close it when the contact does not answer."""
    opens = {
        "name": "Night",
        "trigger": {"kind": "conversation_opened", "sources": ["contact"], "channels": ["viber"]},
        "conditions": {"all": [{"subject": "business_hours", "operator": "outside"}]},
        "steps": [
            {"kind": "send_message", "text": "We are asleep."},
            {"kind": "add_tags", "tags": ["night"]},
            {"kind": "stop_without_bot"},
        ],
    }
    silence = {
        "name": "Silence of the night",
        "trigger": {"kind": "no_answer_from_contact", "minutes": minutes},
        "conditions": {"all": [{"subject": "tags", "operator": "has_any", "value": ["night"]}]},
        "steps": [{"kind": "close_conversation"}],
    }
    return [opens, silence]


MANY_STEPS = {
    "name": "Many steps",
    "trigger": {"kind": "message_received", "match": "is", "texts": ["order"]},
    "steps": [
        {"kind": "send_message", "text": "One"},
        {"kind": "add_tags", "tags": ["first"]},
        {"kind": "comment", "text": "It goes on."},
        {"kind": "send_message", "text": "Two"},
        {"kind": "set_field", "field": "email", "value": "somebody@example.com"},
        {"kind": "add_tags", "tags": ["second"]},
        {"kind": "send_message", "text": "Three"},
        {"kind": "close_conversation", "summary": "All steps done"},
    ],
}


class Called:
    """A server that is called: the first call hangs until the caller is gone, each later one is answered."""

    def __init__(self) -> None:
        self.deliveries: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.end = threading.Event()
        called = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                called.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                called.deliveries.append(self.headers["X-Markdone-Delivery"])
                if len(called.deliveries) == 1:
                    called.end.wait(30)
                    return
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.end.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def called() -> Iterator[Called]:
    server = Called()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def platform(valkey: Valkey, called: Called) -> Iterator[Platform]:
    """Two workers; it is never within business hours. All automations are there before anybody may remember none."""
    valkey.client().flushall()
    store = make_store(valkey)
    store.change_setting("business_hours", "never")
    call = {"name": "Call", "trigger": CALLED, "steps": [{"kind": "call_url", "url": "https://example.com/hook"}]}
    given = [read_definition(one) for one in (*night(1), MANY_STEPS, call)]
    call_step = replace(given[3].steps[0], values={"url": f"http://{called.address}/hook"})
    given[3] = replace(given[3], steps=(call_step, *read_definition(MANY_STEPS).steps[1:3]))
    since_ms = store.now_ms() - 3_600_000  # so that a silence that is made older does not lie before it
    made = tuple(
        replace(one, id=f"a{number}", is_active=True, active_since_ms=since_ms, position=number)
        for number, one in enumerate(given, 1)
    )
    store.change_automations(lambda _: made)
    started = Platform(valkey, workers=2, AUTOMATION_HOSTS=called.address)
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture
def store(platform: Platform) -> Store:
    return platform.store()


def test_who_writes_at_night_is_told_so_and_closed_when_silent(platform: Platform, store: Store) -> None:
    contact = contact_id(PETAR)
    platform.write(PETAR, "hello")
    wait_for(lambda: texts(platform, PETAR) == ["We are asleep."], "the contact is told")
    wait_for(lambda: "night" in store.snapshot(contact).contact.tags, "the tag is there")
    wait_for(lambda: is_idle(store, contact), "the turn is over")
    assert (opened := store.snapshot(contact).open) and opened.source == "contact"
    make_last_word_older(platform, contact, minutes=2)
    wait_for(lambda: store.snapshot(contact).open is None, "the silence is over")
    closed = store.conversation(contact, 1)
    assert isinstance(closed, ClosedConversation) and closed.closed_source == "automation"
    assert (closed.closed_by or {})["name"] == "Silence of the night"
    assert texts(platform, PETAR) == ["We are asleep."], "the bot said nothing"


@pytest.mark.timeout(120)
def test_workers_are_killed_while_dozens_are_served_and_each_gets_all_of_it_once(
    platform: Platform, store: Store
) -> None:
    ids = [contact_id(who) for who in CROWD]
    writers = [threading.Thread(target=platform.write, args=(who, "order")) for who in CROWD]
    for writer in writers:
        writer.start()
    for count in KILLED_AT:
        wait_for(lambda count=count: done(store, ids) >= count, f"{count} are served")  # type: ignore[misc]
        for worker in platform.workers:
            worker.kill()
        assert done(store, ids) < len(ids), "that was in the middle of it"
        end_leases(platform, CROWD)
        for worker in platform.workers:
            worker.start()
    for writer in writers:
        writer.join()
    wait_for(lambda: done(store, ids) == len(ids), "all are served", seconds=60)
    wait_for(lambda: all(is_idle(store, contact) for contact in ids), "all is sent", seconds=60)
    for who, contact in zip(CROWD, ids, strict=True):
        check_texts(platform, who, ["One", "Two", "Three"])
        found = store.snapshot(contact).contact
        assert (found.tags, found.email, found.conversations) == (("first", "second"), "somebody@example.com", 1)
        kinds = [line["kind"] for line in platform.timeline(who)]
        expected = {"opened": 1, "message": 4, "tags_changed": 2, "comment": 1, "profile_changed": 1, "closed": 1}
        assert {kind: kinds.count(kind) for kind in expected} == expected
    assert store.automation_numbers()["a3"].triggered == len(CROWD)


def test_a_worker_that_dies_in_a_call_makes_it_again_with_the_same_delivery(
    platform: Platform, store: Store, called: Called
) -> None:
    contact = contact_id(OLEG)
    platform.write(OLEG, "call")
    wait_for(lambda: len(called.deliveries) == 1, "the call is under way")
    for worker in platform.workers:
        worker.kill()
    called.end.set()
    end_leases(platform, [OLEG])
    for worker in platform.workers:
        worker.start()
    wait_for(lambda: "first" in store.snapshot(contact).contact.tags, "the steps behind it are done")
    assert len(called.deliveries) == 2 and len(set(called.deliveries)) == 1
    assert [body["contact"]["id"] for body in called.bodies] == [contact] * 2
    wait_for(lambda: any(one.outcome is Outcome.DONE for one in store.run_history("a4")), "the run is over")
    (run,) = store.run_history("a4")
    assert run.done[0] == ("s1", "done", "Answered with 204.")


# -- Looking


def texts(platform: Platform, who: Identity) -> list[str]:
    return [message["text"] for message in platform.received(who)]


def check_texts(platform: Platform, who: Identity, expected: list[str]) -> None:
    """Each once and in order; what does not arrive was cut off twice while it was sent, and is said to be uncertain."""
    arrived = texts(platform, who)
    assert arrived == [text for text in expected if text in arrived]
    unconfirmed = {line["text"] for line in platform.timeline(who) if line["letter"] == "u"}
    assert set(expected) - set(arrived) <= unconfirmed


def done(store: Store, contacts: list[str]) -> int:
    """How many have had all steps."""
    return sum(contact in closed for closed in [closed_contacts(store)] for contact in contacts)


def closed_contacts(store: Store) -> set[str]:
    def read(client: Any) -> Any:
        return [client.zrange(store.keys.closed_index(partition), 0, -1) for partition in store.keys.each()]

    return {name.rpartition("-")[0] for names in store.connection.command(read) for name in names}


def is_idle(store: Store, contact: str) -> bool:
    """Nobody has the turn, and nothing is left to do now."""
    found = store.connection.command(lambda client: client.hget(store.keys.contact(contact), "lease"))
    snapshot = store.snapshot(contact)
    return found is None and snapshot.undecided is snapshot.head is None


# -- Time, which is not waited for


def make_last_word_older(platform: Platform, contact: str, *, minutes: int) -> None:
    """As if our last message were so much older."""
    store, client = platform.store(), platform.valkey.client()
    keys, now_ms = store.keys, int(time.time() * 1000)
    entry, at_ms, *rest = str(client.hget(keys.open(contact), "last_word")).split("|")
    older_ms = int(at_ms) - minutes * 60_000
    client.hset(keys.open(contact), "last_word", "|".join((entry, str(older_ms), *rest)))
    client.hset(keys.contact(contact), "wake_at", now_ms)
    client.zadd(keys.due(keys.partition(contact)), {contact: now_ms})


def end_leases(platform: Platform, people: list[Identity]) -> None:
    """As if what the dead workers held were over: their leases, and the wait for the echo of what never arrived."""
    store, client = platform.store(), platform.valkey.client()
    for who in people:
        contact = contact_id(who)
        name, due = store.keys.contact(contact), store.keys.due(store.keys.partition(contact))
        if not client.exists(name):
            continue
        head = store.snapshot(contact).head
        if head and head.letter == "g" and head.text not in texts(platform, who):
            client.hdel(name, "try_at")
        if client.hdel(name, "lease") or client.zscore(due, contact) is not None:
            client.zadd(due, {contact: int(time.time() * 1000)}, lt=True)
