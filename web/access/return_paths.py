"""Where to go after the log-in: a page of ours, whatever the address says."""

import re
from urllib.parse import unquote, urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException

HOME = "/"
_MAX_CHARS = 2000
_PRINTABLE = re.compile(r"[\x21-\x7e]*")
_PLAIN = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")  # one slash first; no backslash, space or control character
_DECODINGS = 3


def safe_path(wanted: str) -> str:
    """Return the path if it is one of our own pages that can be got, else the first page."""
    if len(wanted) > _MAX_CHARS or not _PRINTABLE.fullmatch(wanted) or not _is_plain(wanted):
        return HOME
    try:
        endpoint, _ = current_app.url_map.bind("localhost").match(urlsplit(wanted).path, method="GET")
    except HTTPException:
        return HOME
    return HOME if endpoint in ("access.login", "access.link") else wanted


def _is_plain(wanted: str) -> bool:
    """Also when somebody decodes it once more on the way."""
    for _ in range(_DECODINGS):
        path = wanted.partition("?")[0]
        if not _PLAIN.fullmatch(path):
            return False
        wanted = unquote(wanted)
    return True
