"""What the next thing to do about automations can be, and what is kept of it."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.actions import Action, KeepRuns
from domain.automation_runs import Outcome, RunRecord
from domain.automations import Automation, Automations, Run, RunState, Step, TriggerKind
from domain.models import Snapshot
from domain.platform_settings import PlatformSettings
from handlers.automations.silences import next_look_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is so for all contacts at this moment."""

    automations: Automations
    settings: PlatformSettings
    now_ms: int


@dataclass(frozen=True, slots=True)
class Miss:
    """A run did not come about though the automation's trigger did. why: says the reason; of most nobody asks."""

    automation: str
    trigger: TriggerKind
    number: int
    outcome: Outcome
    why: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Act:
    """Commit these, and ask again. last_entry: not if the contact wrote behind it. is_end: a run ends early."""

    actions: tuple[Action, ...]
    misses: tuple[Miss, ...] = ()
    last_entry: int | None = None
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Proceed:
    """Carry out the next step of a run."""

    automation: Automation
    run: Run
    step: Step


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing now: the entry can be decided."""

    misses: tuple[Miss, ...] = ()


def keep(snapshot: Snapshot, state: RunState, at: Moment) -> KeepRuns:
    """Return the writing of a state, and of when the contact is to be looked at by itself."""
    wake_ms = next_look_ms(snapshot, state, at.automations, at.now_ms)
    return KeepRuns(state=state, seen_wake_ms=snapshot.contact.wake_at_ms, wake_ms=wake_ms)


def record(snapshot: Snapshot, run: Run, outcome: Outcome, reason: str, at: Moment) -> RunRecord:
    """Return a run as people read it."""
    return RunRecord(
        contact=snapshot.contact.id,
        at_ms=at.now_ms,
        outcome=outcome,
        run=run.id,
        number=run.number,
        trigger=run.trigger,
        reason=reason,
        done=run.done,
    )
