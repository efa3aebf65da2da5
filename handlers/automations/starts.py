"""Starting automations: for what an entry says, or because nobody answers; and why one does not run."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from domain.actions import CountRun
from domain.automation_runs import Outcome
from domain.automations import (
    MOST_CASCADE,
    MOST_CASCADES,
    MOST_RUNS,
    Automation,
    Automations,
    Once,
    Run,
    RunState,
)
from domain.models import Entry, Letter, Snapshot
from handlers.automations.conditions import Facts, are_met, unmet
from handlers.automations.events import Event, events_of, is_wanted
from handlers.automations.moves import Act, Miss, Moment, Rest, keep, record
from handlers.automations.silences import Silence, marked


def next_start(snapshot: Snapshot, entry: Entry, at: Moment) -> Act | Rest:
    """Start the next automation that an entry makes run, in the order of the list as it is now."""
    state, misses, facts = snapshot.contact.run_state, list[Miss](), _facts(snapshot, entry, at)
    passed = _passed(state, entry)
    had_chance = list(passed)
    for automation, event in _candidates(snapshot, entry, at.automations):
        # What was before it was switched on does not concern it.
        if automation.id in passed or event.at_ms < automation.active_since_ms:
            continue
        had_chance.append(automation.id)
        if miss := _miss(automation, event, state, facts):
            misses.append(miss)
            continue
        noted = replace(state, entry=entry.number, passed=tuple(had_chance))
        move = _start(snapshot, automation, event, str(entry.number), noted, at)
        return replace(move, misses=tuple(misses))
    return Rest(tuple(misses))


def end_of(silence: Silence, snapshot: Snapshot, at: Moment) -> Act:
    """A silence has lasted long enough: it is dealt with, whether its automation runs or not."""
    state, automation = snapshot.contact.run_state, silence.automation
    number = snapshot.open.number if snapshot.open else 0
    event = Event(
        kind=automation.trigger.kind,
        number=number,
        at_ms=silence.ends_at_ms,
        chain=silence.chain,
        root=snapshot.end,
    )
    noted = replace(state, silences=marked(snapshot, state, silence.mark))
    if miss := _miss(automation, event, noted, _facts(snapshot, None, at)):
        return Act((keep(snapshot, noted, at),), (miss,))
    # Whoever answers at this very moment is not silent.
    return replace(_start(snapshot, automation, event, silence.mark, noted, at), last_entry=snapshot.end - 1)


def _passed(state: RunState, entry: Entry) -> tuple[str, ...]:
    """Who has had their chance for an entry, also where it stood before a merge."""
    own = state.passed if state.entry == entry.number else ()
    return (*own, *entry.data.get("passed", ()))


def _candidates(snapshot: Snapshot, entry: Entry, automations: Automations) -> Iterator[tuple[Automation, Event]]:
    for event in events_of(snapshot, entry):
        for automation in automations.waiting_for(event.kind):
            if is_wanted(automation, event, snapshot.contact):
                yield automation, event


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


def _ran_once(automation: Automation, event: Event, state: RunState) -> str:
    if automation.once is Once.CONTACT and automation.id in state.ran:
        return "It ran for this contact before."
    if automation.once is Once.CONVERSATION and state.ran.get(automation.id) == event.number:
        return "It ran in this conversation before."
    return ""


def _facts(snapshot: Snapshot, entry: Entry | None, at: Moment) -> Facts:
    message = entry if entry and entry.letter is not Letter.LINE else None
    return Facts(contact=snapshot.contact, open=snapshot.open, message=message, now_ms=at.now_ms, settings=at.settings)


def _start(snapshot: Snapshot, automation: Automation, event: Event, cause: str, noted: RunState, at: Moment) -> Act:
    """noted: the state in which this automation has had its chance."""
    run = Run(
        id=_run_id(snapshot, automation, cause),
        automation=automation.id,
        trigger=event.kind,
        entry=event.entry.number if event.entry else -1,
        number=event.number,
        step=automation.steps[0].id,
        # Of two processes' clocks one may be a little behind.
        started_at_ms=max(at.now_ms, event.at_ms, automation.active_since_ms),
        chain=(*event.chain, automation.id),
        root=event.root,
    )
    cascade = noted.cascades.get(str(event.root), 0) + 1 if event.chain else 0
    if cascade > MOST_CASCADE or len(noted.runs) >= MOST_RUNS:
        why = "Automations set each other off too often." if cascade > MOST_CASCADE else "Too many runs wait."
        kept = record(snapshot, run, Outcome.GUARDED, why, at)
        counted = CountRun(automation=automation.id, counts_as="guarded", record=kept)
        return Act((keep(snapshot, noted, at), counted))
    ran = {known: number for known, number in noted.ran.items() if at.automations.find(known)}
    runs = (*(one for one in noted.runs if one.id != run.id), run)
    cascades = _counted(noted, event.root, cascade)
    state = replace(noted, runs=runs, cascades=cascades, ran={**ran, automation.id: event.number})
    return Act((keep(snapshot, state, at), CountRun(automation=automation.id, counts_as="triggered")))


def _counted(state: RunState, root: int, cascade: int) -> dict[str, int]:
    if not cascade:
        return dict(state.cascades)
    others = [(name, count) for name, count in state.cascades.items() if name != str(root)]
    return dict([*others, (str(root), cascade)][-MOST_CASCADES:])


def _run_id(snapshot: Snapshot, automation: Automation, cause: str) -> str:
    """The same for the same cause, whoever looks at it and however often."""
    contact = snapshot.contact
    words = f"{contact.id} {contact.created_at_ms} {automation.id} {cause}"
    return hashlib.sha256(words.encode()).hexdigest()[:16]
