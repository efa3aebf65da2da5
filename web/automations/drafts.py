"""An automation while it is edited: what was typed so far, complete or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.automation_parts import MATCH, ValueKind
from domain.automation_subjects import WITHOUT_VALUE, subject_of
from domain.automations import StepKind, TriggerKind

#: Values that are several texts.
SEVERAL = frozenset(
    {
        *(ValueKind.LINES, ValueKind.TAGS, ValueKind.CHOICES, ValueKind.CHANNELS),
        *(ValueKind.CATEGORIES, ValueKind.USERS, ValueKind.FIELDS),
    }
)


#: Values that mean something only where another one, by its name, is one of these.
_NEEDS = {
    "user": ("to", frozenset({"user"})),
    "texts": ("match", frozenset(MATCH) - {"any"}),
}
#: On these others depend.
DECIDING = frozenset(name for name, _ in _NEEDS.values())


@dataclass(slots=True)
class Length:
    """A length of time as it was typed: a number, and the minutes of its unit."""

    number: str = ""
    unit: int = 1


@dataclass(slots=True)
class Row:
    """One condition. value: a list where its subject takes several."""

    subject: str = ""
    operator: str = ""
    value: str | list[str] = ""

    @property
    def kind(self) -> ValueKind | None:
        """What its value is; None for a subject without one."""
        found = subject_of(self.subject)
        return found.value if found else None

    @property
    def takes_value(self) -> bool:
        """Whether its operator asks for a value."""
        return self.kind is not None and self.operator not in WITHOUT_VALUE


@dataclass(slots=True)
class Kept:
    """Conditions that stand deeper than the form shows; they stay as they are."""

    definition: Any


@dataclass(slots=True)
class Rows:
    """Conditions that stand together."""

    is_any: bool = False
    members: list["Row | Rows | Kept"] = field(default_factory=list)


@dataclass(slots=True)
class StepDraft:
    """One step. id: empty for one that has none yet."""

    id: str
    kind: StepKind
    values: dict[str, Any] = field(default_factory=dict)
    only_if: Rows = field(default_factory=Rows)


@dataclass(slots=True, kw_only=True)
class Draft:
    """The whole of it. trigger: None until one is chosen. last_step: the highest number that a step's id ever had."""

    name: str = ""
    description: str = ""
    once: str = ""
    trigger: TriggerKind | None = None
    values: dict[str, Any] = field(default_factory=dict)
    conditions: Rows = field(default_factory=Rows)
    steps: list[StepDraft] = field(default_factory=list)
    last_step: int = 0


def is_asked_for(name: str, values: Mapping[str, Any]) -> bool:
    """Tell whether a value means anything beside the others: only one user has a name, any message has no words."""
    needs = _NEEDS.get(name)
    return needs is None or values.get(needs[0]) in needs[1]
