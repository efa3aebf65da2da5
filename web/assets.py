"""Style sheets, scripts and icons: served under /static, each address with a hash of what is in it."""

import hashlib
import mimetypes
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

assets = Blueprint("assets", __name__, template_folder="templates")

FOLDER = Path(__file__).parent / "static"
HTMX = "htmx/htmx.min.js"
#: A module names its neighbours; they too are asked for with their hash, or a browser would keep an old one.
_IMPORT = re.compile(r'((?:from|import) )"\./([\w-]+\.js)"')
_FOREVER = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """A file as it is served."""

    content: bytes
    kind: str
    version: str


@assets.get("/static/<path:name>")
def static(name: str) -> Response:
    """Serve a file; for ever where the address carries its present hash, else to be asked for again."""
    if name not in _names():
        raise NotFound
    asset = load(name)
    response = Response(asset.content, mimetype=asset.kind)
    response.set_etag(asset.version)
    response.headers["Cache-Control"] = _FOREVER if request.args.get("v") == asset.version else "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response.make_conditional(request)  # type: ignore[return-value]


@assets.app_template_global("asset")
def asset_url(name: str) -> str:
    """Return the address of a file in static/, or of htmx."""
    return f"/static/{name}?v={load(name).version}"


@cache
def load(name: str) -> Asset:
    """Read a file once; imports between our modules get the hash of what they name. They form no circle."""
    content = (resources.files("js_lib_htmx") / "static" / HTMX if name == HTMX else FOLDER / name).read_bytes()
    if name.endswith(".js") and name != HTMX:
        content = _IMPORT.sub(lambda found: f'{found[1]}"{asset_url(found[2])}"', content.decode()).encode()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(content, kind, hashlib.sha256(content).hexdigest()[:12])


@cache
def _names() -> frozenset[str]:
    ours = (path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
    return frozenset((HTMX, *ours))
