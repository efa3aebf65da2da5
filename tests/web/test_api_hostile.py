"""Whatever is sent to the API, it answers in its own shape and never breaks."""

import json
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from store import Store
from tests.people import PETAR_ID, SUSAN_ID, write
from tests.web.api_caller import Caller, of
from web.api_requests import pagination

often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CHANGES = (
    *("/conversation/status", "/conversation/assignee", "/messages", "/comments", "/tags", "/bot", "/block", "/merge"),
)
SUFFIXES = ("", "/conversations", "/timeline", *CHANGES, "/conversation", "/")
FIELDS = (
    *("status", "conversation", "last_entry", "category", "summary", "text", "open", "secondary", "assignee"),
    *("mentions", "tags", "blocked", "name", "phone", "email", "fields"),
)
json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
likely_values = json_values | some.sampled_from(
    ["open", "close", "1", f"{SUSAN_ID}-1", f"{PETAR_ID}-1", 1, 2**70, True]
)
bodies = some.dictionaries(some.sampled_from(FIELDS), likely_values, max_size=4)
references = some.one_of(
    some.text(),
    some.binary().map(quote_from_bytes),
    some.text().map(lambda text: f"id:{text}"),
    some.text().map(lambda text: f"facebook:1:{text}"),
    some.text().map(lambda text: f"viber:shop:{text}"),
)


@pytest.fixture
def api(client: FlaskClient, store: Store) -> Caller:
    write(store)
    return Caller(client)


def answer(api: Caller, method: str, path: str, **sent: Any) -> int:
    """Make a call, check the answer's shape, return its status."""
    reply = api.client.open(f"/api/v1{path}", method=method, headers=api.headers, **sent)
    shown = json.loads(reply.get_data())
    if reply.status_code >= 400:
        assert set(shown) == {"error"} and shown["error"]["code"] and shown["error"]["message"]
    assert reply.status_code < 500, shown
    return reply.status_code


@often
@given(
    reference=references,
    suffix=some.sampled_from(SUFFIXES),
    method=some.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
)
@example(reference="viber:shop:" + "a" * 3000, suffix="", method="GET")
@example(reference="../../contacts", suffix="", method="GET")
def test_hostile_references_name_nobody(api: Caller, reference: str, suffix: str, method: str) -> None:
    path = f"/contacts/{reference if '%' in reference and reference.isascii() else quote(reference, safe='')}{suffix}"
    assert answer(api, method, path.replace("?", "%3F").replace("#", "%23")) in (400, 404, 405) or reference == ""


@often
@given(
    cursor=some.text() | some.binary().map(lambda raw: raw.decode("latin-1")),
    path=some.sampled_from(["/contacts", "/conversations", of(suffix="/timeline")]),
)
def test_hostile_cursors_are_refused(api: Caller, cursor: str, path: str) -> None:
    assert answer(api, "GET", path, query_string={"cursor": cursor}) == 400


@often
@given(place=json_values | some.fixed_dictionaries({"score": some.integers(), "member": some.text()}))
@example(place={"score": 10**400, "member": ""})
@example(place={"number": 2**70})
@example(place={"number": -5})
def test_forged_cursors_show_nothing_that_the_list_does_not(api: Caller, place: Any) -> None:
    """The check in a cursor keeps no secret: whoever makes a right one gets a page, or is refused."""
    for name, path in {
        "contacts": "/contacts",
        "open conversations": "/conversations",
        f"timeline of {SUSAN_ID}": of(suffix="/timeline"),
        f"conversations of {SUSAN_ID}": of(suffix="/conversations"),
    }.items():
        query = (pagination(name, "", place).next or "?").removeprefix("?")
        assert answer(api, "GET", path, query_string=query) in (200, 400)


@often
@given(body=bodies, suffix=some.sampled_from(CHANGES))
def test_hostile_bodies_are_refused_or_understood(api: Caller, body: dict[str, Any], suffix: str) -> None:
    sent = json.dumps(body).encode()
    assert answer(api, "POST", of(suffix=suffix), data=sent) in (200, 201, 202, 400, 404, 409)


@often
@given(body=bodies, method_and_suffix=some.sampled_from([("PATCH", ""), ("DELETE", "/tags")]))
@example(body={"fields": {"\ud800": 1}}, method_and_suffix=("PATCH", ""))
@example(body={"tags": ["\ud800"]}, method_and_suffix=("DELETE", "/tags"))
def test_so_are_those_of_other_methods(api: Caller, body: dict[str, Any], method_and_suffix: tuple[str, str]) -> None:
    method, suffix = method_and_suffix
    assert answer(api, method, of(suffix=suffix), data=json.dumps(body).encode()) in (200, 400)


@often
@given(raw=some.binary(), suffix=some.sampled_from(CHANGES))
def test_bodies_that_are_no_json_are_refused(api: Caller, raw: bytes, suffix: str) -> None:
    assert answer(api, "POST", of(suffix=suffix), data=raw) == 400


@often
@given(name=some.sampled_from(["limit", "cursor", "after", "last", "status"]), value=some.text())
def test_hostile_queries_are_refused_or_understood(api: Caller, name: str, value: str) -> None:
    for path in ("/contacts", "/conversations", of(suffix="/timeline"), of(suffix="/conversations")):
        assert answer(api, "GET", path, query_string={name: value}) in (200, 400)
