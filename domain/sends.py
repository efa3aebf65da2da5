"""The tag by which we know our own sends again when a platform echoes them."""

import re
from typing import NamedTuple

_TAG = re.compile(r"md:([a-z2-7]{24}):([0-9]{1,12}):([A-Za-z0-9_-]{8,32})")


class SendTag(NamedTuple):
    """One attempt to send one entry: contact id, entry number on its timeline, and a random nonce."""

    contact: str
    entry: int
    nonce: str

    def __str__(self) -> str:
        return f"md:{self.contact}:{self.entry}:{self.nonce}"

    @classmethod
    def parse(cls, text: str) -> "SendTag | None":
        """Read a tag; None when `text` is not one (somebody else's metadata)."""
        match = _TAG.fullmatch(text)
        return cls(match[1], int(match[2]), match[3]) if match else None
