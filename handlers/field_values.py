"""What a contact's custom field may hold, by the field's kind."""

import re
from datetime import date, time
from urllib.parse import urlsplit

from domain.errors import BadPayload
from domain.search_terms import normalize_phone
from domain.setting_lists import CustomField, FieldKind
from domain.texts import clean

FIELD_CHARS = 1_000
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9]{4,23}")
_WANTED = {
    FieldKind.TEXT: f"at most {FIELD_CHARS:,} characters.",
    FieldKind.LIST: "choose one of the list.",
    FieldKind.CHECKBOX: "yes or nothing.",
    FieldKind.NUMBER: "write a number, for example 12 or -0.5.",
    FieldKind.EMAIL: "an email address looks like name@example.com.",
    FieldKind.URL: "a web address begins with https:// or http://.",
    FieldKind.DATE: "write a day as 2026-11-22.",
    FieldKind.TIME: "write a time as 15:04.",
    FieldKind.PHONE: "a phone number has 4 to 23 digits, and may begin with +.",
}


def read_field(field: CustomField, text: str) -> str:
    """Return what is kept when somebody gives `text` for a field; empty clears it. Raises BadPayload."""
    value = clean(text).strip()
    if not value:
        return ""
    kept = _read(field, value) if len(value) <= FIELD_CHARS else None
    if kept is None:
        raise BadPayload(f"{field.name}: {_WANTED[field.kind]}")
    return kept


def _read(field: CustomField, value: str) -> str | None:
    try:
        match field.kind:
            case FieldKind.TEXT:
                return value
            case FieldKind.LIST:
                return value if value in field.options else None
            case FieldKind.CHECKBOX:
                return value if value == "yes" else None
            case FieldKind.NUMBER:
                return value if _NUMBER.fullmatch(value) else None
            case FieldKind.EMAIL:
                return value if _EMAIL.fullmatch(value) else None
            case FieldKind.PHONE:
                phone = normalize_phone(value)
                return phone if _PHONE.fullmatch(phone) else None
            case FieldKind.URL:
                parts = urlsplit(value)
                is_address = parts.scheme in ("http", "https") and parts.hostname and value.split() == [value]
                return value if is_address else None
            case FieldKind.DATE:
                return date.fromisoformat(value).isoformat()
            case FieldKind.TIME:
                return time.fromisoformat(value).isoformat("minutes") if value[2:3] == ":" else None
    except ValueError:
        return None
