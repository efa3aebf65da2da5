"""The lists that people keep in Settings: closing categories, canned replies, custom fields; what each may hold."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

MAX_ITEMS = 200
MAX_NAME_CHARS = 60
MAX_DESCRIPTION_CHARS = 200
MAX_REPLY_CHARS = 2000
MAX_OPTIONS = 100
#: What the profile itself has, by the names that agents written for this kind of platform use: RB_FIELD_EMAIL.
PROFILE_IDS = frozenset({"FIRSTNAME", "LASTNAME", "FULLNAME", "EMAIL", "PHONE", "LANGUAGE"})
_ITEM_ID = re.compile(r"[a-z0-9]{1,32}")
_FIELD_ID = re.compile(r"[A-Z0-9][A-Z0-9_]{0,59}")
_NOT_ID = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingCategory:
    """Why conversations are closed. One that is not active is not offered any more; old notes keep its name."""

    id: str
    name: str
    description: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedReply:
    """A text that users send often; {{…}} in it is filled in for each contact (see handlers/canned.py)."""

    id: str
    name: str
    text: str


class FieldKind(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    LIST = "list"
    CHECKBOX = "checkbox"
    NUMBER = "number"
    EMAIL = "email"
    URL = "url"
    DATE = "date"
    TIME = "time"
    PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField:
    """Something to know about contacts. The id is what programs and canned replies call it; it never changes."""

    id: str
    name: str
    kind: FieldKind = FieldKind.TEXT
    options: tuple[str, ...] = ()  # of a LIST


Item = ClosingCategory | CannedReply | CustomField


def check_item(item: Item) -> str:
    """Return what is wrong with one item of a list, in a sentence for people; empty when nothing is."""
    if problem := _check_line(item.name, "Name", MAX_NAME_CHARS):
        return problem
    match item:
        case ClosingCategory():
            return _check_id(item.id) or _check_text(item.description, "Description", MAX_DESCRIPTION_CHARS)
        case CannedReply():
            if not item.text.strip():
                return "Text: write what shall be sent."
            return _check_id(item.id) or _check_text(item.text, "Text", MAX_REPLY_CHARS)
        case CustomField():
            return _check_field(item)


def check_items(items: Collection[Item]) -> str:
    """Return what is wrong with a whole list; empty when nothing is. Names may differ by more than case only."""
    if len(items) > MAX_ITEMS:
        return f"There are {MAX_ITEMS} already; delete one first."
    if len({item.id for item in items}) < len(items):
        return "Two have the same id."
    if len({item.name.casefold() for item in items}) < len(items):
        return "Name: there is one with this name already."
    return next((problem for item in items if (problem := check_item(item))), "")


def field_id(name: str, taken: Collection[str]) -> str:
    """Make the id of a new custom field from its name: `Blood type` is BLOOD_TYPE, or BLOOD_TYPE_2 if that is taken."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    # Room for a number at the end; a name without any Latin letter or digit says nothing.
    stem = _NOT_ID.sub("_", letters).strip("_")[:50].strip("_") or "FIELD"
    used = PROFILE_IDS | set(taken)
    return next(made for n in range(1, len(used) + 2) if (made := stem if n == 1 else f"{stem}_{n}") not in used)


def is_field_id(text: str) -> bool:
    """Tell whether `text` has the shape of a custom field's id."""
    return _FIELD_ID.fullmatch(text) is not None and text not in PROFILE_IDS


def _check_field(field: CustomField) -> str:
    if not is_field_id(field.id):
        return "This cannot be a field's id."
    if (field.kind is FieldKind.LIST) != bool(field.options):
        return "Choices: a list needs at least one; other kinds have none."
    if len(field.options) > MAX_OPTIONS or len(set(field.options)) < len(field.options):
        return f"Choices: at most {MAX_OPTIONS}, each only once."
    return next((problem for option in field.options if (problem := _check_line(option, "Choices", 60))), "")


def _check_id(text: str) -> str:
    return "" if _ITEM_ID.fullmatch(text) else "This cannot be an id."


def _check_line(text: str, label: str, most_chars: int) -> str:
    if not text or text != text.strip():
        return f"{label}: write something, without spaces around it."
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        return f"{label}: keep it on one line."
    return _check_text(text, label, most_chars)


def _check_text(text: str, label: str, most_chars: int) -> str:
    return f"{label}: at most {most_chars} characters; this has {len(text)}." if len(text) > most_chars else ""
