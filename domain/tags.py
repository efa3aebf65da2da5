"""What a tag may be."""

from domain.errors import BadPayload
from domain.texts import clean

TAG_CHARS = 40


def read_tag(text: str) -> str:
    """Return a tag as it is kept. Raises BadPayload."""
    tag = " ".join(clean(text).split())
    if not tag or len(tag) > TAG_CHARS or "," in tag:
        raise BadPayload(f"A tag has 1 to {TAG_CHARS} characters and no comma.")
    return tag
