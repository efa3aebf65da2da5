"""Rules about text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.texts import clean, head, split_text

ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()))
WORDS = st.text(alphabet="ab \n", max_size=200)


def test_control_characters_and_lone_surrogates_are_dropped() -> None:
    assert clean("a\x00b\x07c\x7f\ud83dd") == "abcd"


def test_line_breaks_tabs_and_emoji_stay() -> None:
    assert clean("one\ntwo\tthree\r\n🌷 ž") == "one\ntwo\tthree\r\n🌷 ž"


@given(ANY_TEXT)
def test_clean_text_can_be_written_and_is_not_cleaned_further(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned


def test_a_short_text_is_one_piece() -> None:
    assert split_text("  Good morning.  ", 20) == ["Good morning."]


def test_a_long_text_is_cut_between_words() -> None:
    assert split_text("red roses and white tulips", 10) == ["red roses", "and white", "tulips"]


def test_a_word_that_fits_exactly_is_not_cut() -> None:
    assert split_text("0123456789 abc", 10) == ["0123456789", "abc"]


def test_a_word_longer_than_the_limit_is_cut_within() -> None:
    assert split_text("0123456789abc", 10) == ["0123456789", "abc"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_white_space_alone_gives_no_piece(text: str) -> None:
    assert split_text(text, 10) == []
    assert head(text, 10) == ""


@given(WORDS, st.integers(min_value=1, max_value=20))
def test_no_piece_is_empty_or_too_long_and_only_white_space_is_lost(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(WORDS, st.integers(min_value=1, max_value=20))
def test_the_head_is_the_first_piece(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert head(text, limit) == (pieces[0] if pieces else "")
