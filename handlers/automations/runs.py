"""What automations want next of a contact: go on with a run, start one, or nothing before the entry is decided."""

from dataclasses import replace

from domain.actions import Action, CountRun
from domain.automation_runs import Outcome
from domain.automations import Automation, Run, RunState, Step
from domain.models import Snapshot
from handlers.automations.moves import Act, Moment, Proceed, Rest, keep, record
from handlers.automations.silences import silences
from handlers.automations.starts import end_of, next_start
from handlers.automations.steps import StepDone

#: Of a step's words so much is kept with the run.
MAX_WORDS_CHARS = 120


def next_move(snapshot: Snapshot, at: Moment) -> Act | Proceed | Rest:
    """Return what automations want next. Each answer, once committed, leads on: asking again and again ends."""
    state = snapshot.contact.run_state
    run = next((run for run in state.runs if run.at_ms <= at.now_ms), None)
    if run:
        return _go_on(snapshot, run, at)
    if snapshot.undecided:
        # Before any silence: whoever wrote is not waiting for people as long as nobody has looked at it.
        return next_start(snapshot, snapshot.undecided, at)
    for silence in silences(snapshot, state, at.automations):
        if silence.ends_at_ms <= at.now_ms:
            return end_of(silence, snapshot, at)
    wake_ms = snapshot.contact.wake_at_ms
    return Act((keep(snapshot, state, at),)) if wake_ms and wake_ms <= at.now_ms else Rest()


def after_step(snapshot: Snapshot, run: Run, step: Step, done: StepDone, automation: Automation, at: Moment) -> Act:
    """Return what a step's outcome changes; all of it is committed together."""
    told = (*run.done, (step.id, str(done.result), done.words[:MAX_WORDS_CHARS]))
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
        records = [CountRun(automation=run.automation, record=record(snapshot, on, Outcome.WAITING, "", at))]
    return Act((*done.actions, keep(snapshot, _with_run(state, on), at), *records))


def with_call(snapshot: Snapshot, run: Run, at: Moment) -> Act:
    """Note that a run's URL is about to be called: whoever dies of it does not call for ever."""
    state = _with_run(snapshot.contact.run_state, replace(run, calls=run.calls + 1))
    return Act((keep(snapshot, state, at),))


def later(snapshot: Snapshot, run: Run, at_ms: int, at: Moment) -> Act:
    """Let a run wait until then, and do its step again."""
    return Act((keep(snapshot, _with_run(snapshot.contact.run_state, replace(run, at_ms=at_ms)), at),))


def _go_on(snapshot: Snapshot, run: Run, at: Moment) -> Act | Proceed:
    automation = at.automations.find(run.automation)
    state = snapshot.contact.run_state
    if automation is None:
        # Its history was forgotten with it; what were written now nobody would ever read or take away.
        return Act((keep(snapshot, _without_run(state, run), at),), is_end=True)
    step = automation.step_at(run.step)
    if step and not (why := _why_it_ends(snapshot, run, automation)):
        return Proceed(automation, run, step)
    why = why if step else "The automation was changed: its step is gone."
    return replace(_finish(snapshot, state, run, Outcome.ENDED, why, at), is_end=True)


def _why_it_ends(snapshot: Snapshot, run: Run, automation: Automation) -> str:
    if not automation.is_active or run.started_at_ms < automation.active_since_ms:
        return "The automation was switched off."
    if snapshot.contact.merged_into and run.at_ms:
        return "The contact was merged into another one."
    return ""


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
    kept = record(snapshot, run, outcome, reason, at)
    return Act(
        (
            *actions,
            keep(snapshot, _without_run(state, run), at),
            CountRun(automation=run.automation, counts_as=counts_as, record=kept),
        )
    )


def _with_run(state: RunState, run: Run) -> RunState:
    return replace(state, runs=tuple(run if one.id == run.id else one for one in state.runs))


def _without_run(state: RunState, run: Run) -> RunState:
    return replace(state, runs=tuple(one for one in state.runs if one.id != run.id))
