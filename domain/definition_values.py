"""Reading the values of a definition: what each kind may hold."""

import unicodedata
from collections.abc import Callable
from typing import Any

from domain import definition_references as references
from domain.automation_parts import MAX_LINE_CHARS, MAX_TEXT_CHARS, MAX_URL_CHARS, MOST_MINUTES, MOST_VALUES, ValueKind
from domain.definition_references import Rules
from domain.definition_spots import Spot

_Reader = Callable[[Spot, str, Rules], str | None]


def read_value(spot: Spot, kind: ValueKind, data: object, rules: Rules) -> Any:
    """Return a value as it is kept, empty when it says nothing; None when it cannot be, which is noted then."""
    if kind is ValueKind.MINUTES:
        return _minutes(spot, data)
    if kind is ValueKind.TEXT:
        return read_text(spot, data)
    if kind in _LISTS:
        return _list(spot, data, _LISTS[kind], rules)
    line = read_line(spot, data, MAX_URL_CHARS if kind is ValueKind.URL else MAX_LINE_CHARS)
    return _SINGLE[kind](spot, line, rules) if line else line


def read_line(spot: Spot, data: object, most_chars: int = MAX_LINE_CHARS) -> str | None:
    """Return one line of text without the space around it; None when it is none, which is noted then."""
    if not isinstance(data, str):
        spot.complain("this has to be a text, written in quotation marks.")
        return None
    line = data.strip()
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in line[: most_chars + 1]):
        spot.complain("keep it on one line, without control characters.")
        return None
    return _fitting(spot, line, most_chars)


def read_text(spot: Spot, data: object) -> str | None:
    """Return text of several lines without the space around it; None when it is none, which is noted then."""
    if not isinstance(data, str):
        spot.complain("this has to be a text, written in quotation marks.")
        return None
    text = data.replace("\r\n", "\n").strip()
    head = text[: MAX_TEXT_CHARS + 1]
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in head):
        spot.complain("control characters cannot be sent.")
        return None
    return _fitting(spot, text, MAX_TEXT_CHARS)


def _fitting(spot: Spot, text: str, most_chars: int) -> str | None:
    if len(text) > most_chars:
        spot.complain(f"at most {most_chars:,} characters; this has {len(text):,}.")
        return None
    return text


def _minutes(spot: Spot, data: object) -> int | None:
    if not isinstance(data, int) or isinstance(data, bool) or not 1 <= data <= MOST_MINUTES:
        spot.complain(f"a whole number of minutes, from 1 to {MOST_MINUTES:,} (30 days).")
        return None
    return data


def _list(spot: Spot, data: object, read: _Reader, rules: Rules) -> tuple[str, ...] | None:
    if not isinstance(data, list):
        spot.complain("this has to be a list of texts, written in square brackets.")
        return None
    if len(data) > MOST_VALUES:
        spot.complain(f"at most {MOST_VALUES}; these are {len(data):,}.")
        return None
    before = len(spot.problems)
    found = []
    for item in data:
        line = read_line(spot, item)
        if line == "":
            spot.complain("one of the list is empty; take it away.")
        found.append(read(spot, line, rules) if line else None)
    return tuple(dict.fromkeys(one for one in found if one)) if len(spot.problems) == before else None


_SINGLE: dict[ValueKind, _Reader] = {
    ValueKind.LINE: references.check_line,
    ValueKind.CHOICE: references.check_choice,
    ValueKind.CATEGORY: references.check_category,
    ValueKind.USER: references.check_user,
    ValueKind.FIELD: references.check_field,
    ValueKind.URL: references.check_url,
}
_LISTS: dict[ValueKind, _Reader] = {
    ValueKind.LINES: references.check_line,
    ValueKind.TAGS: references.check_tag,
    ValueKind.CHOICES: references.check_choice,
    ValueKind.CHANNELS: references.check_channel,
    ValueKind.CATEGORIES: references.check_category,
    ValueKind.USERS: references.check_user,
    ValueKind.FIELDS: references.check_field,
}
