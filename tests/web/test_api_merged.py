"""What the API shows and repeats of people who are made of several contacts: one history, whichever way it is read."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.arrivals import RecordReceipt
from domain.events import ReceiptStatus
from domain.identities import MERGES_ID, Identity, contact_id
from store import Store
from tests.conftest import StoppedClock
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, take, write
from tests.turns.merge_plays import merge, step_one, work
from tests.turns.stage import Stage
from tests.web.api_caller import Caller, of
from web.context import KEY

NOOR = Identity("facebook", SUSAN.channel.partition(":")[2], "7000000000000702")
NOOR_ID = contact_id(NOOR)
EVERYBODY = {SUSAN: SUSAN_ID, PETAR: PETAR_ID, NOOR: NOOR_ID}
TIMELINE, MESSAGES = of(suffix="/timeline"), of(suffix="/messages")


@pytest.fixture
def api(client: FlaskClient) -> Caller:
    return Caller(client)


@pytest.fixture
def stage(store: Store) -> Stage:
    return Stage(store)


def chain(stage: Stage, clock: StoppedClock, seed: int, most: int = 40) -> list[str]:
    """Three people write in turns, often in the same millisecond, become one in a chain and go on; their texts.

    What some of them wrote last nobody has decided when they are merged.
    """
    chance = random.Random(seed)
    said: list[str] = []

    def talk(texts: int) -> None:
        for _ in range(texts):
            who = chance.choice(list(EVERYBODY))
            said.append(f"text {len(said)}")
            write(stage.store, said[-1], who=who)
            clock.pass_s(chance.choice((0, 0, 0.001, 5)))
            if chance.random() < 0.3:
                stage.turn(stage.store.resolve(EVERYBODY[who]))

    for who in EVERYBODY:
        write(stage.store, f"{who.contact_ref} begins", who=who)
    talk(chance.randint(5, most))
    assert merge(stage, PETAR_ID, NOOR_ID).outcome == "merged"
    talk(chance.randint(0, most // 2))
    assert merge(stage, SUSAN_ID, PETAR_ID).outcome == "merged"
    talk(chance.randint(0, most // 4))
    return said


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in items]


@pytest.mark.parametrize("seed", range(6))
def test_every_way_through_a_merged_timeline_shows_each_entry_once_in_one_order(
    api: Caller, stage: Stage, clock: StoppedClock, seed: int
) -> None:
    said = chain(stage, clock, seed)
    whole = ids(api.all(TIMELINE, limit=100))
    texts = [one["text"] for one in api.all(TIMELINE, limit=100) if one["direction"] == "incoming"]
    assert sorted(text for text in texts if text.startswith("text")) == sorted(said), "all of it, and once"
    assert len(set(whole)) == len(whole)
    for limit in (1, 2, 3, 7, 16):
        assert ids(api.all(TIMELINE, limit=limit)) == whole
    for last in range(1, min(len(whole), 100) + 1):
        assert ids(api.get(TIMELINE, last=last)["items"]) == whole[-last:]
    for place, entry in enumerate(whole):
        assert ids(api.get(TIMELINE, after=entry, limit=3)["items"]) == whole[place + 1 :][:3]
        if place % 7 == 0:
            assert ids(api.all(TIMELINE, after=entry, limit=4)) == whole[place + 1 :]


def test_a_merged_timeline_is_in_the_order_of_time_but_for_what_moved(
    api: Caller, stage: Stage, clock: StoppedClock
) -> None:
    for number in range(12):
        who = list(EVERYBODY)[number % 3]
        write(stage.store, f"text {number}", who=who)
        stage.turn(EVERYBODY[who])
        clock.pass_s(1)
    merge(stage, PETAR_ID, NOOR_ID)
    merge(stage, SUSAN_ID, PETAR_ID)
    shown = api.all(TIMELINE, limit=5)
    assert [one["at"] for one in shown] == sorted(one["at"] for one in shown)
    assert [one["text"] for one in shown if one["direction"] == "incoming"] == [f"text {i}" for i in range(12)]


def test_an_entry_of_a_part_is_named_with_its_contact(api: Caller, stage: Stage, clock: StoppedClock) -> None:
    for who in (PETAR, SUSAN):
        write(stage.store, f"from {who.kind}", who=who)
        work(stage, clock)
    merge(stage)
    found = {one["text"]: one["id"] for one in api.all(TIMELINE) if one["direction"] == "incoming"}
    assert found == {"from viber": f"{PETAR_ID}.1", "from facebook": "1"}
    assert api.all(of(PETAR, "/timeline")) == api.all(of(f"id:{PETAR_ID}", "/timeline")) == api.all(TIMELINE)
    own = api.get(TIMELINE, after="1")
    assert api.get(TIMELINE, after=f"{SUSAN_ID}.1") == own, "the contact's own may be named, too"


def test_a_page_after_a_merge_goes_on_where_the_one_before_it_ended(
    api: Caller, stage: Stage, clock: StoppedClock
) -> None:
    for number in range(8):
        who = (SUSAN, PETAR)[number % 2]
        write(stage.store, f"text {number}", who=who)
        stage.turn(EVERYBODY[who])
        clock.pass_s(1)
    first = api.get(TIMELINE, limit=6)
    seen = [one["text"] for one in first["items"] if one["direction"] == "incoming"]
    assert seen == ["text 0", "text 2", "text 4"]
    merge(stage)
    rest = api.pages(first["pagination"]["next"].removeprefix("/api/v1"))
    texts = [one["text"] for page in rest for one in page if one["direction"] == "incoming"]
    assert texts == ["text 5", "text 6", "text 7"], "what is later than the page; what is earlier stands before it"


def test_clocks_that_differ_by_little_lose_nothing(api: Caller, stage: Stage, clock: StoppedClock) -> None:
    chance, began_ms = random.Random(1), clock.ms
    for number in range(60):
        clock.ms = began_ms + number + chance.choice((-3, 0, 3))
        who = chance.choice((SUSAN, PETAR))
        write(stage.store, f"text {number}", who=who)
        stage.turn(EVERYBODY[who])
    merge(stage)
    whole = ids(api.all(TIMELINE, limit=100))
    assert len(whole) == len(set(whole)) > 120
    for limit in (3, 7, 50):
        assert ids(api.all(TIMELINE, limit=limit)) == whole
    for place, entry in enumerate(whole):
        assert ids(api.get(TIMELINE, after=entry, limit=100)["items"]) == whole[place + 1 :][:100]


@pytest.mark.parametrize("after", [f"{NOOR_ID}.0", "nobody.1", f"{PETAR_ID}.", f"{PETAR_ID}.x", f".{PETAR_ID}", "1.1"])
def test_an_entry_of_somebody_else_is_refused(api: Caller, stage: Stage, after: str) -> None:
    for who in EVERYBODY:
        write(stage.store, who=who)
    merge(stage)
    assert "after" in api.get(TIMELINE, 400, after=after)["error"]["message"]


def test_an_entry_that_is_not_there_yet_has_nothing_after_it(api: Caller, stage: Stage) -> None:
    for who in (SUSAN, PETAR):
        write(stage.store, who=who)
    for after in ("99999", f"{SUSAN_ID}.99999"):
        assert api.get(TIMELINE, after=after) == {"items": [], "pagination": {"next": None}}
    merge(stage)
    assert api.get(TIMELINE, after=f"{PETAR_ID}.99999")["pagination"] == {"next": None}


def test_what_a_platform_says_was_read_counts_for_its_own_identity_alone(
    api: Caller, stage: Stage, clock: StoppedClock
) -> None:
    for who in (PETAR, SUSAN):
        write(stage.store, f"on {who.kind}", who=who)
        work(stage, clock)
    merge(stage)
    write(stage.store, "again on viber", who=PETAR)
    work(stage, clock)
    clock.pass_s(5)
    stage.store.receive([RecordReceipt(identity=SUSAN, status=ReceiptStatus.READ, watermark_ms=clock.ms)])
    read = {one["text"] for one in api.all(TIMELINE) if one["status"] == "read"}
    assert read == {"you said on facebook"}


def test_the_last_entry_that_was_seen_may_be_one_of_a_part(api: Caller, stage: Stage, clock: StoppedClock) -> None:
    for who in (SUSAN, PETAR):
        write(stage.store, who=who)
        work(stage, clock)
    merge(stage)
    clock.pass_s(1)
    status = of(suffix="/conversation/status")
    last = next(one["id"] for one in reversed(api.all(TIMELINE)) if one["id"].startswith(PETAR_ID))
    write(stage.store, "wait!")
    api.post(status, {"status": "close", "last_entry": last}, 409)
    api.post(status, {"status": "close", "last_entry": f"{NOOR_ID}.1"}, 400)
    work(stage, clock)
    newest = api.all(TIMELINE)[-1]["id"]
    assert api.post(status, {"status": "close", "last_entry": f"{SUSAN_ID}.{newest}"})["changed"]


def texts_sent(api: Caller) -> list[str]:
    return [one["text"] for one in api.all(TIMELINE) if one["direction"] == "outgoing" and one["sender"] == "api"]


@pytest.mark.parametrize("reference", [PETAR, SUSAN, f"id:{PETAR_ID}"])
def test_a_repeat_after_a_merge_sends_nothing(api: Caller, stage: Stage, reference: Identity | str) -> None:
    for who in (PETAR, SUSAN):
        write(stage.store, who=who)
    first = api.post(of(PETAR, "/messages"), {"text": "your code is 42"}, 202, Idempotency_Key="k1")
    merge(stage)
    again = api.post(of(reference, "/messages"), {"text": "your code is 42"}, 202, Idempotency_Key="k1")
    assert again["id"] == f"{PETAR_ID}.{first['id']}" and texts_sent(api) == ["your code is 42"]
    assert again["id"] in ids(api.all(TIMELINE))
    api.post(of(reference, "/messages"), {"text": "another text"}, 409, Idempotency_Key="k1")
    api.post(MESSAGES, {"text": "another text"}, 202, Idempotency_Key="k2")


def test_a_repeat_after_two_merges_sends_nothing(api: Caller, stage: Stage) -> None:
    for who in EVERYBODY:
        write(stage.store, who=who)
    api.post(of(NOOR, "/messages"), {"text": "one"}, 202, Idempotency_Key="k1")
    merge(stage, PETAR_ID, NOOR_ID)
    api.post(of(NOOR, "/messages"), {"text": "two", "open": True}, 202, Idempotency_Key="k2")
    merge(stage)
    for key, text in (("k1", "one"), ("k2", "two")):
        api.post(of(NOOR, "/messages"), {"text": text}, 202, Idempotency_Key=key)
    assert sorted(texts_sent(api)) == ["one", "two"]


def test_a_repeat_while_a_merge_is_half_done_sends_nothing(api: Caller, stage: Stage) -> None:
    for who in (PETAR, SUSAN):
        write(stage.store, who=who)
    first = api.post(of(PETAR, "/messages"), {"text": "your code is 42"}, 202, Idempotency_Key="k1")
    step_one(stage)
    again = api.post(of(PETAR, "/messages"), {"text": "your code is 42"}, 202, Idempotency_Key="k1")
    assert again["id"] == f"{PETAR_ID}.{first['id']}" and texts_sent(api) == []


def test_a_key_of_each_of_two_contacts_stays_that_of_its_text(api: Caller, stage: Stage) -> None:
    texts = {PETAR: "Dear Petar", SUSAN: "Dear Susan"}
    for who, text in texts.items():
        write(stage.store, who=who)
        api.post(of(who, "/messages"), {"text": text}, 202, Idempotency_Key="campaign")
    merge(stage)
    for who, text in texts.items():
        assert api.post(of(who, "/messages"), {"text": text}, 202, Idempotency_Key="campaign")["text"] == text
    assert sorted(texts_sent(api)) == sorted(texts.values())


def test_a_repeat_long_after_a_merge_is_refused_not_sent(
    api: Caller, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.api_repeats.LOOK_BACK", 3)
    for who in (PETAR, SUSAN):
        write(stage.store, who=who)
    api.post(of(PETAR, "/messages"), {"text": "your code is 42"}, 202, Idempotency_Key="k1")
    for _ in range(4):
        api.post(of(PETAR, "/comments"), {"text": "a note"}, 201)
    merge(stage)
    assert (
        "too long ago" in api.post(MESSAGES, {"text": "your code is 42"}, 409, Idempotency_Key="k1")["error"]["message"]
    )
    assert texts_sent(api) == ["your code is 42"]


def test_a_comment_is_not_left_again_after_a_merge(api: Caller, stage: Stage) -> None:
    for who in (PETAR, SUSAN):
        write(stage.store, who=who)
    first = api.post(of(PETAR, "/comments"), {"text": "Call him."}, 201, Idempotency_Key="k1")
    merge(stage)
    again = api.post(of(PETAR, "/comments"), {"text": "Call him."}, 201, Idempotency_Key="k1")
    assert again == {**first, "id": f"{PETAR_ID}.{first['id']}"}


def test_an_unmerged_timeline_costs_few_round_trips(
    api: Caller, app: Flask, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        write(store, f"text {number}")
    trips: list[object] = []
    connection = app.extensions[KEY].store.connection
    guard = connection._guard

    def count(run: Callable[[], Any]) -> Any:
        trips.append(run)
        return guard(run)

    monkeypatch.setattr(connection, "_guard", count)
    following = api.get(TIMELINE, limit=10)["pagination"]["next"].removeprefix("/api/v1")
    for path in (following, f"{TIMELINE}?after=7", f"{TIMELINE}?last=5"):
        trips.clear()
        assert api.get(path)["items"]
        assert len(trips) == 3, "the contact; its timeline's ends and conversations; the entries"


def test_the_contact_of_all_merges_has_no_timeline(api: Caller, stage: Stage) -> None:
    for who in (PETAR, SUSAN):
        write(stage.store, who=who)
    merge(stage)
    take(stage.store)
    api.get(of(f"id:{MERGES_ID}", "/timeline"), 404)
