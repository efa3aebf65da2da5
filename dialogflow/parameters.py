"""What an intent's parameters tell the platform to do, and what of them is kept.

The names are respond.io's convention: an author writes them under "Action and parameters" of an intent.
Source: help.respond.io, "Dialogflow: Parameters", read 2026-11-22.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from domain.answers import Commands
from domain.texts import clean, head

MARK_DONE = "RB_MARKDONE"
BOT_STATUS = "RB_BOTSTATUS"
NOTIFY = "RB_NOTIFY"

MAX_NOTIFY_CHARS = 500
MAX_KEPT_BYTES = 4096
_MAX_DEPTH = 8
_MAX_EXACT = 2**53  # a protobuf Struct holds doubles: larger whole numbers have lost digits already
_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def read_commands(parameters: Mapping[str, object], all_required_present: bool) -> Commands:
    """Read the RB_ parameters of one turn; None where it does not say.

    A constant of the console arrives as a string ("true"), one that is not filled as "". Values may also be
    booleans, numbers or a list of one. Nothing counts while slot filling still runs (all_required_present false).
    Give only the turn's own `queryResult.parameters`: contexts repeat them in later turns.
    Source: QueryResult in google-cloud-dialogflow 2.54.0, read 2026-11-22.
    """
    if not all_required_present:
        return Commands()
    return Commands(
        mark_done=_read_truth(parameters.get(MARK_DONE)),
        bot_status=_read_truth(parameters.get(BOT_STATUS)),
        notify=_read_text(parameters.get(NOTIFY)),
    )


def keep_small(parameters: Mapping[str, object]) -> dict[str, Any]:
    """Return the parameters as plain JSON for the timeline; {} when they take more than 4 KB or nest deeply."""
    try:
        kept = {clean(name): _plain(value, _MAX_DEPTH) for name, value in parameters.items()}
    except ValueError:
        return {}
    return kept if len(json.dumps(kept, ensure_ascii=False).encode()) <= MAX_KEPT_BYTES else {}


def _read_truth(value: object) -> bool | None:
    match _unwrap(value):
        case bool() as truth:
            return truth
        case int() | float() as number:
            return bool(number) if number in (0, 1) else None
        case str() as text:
            return _WORDS.get(text.strip().lower())
        case _:
            return None


def _read_text(value: object) -> str | None:
    text = _unwrap(value)
    if not isinstance(text, str):
        return None
    return head(" ".join(clean(text).split()), MAX_NOTIFY_CHARS) or None


def _unwrap(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _plain(value: object, depth: int) -> Any:
    """Raises ValueError below `depth`."""
    if depth == 0:
        raise ValueError("nested too deeply")
    match value:
        case bool() | None:
            return value
        case int():
            return value if abs(value) <= _MAX_EXACT else str(value)
        case float():
            is_whole = math.isfinite(value) and value.is_integer() and abs(value) <= _MAX_EXACT
            return int(value) if is_whole else value if math.isfinite(value) else None
        case str():
            return clean(value)
        case Mapping():
            return {clean(str(name)): _plain(inner, depth - 1) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner, depth - 1) for inner in value]
        case _:
            raise ValueError("not JSON")
