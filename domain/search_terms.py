"""Under which words a contact is found, and how what people type is compared with them."""

import re
import unicodedata

#: Longer names are found by their first words.
NAME_WORDS = 4
TERM_CHARS = 40
_DROPPED = ("Mn", "Me", "Cf")  # accents, and what writes from right to left, joins or hides
_GAPS = re.compile(r"[\s\x00]+")
_NOT_PHONE = re.compile(r"[\s()./-]+")


def normalize(text: str) -> str:
    """Return `text` without case, accents and extra white space, at most TERM_CHARS characters."""
    return fold(text)[:TERM_CHARS].rstrip()


def fold(text: str) -> str:
    """Return the whole of `text` without case, accents, invisible marks and extra white space."""
    # Twice: letters that are only compatible with others (𝐉, ﬁ) have a case of their own.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(letter for letter in decomposed if unicodedata.category(letter) not in _DROPPED)
    return _GAPS.sub(" ", plain).strip()


def normalize_phone(text: str) -> str:
    """Return a phone number without what people put between its digits; 00 in front becomes +."""
    plain = _NOT_PHONE.sub("", text.strip())
    return f"+{plain[2:]}" if plain.startswith("00") else plain


def contact_terms(name: str, phone: str, email: str) -> tuple[str, ...]:
    """Return what the search looks for the beginning of: the name from each of its words on, phone and email."""
    words = normalize(name).split()
    terms = [" ".join(words[i:]) for i in range(min(len(words), NAME_WORDS))]
    terms += [normalize_phone(phone), fold(email)]
    return tuple(dict.fromkeys(term for term in terms if term))
