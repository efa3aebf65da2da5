"""The Lua scripts: each file beside this one is one transition, made whole with the shared parts that it names."""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

LUA = Path(__file__).parent / "lua"
_INCLUDE = re.compile(r"^-- include: (.+)\n", re.MULTILINE)


class Script(NamedTuple):
    """A script as the server gets it."""

    name: str
    body: str
    sha: str


@cache
def load_scripts() -> dict[str, Script]:
    """Return every script by its name (`receive`, `commit`, …)."""
    return {path.stem: _build(path) for path in sorted(LUA.glob("*.lua"))}


def _build(path: Path) -> Script:
    body = _INCLUDE.sub(_shared_parts, path.read_text())
    return Script(path.stem, body, hashlib.sha1(body.encode(), usedforsecurity=False).hexdigest())


def _shared_parts(include: re.Match[str]) -> str:
    return "".join((LUA / "shared" / f"{name}.lua").read_text() for name in include[1].split(", "))
