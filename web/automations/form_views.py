"""The form of an automation as its template shows it: sections, steps, conditions, and what is wrong beside each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.automation_parts import STEPS, TRIGGERS, Part, Value
from domain.automation_subjects import FIELD_PREFIX, SUBJECTS, WITHOUT_VALUE, subject_of
from domain.automations import MOST_CONDITIONS, MOST_STEPS, StepKind
from domain.definitions import Problem
from web.automations.choices import Choices
from web.automations.controls import Control, chooser, control
from web.automations.draft_changes import count_conditions
from web.automations.drafts import Draft, Kept, Row, Rows, StepDraft, is_asked_for
from web.automations.form_problems import place_of, places_of
from web.automations.words import ONCE, subject_label

Problems = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """A condition, a group of them, or one that is kept as JSON."""

    place: str
    errors: Sequence[str] = ()
    subject: Control | None = None
    shown: str = ""
    operator: Control | None = None
    value: Control | None = None
    group: "RowsView | None" = None
    kept: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsView:
    """Conditions that stand together."""

    place: str
    is_any: bool
    members: tuple[MemberView, ...]
    errors: Sequence[str]
    is_group: bool
    has_room: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step."""

    place: str
    id: str
    kind: StepKind
    part: Part
    controls: tuple[Control, ...]
    only_if: RowsView
    is_only_if_open: bool
    errors: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The whole form. summary: what is wrong, each with the id of the element to go to."""

    draft: Draft
    once: Control
    trigger: Control
    trigger_part: Part | None
    controls: tuple[Control, ...]
    conditions: RowsView
    steps: tuple[StepView, ...]
    has_room: bool
    problems: Problems
    summary: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]


def view_form(draft: Draft, choices: Choices, found: Sequence[Problem] = ()) -> FormView:
    """Return a draft with its fields. found: what is wrong with it."""
    places = places_of(draft)
    summary = tuple((place_of(problem.where, places), problem.message) for problem in found)
    problems = {place: [words for one, words in summary if one == place] for place, _ in summary}
    part = TRIGGERS[draft.trigger] if draft.trigger else None
    kinds = {kind.value: one.label for kind, one in TRIGGERS.items()}
    view = _Views(draft, choices, problems)
    return FormView(
        draft=draft,
        once=chooser("once", "How often", ONCE, draft.once, problems, refreshes=False),
        trigger=chooser("trigger.kind", "It runs when", kinds, draft.trigger or "", problems, is_required=True),
        trigger_part=part,
        controls=view.controls("trigger", part, draft.values) if part else (),
        conditions=view.rows("conditions", draft.conditions),
        steps=tuple(view.step(f"steps.{at}", step) for at, step in enumerate(draft.steps)),
        has_room=len(draft.steps) < MOST_STEPS,
        problems=problems,
        summary=summary,
        tags=choices.tags,
    )


class _Views:
    """Makes views with what they share."""

    def __init__(self, draft: Draft, choices: Choices, problems: Problems) -> None:
        self._choices = choices
        self._problems = problems
        self._has_room = count_conditions(draft) < MOST_CONDITIONS
        self._subjects = {name: one.label for name, one in SUBJECTS.items()}
        self._subjects |= {f"{FIELD_PREFIX}{name}": f"Field {label}" for name, label in choices.fields.items()}

    def controls(self, place: str, part: Part, values: Mapping[str, object]) -> tuple[Control, ...]:
        return tuple(
            control(
                place,
                value,
                values.get(value.name),
                self._choices,
                self._problems,
                is_hidden=not is_asked_for(value.name, values),
            )
            for value in part.values
        )

    def step(self, place: str, step: StepDraft) -> StepView:
        only_if, part = f"{place}.only_if", STEPS[step.kind]
        is_wrong = any(name == only_if or name.startswith(f"{only_if}.") for name in self._problems)
        return StepView(
            place=place,
            id=step.id,
            kind=step.kind,
            part=part,
            controls=self.controls(place, part, step.values),
            only_if=self.rows(only_if, step.only_if),
            is_only_if_open=bool(step.only_if.members) or is_wrong,
            errors=self._problems.get(place, ()),
        )

    def rows(self, place: str, rows: Rows, *, is_group: bool = False) -> RowsView:
        return RowsView(
            place=place,
            is_any=rows.is_any,
            members=tuple(self._member(f"{place}.{at}", member) for at, member in enumerate(rows.members)),
            errors=self._problems.get(place, ()),
            is_group=is_group,
            has_room=self._has_room,
        )

    def _member(self, place: str, member: Row | Rows | Kept) -> MemberView:
        errors = self._problems.get(place, ())
        match member:
            case Rows():
                return MemberView(place=place, group=self.rows(place, member, is_group=True))
            case Kept():
                return MemberView(place=place, errors=errors, kept=json.dumps(member.definition, ensure_ascii=False))
            case Row():
                return self._row(place, member, errors)

    def _row(self, place: str, row: Row, errors: Sequence[str]) -> MemberView:
        subjects = {**self._subjects}
        if row.subject:
            subjects.setdefault(row.subject, f"{subject_label(row.subject, self._choices)} (not there any more)")
        about = chooser(f"{place}.subject", "What", subjects, row.subject, self._problems, is_required=True)
        subject = subject_of(row.subject)
        if subject is None:
            return MemberView(place=place, errors=errors, subject=about)
        value = None
        if row.kind is not None:
            named = Value(name="value", kind=row.kind, label="Value", options=subject.options, is_required=True)
            is_hidden = not row.takes_value
            value = control(place, named, row.value, self._choices, self._problems, is_hidden=is_hidden)
        operators = subject.operators
        return MemberView(
            place=place,
            errors=errors,
            subject=about,
            shown=row.subject,
            operator=chooser(
                f"{place}.operator",
                "How",
                operators,
                row.operator,
                self._problems,
                is_required=True,
                refreshes=value is not None and not WITHOUT_VALUE.isdisjoint(operators),
            ),
            value=value,
        )
