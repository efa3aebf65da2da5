"""What custom fields take, and in which form it is kept."""

import pytest

from domain.errors import BadPayload
from domain.setting_lists import CustomField, FieldKind
from handlers.field_values import read_field


def field(kind: FieldKind) -> CustomField:
    return CustomField(id="F", name="Field", kind=kind, options=("red", "blue") if kind is FieldKind.LIST else ())


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        (FieldKind.TEXT, " any\u0007 text ", "any text"),
        (FieldKind.LIST, "red", "red"),
        (FieldKind.CHECKBOX, "yes", "yes"),
        (FieldKind.NUMBER, "-12.50", "-12.50"),
        (FieldKind.EMAIL, "a@example.com", "a@example.com"),
        (FieldKind.PHONE, "00359 88-1", "+359881"),
        (FieldKind.URL, "https://example.com/a?b=c", "https://example.com/a?b=c"),
        (FieldKind.DATE, "2026-11-22", "2026-11-22"),
        (FieldKind.TIME, "07:05:30", "07:05"),
    ],
)
def test_a_value_of_the_fields_kind_is_kept(kind: FieldKind, text: str, kept: str) -> None:
    assert read_field(field(kind), text) == kept


@pytest.mark.parametrize("kind", list(FieldKind))
def test_nothing_clears_every_field(kind: FieldKind) -> None:
    assert read_field(field(kind), " \u0000") == ""


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (FieldKind.TEXT, "x" * 1001),
        (FieldKind.LIST, "green"),
        (FieldKind.CHECKBOX, "no"),
        *((FieldKind.NUMBER, text) for text in ("nan", "inf", "1e5", "1_000", "٣", "0x1", "1.", "--1")),
        *((FieldKind.EMAIL, text) for text in ("a", "a@b", "a b@example.com", "a@b@example.com")),
        *((FieldKind.PHONE, text) for text in ("123", "++12345", "12a45", "٣٣٣٣٣")),
        *(
            (FieldKind.URL, text)
            for text in ("javascript:alert(1)", "example.com", "https://", "https://[x", "ftp://a")
        ),
        *((FieldKind.DATE, text) for text in ("22.11.2026", "2026-02-30", "today")),
        *((FieldKind.TIME, text) for text in ("25:00", "7:05", "noon", "0705")),
    ],
)
def test_what_is_of_another_kind_is_refused_with_the_fields_name(kind: FieldKind, text: str) -> None:
    with pytest.raises(BadPayload, match=r"^Field: "):
        read_field(field(kind), text)
