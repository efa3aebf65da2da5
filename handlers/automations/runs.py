"""What automations want next of a contact: go on with a run, start one, or nothing before the entry is decided."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from domain.actions import Action, CountRun, KeepRuns
from domain.automation_runs import Outcome, RunRecord
from domain.automations import MOST_CASCADE, MOST_RUNS, Automation, Automations, Once, Run, RunState, Step, TriggerKind
from domain.models import Entry, Letter, Snapshot
from domain.platform_settings import PlatformSettings
from handlers.automations.conditions import Facts, are_met, unmet
from handlers.automations.events import Event, events_of, is_wanted
from handlers.automations.silences import Silence, marked, next_look_ms, silences
from handlers.automations.steps import StepDone


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
    """Commit these, and ask again."""

    actions: tuple[Action, ...]
    misses: tuple[Miss, ...] = ()


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


def next_move(snapshot: Snapshot, at: Moment) -> Act | Proceed | Rest:
    """Return what automations want next. Each answer, once committed, leads on: asking again and again ends."""
    state = snapshot.contact.run_state
    run = next((run for run in state.runs if run.at_ms <= at.now_ms), None)
    if run:
        return _go_on(snapshot, run, at)
    if snapshot.undecided:
        # Before any silence: whoever wrote is not waiting for people as long as nobody has looked at it.
        return _next_start(snapshot, snapshot.undecided, at)
    for silence in silences(snapshot, state, at.automations):
        if silence.ends_at_ms <= at.now_ms:
            return _end_of(silence, snapshot, at)
    wake_ms = snapshot.contact.wake_at_ms
    return Act((_keep(snapshot, state, at),)) if wake_ms and wake_ms <= at.now_ms else Rest()


def after_step(snapshot: Snapshot, run: Run, step: Step, done: StepDone, automation: Automation, at: Moment) -> Act:
    """Return what a step's outcome changes; all of it is committed together."""
    told = (*run.done, (step.id, str(done.result), done.words))
    following = "" if done.ends else automation.step_after(step.id)
    number = run.number if done.number is None else done.number
    on = replace(run, done=told, step=following, number=number, at_ms=done.at_ms, calls=0)
    state = snapshot.contact.run_state
    if done.silences_bot and run.entry >= snapshot.contact.cursor:
        state = replace(state, quiet_entry=run.entry)
    if not following:
        failed = any(result == "failed" for _, result, _ in told)
        outcome = Outcome.FAILED if failed else Outcome.STOPPED if done.ends else Outcome.DONE
        return _finish(snapshot, state, on, outcome, "", at, done.actions)
    records: list[Action] = []
    if done.at_ms:
        records = [CountRun(automation=run.automation, record=_record(snapshot, on, Outcome.WAITING, "", at))]
    keep = _keep(snapshot, _with_run(state, on), at)
    return Act((*done.actions, keep, *records))


def with_call(snapshot: Snapshot, run: Run, at: Moment) -> Act:
    """Note that a run's URL is about to be called: whoever dies of it does not call for ever."""
    state = _with_run(snapshot.contact.run_state, replace(run, calls=run.calls + 1))
    return Act((_keep(snapshot, state, at),))


def later(snapshot: Snapshot, run: Run, at_ms: int, at: Moment) -> Act:
    """Let a run wait until then, and do its step again."""
    return Act((_keep(snapshot, _with_run(snapshot.contact.run_state, replace(run, at_ms=at_ms)), at),))


def _go_on(snapshot: Snapshot, run: Run, at: Moment) -> Act | Proceed:
    automation = at.automations.find(run.automation)
    state = snapshot.contact.run_state
    if automation is None:
        # Its history was forgotten with it; what were written now nobody would ever read or take away.
        return Act((_keep(snapshot, _without_run(state, run), at),))
    if not automation.is_active:
        return _finish(snapshot, state, run, Outcome.ENDED, "The automation was switched off.", at)
    if snapshot.contact.merged_into and run.at_ms:
        return _finish(snapshot, state, run, Outcome.ENDED, "The contact was merged into another one.", at)
    step = automation.step_at(run.step)
    if step is None:
        return _finish(snapshot, state, run, Outcome.ENDED, "The automation was changed: its step is gone.", at)
    return Proceed(automation, run, step)


def _end_of(silence: Silence, snapshot: Snapshot, at: Moment) -> Act:
    """A silence has lasted long enough: it is dealt with, whether its automation runs or not."""
    state, automation = snapshot.contact.run_state, silence.automation
    number = snapshot.open.number if snapshot.open else 0
    event = Event(kind=automation.trigger.kind, number=number, at_ms=silence.ends_at_ms, chain=silence.chain)
    noted = replace(state, silences=marked(snapshot, state, silence.mark))
    if miss := _miss(automation, event, noted, _facts(snapshot, None, at)):
        return Act((_keep(snapshot, noted, at),), (miss,))
    return _start(snapshot, automation, event, silence.mark, noted, at)


def _next_start(snapshot: Snapshot, entry: Entry, at: Moment) -> Act | Rest:
    """Start the next automation that an entry makes run, from behind the one that ran last for it."""
    state, misses, facts = snapshot.contact.run_state, [], _facts(snapshot, entry, at)
    for automation, event in _candidates(snapshot, entry, at.automations):
        # What was before it was switched on does not concern it.
        if event.at_ms < automation.active_since_ms:
            continue
        if miss := _miss(automation, event, state, facts):
            misses.append(miss)
            continue
        noted = replace(state, entry=entry.number, after=automation.id)
        move = _start(snapshot, automation, event, str(entry.number), noted, at)
        return replace(move, misses=tuple(misses))
    return Rest(tuple(misses))


def _candidates(snapshot: Snapshot, entry: Entry, automations: Automations) -> Iterator[tuple[Automation, Event]]:
    state = snapshot.contact.run_state
    found = (
        (automation, event)
        for event in events_of(snapshot, entry)
        for automation in automations.waiting_for(event.kind)
        if is_wanted(automation, event, snapshot.contact)
    )
    if state.entry != entry.number:
        return found
    pairs = list(found)
    ids = [automation.id for automation, _ in pairs]
    # If that one is gone, or waits for something else by now, the rest has had its chance.
    return iter(pairs[ids.index(state.after) + 1 :] if state.after in ids else ())


def _miss(automation: Automation, event: Event, state: RunState, facts: Facts) -> Miss | None:
    if automation.id in event.chain:
        return _say(automation, event, Outcome.OWN_CHANGE, "It had led to this itself.")
    if automation.once and (before := _ran_once(automation, event, state)):
        return _say(automation, event, Outcome.NOT_MATCHED, before)
    if are_met(automation.conditions, facts):
        return None
    why = partial(unmet, automation.conditions, facts)
    return Miss(automation.id, event.kind, event.number, Outcome.NOT_MATCHED, why)


def _say(automation: Automation, event: Event, outcome: Outcome, why: str) -> Miss:
    return Miss(automation.id, event.kind, event.number, outcome, lambda: why)


def _start(snapshot: Snapshot, automation: Automation, event: Event, cause: str, noted: RunState, at: Moment) -> Act:
    """noted: the state in which this automation has had its chance."""
    run = Run(
        id=_run_id(snapshot, automation, cause),
        automation=automation.id,
        trigger=event.kind,
        entry=event.entry.number if event.entry else -1,
        number=event.number,
        step=automation.steps[0].id,
        started_at_ms=at.now_ms,
        chain=(*event.chain, automation.id),
    )
    cascade = noted.cascade + 1 if event.chain else 0
    if cascade > MOST_CASCADE or len(noted.runs) >= MOST_RUNS:
        why = "Automations set each other off too often." if cascade > MOST_CASCADE else "Too many runs wait."
        record = _record(snapshot, run, Outcome.GUARDED, why, at)
        counted = CountRun(automation=automation.id, counts_as="guarded", record=record)
        return Act((_keep(snapshot, noted, at), counted))
    ran = {known: number for known, number in noted.ran.items() if at.automations.find(known)}
    state = replace(noted, runs=(*noted.runs, run), cascade=cascade, ran={**ran, automation.id: event.number})
    return Act((_keep(snapshot, state, at), CountRun(automation=automation.id, counts_as="triggered")))


def _ran_once(automation: Automation, event: Event, state: RunState) -> str:
    if automation.once is Once.CONTACT and automation.id in state.ran:
        return "It ran for this contact before."
    if automation.once is Once.CONVERSATION and state.ran.get(automation.id) == event.number:
        return "It ran in this conversation before."
    return ""


def _facts(snapshot: Snapshot, entry: Entry | None, at: Moment) -> Facts:
    message = entry if entry and entry.letter is not Letter.LINE else None
    return Facts(contact=snapshot.contact, open=snapshot.open, message=message, now_ms=at.now_ms, settings=at.settings)


def _finish(
    snapshot: Snapshot,
    state: RunState,
    run: Run,
    outcome: Outcome,
    reason: str,
    at: Moment,
    actions: tuple[Action, ...] = (),
) -> Act:
    counts_as = "failed" if outcome is Outcome.FAILED else ""
    record = _record(snapshot, run, outcome, reason, at)
    keep = _keep(snapshot, _without_run(state, run), at)
    return Act((*actions, keep, CountRun(automation=run.automation, counts_as=counts_as, record=record)))


def _with_run(state: RunState, run: Run) -> RunState:
    return replace(state, runs=tuple(run if one.id == run.id else one for one in state.runs))


def _without_run(state: RunState, run: Run) -> RunState:
    return replace(state, runs=tuple(one for one in state.runs if one.id != run.id))


def _keep(snapshot: Snapshot, state: RunState, at: Moment) -> KeepRuns:
    wake_ms = next_look_ms(snapshot, state, at.automations, at.now_ms)
    return KeepRuns(state=state, seen_wake_ms=snapshot.contact.wake_at_ms, wake_ms=wake_ms)


def _record(snapshot: Snapshot, run: Run, outcome: Outcome, reason: str, at: Moment) -> RunRecord:
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


def _run_id(snapshot: Snapshot, automation: Automation, cause: str) -> str:
    """The same for the same cause, whoever looks at it and however often."""
    contact = snapshot.contact
    words = f"{contact.id} {contact.created_at_ms} {automation.id} {cause}"
    return hashlib.sha256(words.encode()).hexdigest()[:16]
