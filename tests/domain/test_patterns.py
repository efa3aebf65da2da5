"""Regular expressions of automations."""

import pytest

from domain.patterns import check_pattern, matches


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        (r"order\s*#?\d+", "My ORDER #12 is late", True),
        (r"^order$", "order 12", False),
        ("ПОРЪЧКА", "моята поръчка", True),
        (r"\bстоп\b", "стоп", False),  # \b knows Latin letters only
        ("a.b", "a\nb", False),
        ("x", "", False),
        ("ab", "a\x00b", True),
        ("b", "a\ud800b", True),
    ],
)
def test_an_expression_is_looked_for_anywhere_whatever_the_case(pattern: str, text: str, is_found: bool) -> None:
    assert check_pattern(pattern) == ""
    assert matches(pattern, text) is is_found


@pytest.mark.parametrize("pattern", ["(", "a(?=b)", r"(a)\1", "[z-a]", "a{5000}", "(a{500}){500}", "\ud800", "*"])
def test_what_is_no_expression_is_refused_with_a_reason_and_found_nowhere(pattern: str) -> None:
    assert check_pattern(pattern).endswith(".")
    assert matches(pattern, pattern) is False


def test_no_text_makes_an_expression_slow() -> None:
    # Backtracking would take longer than the universe is old: the test's own time-out would end it.
    assert matches(r"^(a+)+$", "a" * 20_000 + "!") is False
    assert matches(r"(x+x+)+y", "x" * 20_000) is False
