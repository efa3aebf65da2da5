"""Small rules about text that every channel shares."""

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """Drop control characters and lone surrogates, which neither JSON nor a page can carry."""
    return _UNPRINTABLE.sub("", text)


def split_text(text: str, limit_chars: int) -> list[str]:
    """Cut `text` into pieces of at most `limit_chars`, at white space where there is some.

    No character other than the white space at a cut is lost; white space alone gives no piece.
    """
    pieces = []
    rest = text.strip()
    while len(rest) > limit_chars:
        cut = _last_space(rest, limit_chars)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def head(text: str, limit_chars: int) -> str:
    """Return the first `limit_chars` characters of `text`, cut at white space where there is some."""
    text = text.strip()
    return text if len(text) <= limit_chars else text[: _last_space(text, limit_chars)].rstrip()


def _last_space(text: str, limit_chars: int) -> int:
    spaces = [match.start() for match in re.finditer(r"\s", text[: limit_chars + 1])]
    return spaces[-1] if spaces and spaces[-1] > 0 else limit_chars
