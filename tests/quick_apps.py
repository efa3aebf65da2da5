"""Makes the thousand applications of the tests in half the time: what is the same in each is made once.

Nothing of ours is replaced: templates are compiled once for all applications, and the code that builds an address from
its rule only when somebody asks for that address.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Compiled(BytecodeCache):
    """Templates as they were compiled before, known by their source."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if found := self._known.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def make_applications_quickly() -> None:
    """Call it once, before the first application is made."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}
    Rule._compile_builder = _when_asked(Rule._compile_builder)  # type: ignore[method-assign]


def _when_asked(compile_builder: Callable[..., Callable[..., Any]]) -> Callable[..., Any]:
    def compile_later(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        made: list[Callable[..., Any]] = []

        def build(self: Rule, /, **values: Any) -> Any:
            if not made:
                made.append(compile_builder(rule, append_unknown))
            return made[0](self, **values)

        return build

    return compile_later
