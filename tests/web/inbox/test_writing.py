"""Forms that are sent twice, whose answer is lost, or that meet a contact who has moved on."""

import io
from typing import Any

import pytest
from flask import Flask

from domain.errors import StoreError
from domain.models import Entry
from store import Store
from store.connection import Call
from tests.conftest import StoppedClock, settings_for
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.servers import Valkey
from tests.turns.merge_plays import merge, work
from tests.turns.stage import Stage
from tests.turns.test_blocking import fail, replies, reply
from tests.web.inbox.plays import do
from tests.web.signed_in import Visitor

PNG = b"\x89PNG\r\n\x1a\n" + b"." * 20


@pytest.fixture
def app(valkey: Valkey, store: Store) -> Flask:
    from app import create_app

    return create_app(settings_for(valkey.url, public_url="https://markdone.example.com"))


def photo() -> tuple[io.BytesIO, str]:
    return io.BytesIO(PNG), "photo.png"


def written(store: Store) -> list[Entry]:
    """Replies and comments of users, in order."""
    page = store.timeline(SUSAN_ID, 0, 1000)
    return [one for one, _ in page.entries if one.data.get("sender") == "user" or one.data["kind"] == "comment"]


def files(store: Store) -> int:
    return int(store.connection.command(lambda client: client.hlen(store.keys.files(SUSAN_ID))))


def test_a_file_is_kept_once_however_often_the_form_is_sent(alice: Visitor, store: Store) -> None:
    write(store)
    for _ in range(3):
        assert do(alice, "messages", text="look", operation="o", number=1, file=photo()).status_code == 204
    assert [bool(one.data.get("file")) for one in written(store)] == [False, True] and files(store) == 1


def test_a_file_that_was_not_sent_is_not_kept(alice: Visitor, store: Store) -> None:
    write(store)
    assert do(alice, "messages", text="look", operation="o", number=7, file=photo()).status_code == 409
    assert (written(store), files(store)) == ([], 0)


def test_a_file_stays_where_only_the_answer_of_the_store_was_lost(
    alice: Visitor, store: Store, platform: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store)
    run = platform.connection.run
    lost: list[Call] = []

    def lose_first(call: Call) -> Any:
        answer = run(call)
        if call.script.name == "commit" and not lost:
            lost.append(call)
            raise StoreError("Redis does not answer in time")
        return answer

    monkeypatch.setattr(platform.connection, "run", lose_first)
    assert do(alice, "messages", text="", operation="o", number=1, file=photo()).status_code == 503
    assert do(alice, "messages", text="", operation="o", number=1, file=photo()).status_code == 204
    [sent] = written(store)
    path = sent.data["file"]["url"].removeprefix("https://markdone.example.com")
    assert files(store) == 1 and alice.get(path, buffered=True).data == PNG


@pytest.mark.parametrize("other", [{"text": "something else"}, {"kind": "comment"}, {"file": photo()}])
def test_the_key_of_a_form_swallows_nothing_else_that_is_written(
    alice: Visitor, store: Store, other: dict[str, Any]
) -> None:
    write(store)
    first: dict[str, Any] = {"text": "hello", "kind": "reply", "number": 1, "operation": "same"}
    assert do(alice, "messages", **first).status_code == 204
    assert do(alice, "messages", **{**first, **other}).status_code == 204
    assert len(written(store)) >= 2


def test_a_text_is_cut_for_where_the_contact_is_when_it_is_sent(
    alice: Visitor, store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in (PETAR, SUSAN):
        write(store, who=who)
    assert merge(Stage(store)).outcome == "merged"
    write(store, "over Viber", who=PETAR)
    from web.inbox import writing

    real = writing._read_files

    def and_then_she_writes_on_messenger(*args: Any) -> Any:
        write(store, "on Messenger now", who=SUSAN)
        return real(*args)

    monkeypatch.setattr(writing, "_read_files", and_then_she_writes_on_messenger)
    opened = store.snapshot(SUSAN_ID).open
    assert opened and do(alice, "messages", text="a" * 6000, operation="o", number=opened.number).status_code == 204
    assert len(written(store)) > 1 and all(len(one.text) <= 2000 for one in written(store))


def test_of_several_files_none_is_kept_where_one_is_refused(alice: Visitor, store: Store) -> None:
    write(store)
    for _ in range(2):
        files_given = [photo(), (io.BytesIO(b""), "empty.png")]
        assert do(alice, "messages", text="", operation="o", number=1, file=files_given).status_code == 400
    assert (written(store), files(store)) == ([], 0)


def test_what_was_sent_again_before_a_merge_is_not_sent_again_after_it(
    alice: Visitor, store: Store, clock: StoppedClock
) -> None:
    stage = Stage(store)
    for who in (SUSAN, PETAR):
        write(store, who=who)
    work(stage, clock)
    reply(store, "over Viber", contact=PETAR_ID)
    stage.viber.on_send = fail
    work(stage, clock)
    stage.viber.on_send = lambda text, tag: None
    [failed] = replies(store, PETAR_ID)
    said = [do(alice, "retry", contact=PETAR_ID, entry=failed.number).headers["HX-Trigger"] for _ in range(2)]
    assert "on its way" in said[0] and "was sent again before" in said[1]
    work(stage, clock)
    assert merge(stage).outcome == "merged"
    again = do(alice, "retry", entry=f"{PETAR_ID}-{failed.number}")
    work(stage, clock)
    assert "was sent again before" in again.headers["HX-Trigger"] and stage.viber.texts.count("over Viber") == 1
