"""Automations as JSON: what is exported can be imported, here or elsewhere, and edited as text."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from store import Store
from tests.web.automations.doings import KEPT, items, keep
from tests.web.automations.forms import Editor, read_form
from tests.web.signed_in import Visitor

IMPORT = "/automations/import"
JSON = f"/automations/{KEPT}/json"


def give(visitor: Visitor, file: bytes | str, **more: Any) -> TestResponse:
    form = read_form(visitor.get(IMPORT).text, IMPORT)
    if isinstance(file, bytes):
        return visitor.post(IMPORT, {**form, "file": (io.BytesIO(file), "one.json"), **more})
    return visitor.post(IMPORT, {**form, "definition": file, **more})


def test_what_is_exported_can_be_imported(maria: Visitor, store: Store) -> None:
    keep(store, name="Нощ & day / “x”")
    file = maria.get(f"/automations/{KEPT}/export")
    assert file.headers["Content-Disposition"] == 'attachment; filename="day-x.json"'
    assert file.content_type == "application/json; charset=utf-8"
    answer = give(maria, file.data)
    before, after = items(store)
    assert (answer.status_code, answer.location) == (303, f"/automations?saved={after.id}")
    assert replace(after, id=before.id, created_at_ms=before.created_at_ms, position=0) == before
    assert not after.is_active
    assert store.audit(1)[0]["automation"].startswith("imported “Нощ")


def test_text_can_be_pasted_and_is_imported_once_when_sent_twice(maria: Visitor, store: Store) -> None:
    keep(store)
    text = maria.get(f"/automations/{KEPT}/export").text
    for _ in range(2):
        assert give(maria, text, new_id="cafe0123").status_code == 303
    assert [item.id for item in items(store)] == [KEPT, "cafe0123"]
    assert give(maria, text.replace("After hours", "Night"), new_id="cafe0123").status_code == 409


def test_a_file_of_windows_is_read_too(maria: Visitor, store: Store) -> None:
    keep(store)
    text = maria.get(f"/automations/{KEPT}/export").text.replace("\n", "\r\n")
    assert give(maria, b"\xef\xbb\xbf" + text.encode()).status_code == 303


def test_what_is_wrong_names_the_step_and_the_text_stays_to_be_mended(maria: Visitor, store: Store) -> None:
    bad = {
        "name": "Night",
        "trigger": {"kind": "by_hand"},
        "steps": [
            {"kind": "stop"},
            {"kind": "send_message", "text": ""},
            {"kind": "assign", "to": "user", "user": "u9"},
        ],
    }
    answer = give(maria, json.dumps(bad).encode())
    assert answer.status_code == 400 and items(store) == ()
    assert "Step 2, Send a message: Text:" in answer.text and "Step 3, Assign to: User:" in answer.text
    assert json.loads(read_form(answer.text, IMPORT)["definition"][0]) == bad


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "Choose a file, or paste its text."),
        (b'{"name":\n }', "line 2"),
        (b"\xff\xfe\x00", "This is no JSON"),
        (b"[" * 100_000, "This is no"),
        (b"[]", "definition"),
        (b'{"steps": [' + b"1," * 5000 + b"1]}", "at most 25"),
        (b'{"name": 1e999999, "x": NaN}', "Name"),
        (b'{"name": ' + b"9" * 10_000 + b"}", "This is no automation."),
        (b" " * 300_000, "too large"),
        (b'{"name": "\\ud800", "trigger": {"kind": "by_hand"}, "steps": [{"kind": "stop"}]}', "Name"),
    ],
)
def test_what_is_no_automation_is_refused_in_words(maria: Visitor, store: Store, file: bytes, words: str) -> None:
    answer = give(maria, file)
    assert answer.status_code == 400, answer.text
    assert words in answer.text
    assert items(store) == ()


def test_one_is_edited_as_text(maria: Visitor, bob: Visitor, store: Store) -> None:
    keep(store)
    form = read_form(maria.get(JSON).text, JSON)
    definition = json.loads(form["definition"][0])
    definition["steps"].append({"kind": "stop"})
    answer = maria.post(JSON, {**form, "definition": json.dumps(definition)})
    assert answer.status_code == 303
    assert [step.id for step in items(store)[0].steps] == ["s1", "s2", "s3"]

    answer = maria.post(JSON, {**form, "definition": '{"name": "Mine'})
    assert answer.status_code == 400 and read_form(answer.text, JSON)["seen"] == form["seen"]

    definition["name"] = "Mine"
    answer = maria.post(JSON, {**form, "definition": json.dumps(definition)})
    assert answer.status_code == 409 and "Somebody else changed this meanwhile." in answer.text
    form = read_form(answer.text, JSON)
    assert json.loads(form["definition"][0])["name"] == "Mine"
    assert maria.post(JSON, {**form}).status_code == 303
    assert items(store)[0].name == "Mine"
    assert Editor(bob, f"/automations/{KEPT}/edit").fields["name"] == ["Mine"]
