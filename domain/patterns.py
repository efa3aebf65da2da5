"""Regular expressions of automations: no text makes one slow. RE2's way of writing them, upper and lower case alike."""

from functools import lru_cache
from typing import Any

import re2

from domain.texts import clean

#: What one expression may take; bigger ones are refused when they are written.
MAX_PATTERN_BYTES = 1024 * 1024
_CACHED = 256


def check_pattern(text: str) -> str:
    """Return why `text` is no regular expression that can be used, in words for people; empty when it is one."""
    try:
        _compiled(text)
    except UnicodeError:
        return "it holds characters that cannot be."
    except re2.error as error:
        return f"it cannot be used ({_reason(error)}). Look-around and back-references are not available."
    return ""


def matches(pattern: str, text: str) -> bool:
    """Tell whether the expression is found somewhere in `text`, in time that grows with its length only.

    One that check_pattern would refuse is found nowhere.
    """
    try:
        return _compiled(pattern).search(clean(text)) is not None
    except (re2.error, UnicodeError):
        return False


@lru_cache(maxsize=_CACHED)
def _compiled(text: str) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = MAX_PATTERN_BYTES
    return re2.compile(text, options)


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    # Behind the colon stands the expression itself, which whoever wrote it sees anyway.
    return words.partition(":")[0] or "it is not understood"
