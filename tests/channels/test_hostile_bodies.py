"""Whatever JSON stands in a signed body: it is read, or the whole of it is a BadPayload, and nothing else is raised."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.base import Channel
from domain.errors import BadPayload
from domain.events import AccountNotice, Event, Unknown
from tests.channels.contract import fixture, fixtures
from tests.channels.test_facebook import PAGE, facebook
from tests.channels.test_viber import viber

CHANNELS: list[Channel] = [facebook(), viber()]
# Unlike st.text() on its own, with lone surrogates.
_text = st.text(st.characters(exclude_categories=()), max_size=20)
_leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _text
ANY_JSON = st.recursive(_leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3))
# Random objects hardly ever say that they come from a page, or which event they are.
EXTRA = {"facebook": {"object": "page"}, "viber": {"event": "message"}}

by_channel = pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.kind)


@by_channel
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=ANY_JSON)
def test_random_json_is_read_or_is_a_bad_payload(channel: Channel, value: Any) -> None:
    parse_or_refuse(channel, value)
    parse_or_refuse(channel, {**EXTRA[channel.kind], "entry": [{"id": PAGE, "messaging": [value]}], "sender": value})
    parse_or_refuse(channel, {**EXTRA[channel.kind], "entry": value, "sender": {"id": "x"}, "message": value})


@by_channel
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_body_with_something_else_in_it_is_read_or_is_a_bad_payload(channel: Channel, data: st.DataObject) -> None:
    body = json.loads(fixture(channel.kind, data.draw(st.sampled_from(fixtures(channel.kind)))))
    for _ in range(data.draw(st.integers(1, 3))):
        mutate(data, body)
    parse_or_refuse(channel, body)


def mutate(data: st.DataObject, body: Any) -> None:
    """Replace or drop something somewhere in `body`."""
    while isinstance(body, dict | list) and body:
        key = data.draw(st.sampled_from(list(body) if isinstance(body, dict) else range(len(body))))
        if data.draw(st.booleans()) and isinstance(body[key], dict | list):
            body = body[key]
        elif data.draw(st.booleans()):
            del body[key]
            return
        else:
            body[key] = data.draw(ANY_JSON)
            return


def parse_or_refuse(channel: Channel, value: Any) -> None:
    try:
        events = channel.parse(json.dumps(value).encode())
    except BadPayload:
        return
    for event in events:
        assert isinstance(event, Event | AccountNotice | Unknown)
        if isinstance(event, Event):
            assert event.identity.contact_ref
            assert event.native_id
        repr(event).encode()  # no lone surrogate is left in any text
