"""What comes or goes with a message beside its text, and which addresses of it may be linked."""

import re
from typing import Any, NamedTuple
from urllib.parse import urlencode

_ADDRESS = re.compile(r"(https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'])")
_ICONS = {"sticker": "smile", "link": "link", "location": "place"}


class Piece(NamedTuple):
    """Something that came or went with a message. url: safe to be linked, or empty."""

    icon: str
    label: str
    url: str


def piece_of(data: dict[str, Any]) -> Piece:
    """Return what is shown of an attachment or a file of ours."""
    kind, name, url = str(data.get("kind", "file")), str(data.get("name", "")), safe_url(str(data.get("url", "")))
    if kind == "location" and data.get("latitude") is not None and data.get("longitude") is not None:
        at = f"{float(data['latitude']):.5f}, {float(data['longitude']):.5f}"
        map_url = "https://www.openstreetmap.org/?" + urlencode({"query": at})
        return Piece("place", f"{name + ' · ' if name else ''}{at}", map_url)
    if kind == "contact":
        return Piece("person", " · ".join(filter(None, (name, str(data.get("phone", ""))))) or "A contact", "")
    label = name or (url if kind == "link" else kind.capitalize())
    return Piece(_ICONS.get(kind, "file"), label, url)


def safe_url(url: str) -> str:
    """Return an address that may be linked, else nothing."""
    return url if re.match(r"https?://[^\s]+$", url, re.IGNORECASE) else ""


def split_links(text: str) -> list[tuple[bool, str]]:
    """Part a text into web addresses, which may be linked, and what stands between them."""
    parts = _ADDRESS.split(text)
    return [(i % 2 == 1, part) for i, part in enumerate(parts) if part]
