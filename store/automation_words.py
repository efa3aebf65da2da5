"""How automations, and what they are about with a contact, are written in Redis and read back."""

from dataclasses import replace
from typing import Any

import msgspec

from domain.automation_runs import RunRecord
from domain.automations import NO_RUNS, Automation, RunState
from domain.definitions import read_definition, write_definition
from domain.errors import BadPayload

_OWN = ("id", "is_active", "active_since_ms", "created_at_ms", "position")


def encode_automation(automation: Automation) -> str:
    """Return an automation as it is stored: its definition, and what is not part of that."""
    own = {name: getattr(automation, name) for name in _OWN}
    return msgspec.json.encode({**own, "definition": write_definition(automation)}).decode()


def decode_automation(stored: str) -> Automation:
    """Read a stored automation. Raises BadPayload for one that cannot be read."""
    try:
        record = msgspec.json.decode(stored, type=dict[str, Any])
        own = {name: record[name] for name in _OWN}
        definition = record["definition"]
    except (ValueError, KeyError) as error:
        raise BadPayload("an automation cannot be read") from error
    return replace(read_definition(definition), **own)


def encode_state(state: RunState) -> str:
    """Return what is kept in the contact's hash; empty when there is nothing to keep."""
    return "" if state == NO_RUNS else msgspec.json.encode(_filled(state)).decode()


def decode_state(stored: str) -> RunState:
    """Read it back."""
    return msgspec.json.decode(stored, type=RunState)


def encode_record(record: RunRecord) -> str:
    """Return a record as it stands in a history. A contact's id is in it once, so that it is found by it."""
    return msgspec.json.encode(record).decode()


def decode_record(stored: str) -> RunRecord:
    """Read it back."""
    return msgspec.json.decode(stored, type=RunRecord)


def _filled(state: RunState) -> dict[str, Any]:
    """A contact keeps only what says something."""
    named = {name: getattr(state, name) for name in RunState.__slots__}
    return {name: value for name, value in named.items() if value != getattr(NO_RUNS, name)}
