from typing import Any

import pytest

from channels.bodies import as_degrees, as_id, as_ms, as_url, fingerprint, read_object
from domain.errors import BadPayload


@pytest.mark.parametrize(
    ("given", "ms"),
    [
        (1_767_225_600_123, 1_767_225_600_123),
        ("1767225600123", 1_767_225_600_123),
        (1_767_225_600, 1_767_225_600_000),
        ("1767225600", 1_767_225_600_000),
        (1_767_225_600_123.0, 1_767_225_600_123),
        (0, None),
        (-5, None),
        (True, None),
        (None, None),
        ("soon", None),
        ("٣" * 13, None),
        (10**30, None),
        ("9" * 10_000, None),
        (4_977_069_964_384_421_269, None),
    ],
)
def test_times_are_milliseconds_and_absurd_ones_are_none(given: Any, ms: int | None) -> None:
    assert as_ms(given) == ms


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("m_1", "m_1"),
        (7700000000000101, "7700000000000101"),
        ("x" * 512, "x" * 512),
        ("x" * 513, ""),
        ("a\nb", ""),
        ("a\ud800", ""),
        (True, ""),
        (1.5, ""),
        (10**50, ""),
        (None, ""),
        ({}, ""),
    ],
)
def test_an_id_is_short_and_printable_or_nothing(given: Any, read: str) -> None:
    assert as_id(given) == read


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://cdn.example.com/a?b=c", "https://cdn.example.com/a?b=c"),
        ("HTTP://cdn.example.com", "HTTP://cdn.example.com"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://a b", ""),
        ("https://" + "x" * 5000, ""),
        (7, ""),
        (None, ""),
    ],
)
def test_only_web_addresses_are_addresses(given: Any, read: str) -> None:
    assert as_url(given) == read


@pytest.mark.parametrize(("given", "read"), [(42.5, 42.5), (-90, -90.0), (90.1, None), (True, None), ("42", None)])
def test_degrees_are_numbers_within_their_limit(given: Any, read: float | None) -> None:
    assert as_degrees(given, 90) == read


def test_a_byte_order_mark_and_bytes_that_are_no_utf8_do_not_cost_the_body() -> None:
    assert read_object(b'\xef\xbb\xbf{"a": "\xff!"}') == {"a": "\ufffd!"}


def test_the_message_of_a_bad_payload_does_not_quote_the_body() -> None:
    with pytest.raises(BadPayload) as caught:
        read_object(b'{"text": my secret}')
    assert "secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_fingerprints_tell_where_one_part_ends() -> None:
    assert fingerprint("a", "bc") == fingerprint("a", "bc")
    assert len({fingerprint("a", "bc"), fingerprint("ab", "c"), fingerprint("abc"), fingerprint("a", "b", "c")}) == 4


def test_a_latitude_of_four_hundred_digits_is_none() -> None:
    assert as_degrees(10**400, 90) is None and as_degrees(float("nan"), 90) is None and as_degrees(42, 90) == 42.0
