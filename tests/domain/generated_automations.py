"""Automations as hypothesis makes them up: each of them can be, in every kind of trigger, condition and step."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from domain.automation_parts import MOST_MINUTES, STEPS, TRIGGERS, Part, Value, ValueKind
from domain.automation_subjects import FIELD_SUBJECT, SUBJECTS, WITHOUT_VALUE, Subject
from domain.automations import Automation, Condition, Group, Once, Step, StepKind, Trigger, TriggerKind
from domain.definitions import Known

USERS = ("u1", "u2")
FIELDS = ("SIZE", "BLOOD_TYPE")
CHANNELS = ("facebook:1234567890", "viber:shop")
CATEGORIES = ("Order", "Оплакване")
#: All that the generated ones refer to.
KNOWN = Known(
    users=frozenset(USERS), fields=frozenset(FIELDS), channels=frozenset(CHANNELS), categories=frozenset(CATEGORIES)
)

_WORDS = st.text("abcXYZ 0129äßЖ👋🏽{}().,!", min_size=1, max_size=20).map(str.strip).filter(bool)
_TEXTS = st.lists(_WORDS, min_size=1, max_size=3).map("\n".join)
_PATTERNS = st.sampled_from([r"order\s*#?\d+", "hello|здравей", "^stop$", r"\pL{3}"])
_NUMBERS = st.sampled_from(["0", "3", "12.5", "-7", "+4"])
_TAGS = st.text("abcXYZ012Ж👋", min_size=1, max_size=40)


def automations() -> SearchStrategy[Automation]:
    """Automations as definitions give them: without an id, not active. All that they refer to is in KNOWN."""
    return st.builds(
        Automation,
        id=st.just(""),
        name=_WORDS,
        description=st.just("") | _TEXTS,
        once=st.sampled_from(Once),
        trigger=triggers(),
        conditions=groups(),
        steps=st.lists(st.tuples(st.sampled_from(StepKind).flatmap(_step_values), groups(1)), min_size=1, max_size=6)
        .map(lambda made: [_step(number, *one) for number, one in enumerate(made, 1)])
        .map(tuple),
    )


def triggers() -> SearchStrategy[Trigger]:
    """Each kind of trigger."""
    return st.sampled_from(TriggerKind).flatmap(
        lambda kind: st.builds(Trigger, kind=st.just(kind), values=_trigger_values(kind))
    )


def groups(depth: int = 3) -> SearchStrategy[Group]:
    """Conditions, in groups that stand in each other up to `depth` deep; perhaps none."""
    return st.just(Group()) | _filled(depth)


def _filled(depth: int) -> SearchStrategy[Group]:
    member: SearchStrategy[Condition | Group] = _conditions()
    if depth > 1:
        member = member | _filled(depth - 1)
    # At most 2 × 2 × 2 in the automation and 2 in each of six steps: within what one may have.
    return st.builds(Group, st.lists(member, min_size=1, max_size=2).map(tuple), st.booleans())


def _conditions() -> SearchStrategy[Condition]:
    asked = [(name, subject, word) for name, subject in SUBJECTS.items() for word in subject.operators]
    asked += [(f"field:{field}", FIELD_SUBJECT, word) for field in FIELDS for word in FIELD_SUBJECT.operators]
    return st.sampled_from(asked).flatmap(lambda one: st.builds(Condition, st.just(one[0]), st.just(one[2]), _of(*one)))


def _of(_name: str, subject: Subject, operator: str) -> SearchStrategy[Any]:
    if operator in WITHOUT_VALUE or subject.value is None:
        return st.just("")
    if operator in ("at_least", "at_most"):
        return _NUMBERS
    if operator == "matches":
        return st.lists(_PATTERNS, min_size=1, unique=True).map(tuple)
    return _value(Value(name="value", kind=subject.value, label="Value", options=subject.options))


def _trigger_values(kind: TriggerKind) -> SearchStrategy[dict[str, Any]]:
    values = _values(TRIGGERS[kind])
    if kind is not TriggerKind.MESSAGE_RECEIVED:
        return values
    texts = st.lists(_PATTERNS, min_size=1, unique=True).map(tuple)
    return st.tuples(values, texts).map(_fitting_message)


def _fitting_message(made: tuple[dict[str, Any], tuple[str, ...]]) -> dict[str, Any]:
    values, texts = made
    values.pop("texts", None)
    return values if values["match"] == "any" else {**values, "texts": texts}


def _step_values(kind: StepKind) -> SearchStrategy[tuple[StepKind, dict[str, Any]]]:
    values = _values(STEPS[kind])
    if kind is StepKind.ASSIGN:
        values = st.sampled_from(
            [{"to": "user", "user": USERS[0]}, {"to": "round_robin"}, {"to": "least_open"}]
        )  # who it is belongs to one of them only
    return st.tuples(st.just(kind), values)


def _step(number: int, made: tuple[StepKind, dict[str, Any]], only_if: Group) -> Step:
    return Step(id=f"s{number}", kind=made[0], values=made[1], only_if=only_if)


def _values(part: Part) -> SearchStrategy[dict[str, Any]]:
    wanted = {value.name: _value(value) for value in part.values if value.is_required}
    return st.fixed_dictionaries(
        wanted, optional={value.name: _value(value) for value in part.values if not value.is_required}
    )


def _value(value: Value) -> SearchStrategy[Any]:
    options = st.sampled_from(sorted(value.options)) if value.options else st.nothing()
    match value.kind:
        case ValueKind.LINE:
            return _WORDS
        case ValueKind.TEXT:
            return _TEXTS
        case ValueKind.CHOICE:
            return options
        case ValueKind.MINUTES:
            return st.integers(1, MOST_MINUTES)
        case ValueKind.URL:
            return st.sampled_from(["https://example.com/hook", "https://hooks.example.org:8443/a?b=c"])
        case ValueKind.CATEGORY | ValueKind.USER | ValueKind.FIELD:
            return _one(value.kind)
        case ValueKind.LINES:
            one = _WORDS
        case ValueKind.TAGS:
            one = _TAGS
        case ValueKind.CHOICES:
            one = options
        case ValueKind.CHANNELS:
            one = st.sampled_from(["facebook", "viber", *CHANNELS])
        case ValueKind.CATEGORIES:
            one = _one(ValueKind.CATEGORY)
        case ValueKind.USERS:
            one = _one(ValueKind.USER)
        case ValueKind.FIELDS:
            one = _one(ValueKind.FIELD)
    return st.lists(one, min_size=1, max_size=3, unique=True).map(tuple)


def _one(kind: ValueKind) -> SearchStrategy[str]:
    there_are = {
        ValueKind.CATEGORY: CATEGORIES,
        ValueKind.USER: USERS,
        ValueKind.FIELD: ("name", "phone", "email", *FIELDS),
    }
    return st.sampled_from(there_are[kind])
