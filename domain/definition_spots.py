"""Where in a definition something is wrong, for programs and in words."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

_SHOWN_CHARS = 40
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that cannot be. where: `steps.2.text`, positions from 0; message: for people, names the place."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a definition that is being read. problems: of the whole definition, in order."""

    problems: list[Problem]
    where: str = ""
    words: str = ""

    def under(self, name: str, words: str) -> "Spot":
        """Return a place within this one. words: all of them, those of this one included."""
        return Spot(self.problems, f"{self.where}.{name}" if self.where else name, words)

    def value(self, name: str, label: str) -> "Spot":
        """Return the place of one value of this one."""
        return self.under(name, f"{self.words}: {label}" if self.words else label)

    def complain(self, message: str) -> None:
        """Note what is wrong here."""
        self.problems.append(Problem(self.where, f"{self.words}: {message}"))


def shown(text: object) -> str:
    """Return something of a definition as a message may show it."""
    words = text if isinstance(text, str) else type(text).__name__
    return f"“{''.join(letter if letter.isprintable() else '?' for letter in words[:_SHOWN_CHARS])}”"


def read_object(spot: Spot, data: object, names: Collection[str]) -> dict[str, Any] | None:
    """Return what an object says under these names, and complain about others; None when it is no object."""
    if not isinstance(data, dict):
        spot.complain("this has to be an object, written in braces.")
        return None
    if unknown := [name for name in data if name not in names]:
        named = ", ".join(shown(name) for name in unknown[:_MOST_NAMED])
        spot.complain(f"{named} cannot be said here; what can: {', '.join(names)}.")
    return {name: data[name] for name in names if name in data}


def size_of(definition: dict[str, Any]) -> int:
    """Return how many bytes a definition takes as JSON."""
    return len(json.dumps(definition, ensure_ascii=False, separators=(",", ":")).encode())
