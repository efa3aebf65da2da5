"""The page of one automation: what it does, how often it ran, its last runs, and a dry run on a contact."""

from typing import NamedTuple

from flask import render_template, request

from domain.automation_parts import STEPS
from domain.automation_runs import AutomationNumbers, Outcome, Result, RunRecord
from domain.automations import Automation
from domain.errors import NotFound
from domain.identities import is_contact_id
from domain.models import Entry, Letter
from domain.texts import clean
from handlers.automations.dry_run import Rehearsal, rehearse
from handlers.automations.steps import Team
from web.automations.blueprint import automations_pages
from web.automations.choices import Choices, read_choices
from web.automations.saving import find_automation
from web.automations.words import ONCE, group_lines, group_words, step_words, trigger_words
from web.context import context
from web.inbox.asking import MAX_TEXT_CHARS

#: So many of the last runs are shown, of so many that are looked at; and so many contacts of a search.
SHOWN, MOST_READ, MOST_FOUND = 50, 500, 10
#: Among so many of a contact's newest entries their last message is looked for.
LATEST = 50
_NEVER = AutomationNumbers()
OUTCOMES = {
    Outcome.DONE: ("Done", "good"),
    Outcome.WAITING: ("Waits", ""),
    Outcome.STOPPED: ("Stopped by a step", ""),
    Outcome.FAILED: ("A step failed", "bad"),
    Outcome.ENDED: ("Ended early", "warning"),
    Outcome.NOT_MATCHED: ("Did not run", ""),
    Outcome.OWN_CHANGE: ("Did not run: its own doing", ""),
    Outcome.GUARDED: ("Stopped in a loop", "warning"),
}
RESULTS = {
    Result.DONE: "done",
    Result.NOTHING: "nothing to do",
    Result.SKIPPED: "passed over",
    Result.FAILED: "failed",
}


class RunLine(NamedTuple):
    """One line of the history. name: the contact's; empty when it is gone."""

    record: RunRecord
    outcome: str
    look: str
    name: str
    steps: list[tuple[str, str, str]]  # what it is, how it went, a few words


@automations_pages.get("/<automation_id>")
def show_one(automation_id: str) -> str:
    """Show one. ?outcome= of the runs; ?q= looks for a contact, ?contact= rehearses on one."""
    automation, choices, store = find_automation(automation_id), read_choices(), context().store
    outcome = request.args.get("outcome", "")
    q = clean(request.args.get("q", ""))[:MAX_TEXT_CHARS].strip()
    contact, rehearsal = _dry_run(automation, request.args.get("contact", ""))
    return render_template(
        "automations/one.html",
        automation=automation,
        trigger=trigger_words(automation.trigger, choices),
        once=ONCE[automation.once.value],
        conditions=group_lines(automation.conditions, choices),
        is_any=automation.conditions.is_any,
        steps=[(step_words(step, choices), group_words(step.only_if, choices)) for step in automation.steps],
        numbers=store.automation_numbers().get(automation.id, _NEVER),
        lines=_history(automation, outcome),
        outcomes={word.value: label for word, (label, _) in OUTCOMES.items()},
        outcome=outcome,
        q=q,
        found=[one for one, _ in store.search(q, MOST_FOUND, tuple(context().channels))] if q else [],
        contact=contact,
        rehearsal=rehearsal,
        rehearsed=_rehearsed(rehearsal, choices) if rehearsal else [],
    )


def _history(automation: Automation, outcome: str) -> list[RunLine]:
    """A run that waited and went on has several records: the newest of each is how it stands."""
    newest: dict[str, RunRecord] = {}
    for at, record in enumerate(context().store.run_history(automation.id, MOST_READ)):
        newest.setdefault(record.run or f"none {at}", record)
    shown = [record for record in newest.values() if outcome in ("", record.outcome)][:SHOWN]
    names = {contact: _name_of(contact) for contact in {record.contact for record in shown}}
    return [
        RunLine(
            record,
            *OUTCOMES.get(record.outcome, (record.outcome, "")),
            names[record.contact],
            _steps(automation, record),
        )
        for record in shown
    ]


def _name_of(contact: str) -> str:
    try:
        return context().store.snapshot(contact).contact.name or "Unnamed contact"
    except NotFound:
        return ""


def _steps(automation: Automation, record: RunRecord) -> list[tuple[str, str, str]]:
    named = {step.id: STEPS[step.kind].label for step in automation.steps}
    return [
        (named.get(step_id, "A step that is gone"), RESULTS[Result(result)], words)
        for step_id, result, words in record.done
    ]


def _dry_run(automation: Automation, contact: str) -> tuple[str, Rehearsal | None]:
    """Return the contact's name, and what would happen; nothing when none is chosen. Raises NotFound."""
    if not is_contact_id(contact):
        return "", None
    store = context().store
    snapshot = store.snapshot(contact)
    rehearsal = rehearse(
        automation,
        snapshot,
        settings=store.platform_settings(),
        team=Team(users=tuple(store.assignable_users())),
        now_ms=store.now_ms(),
        message=_last_message(contact),
    )
    return snapshot.contact.name or "Unnamed contact", rehearsal


def _last_message(contact: str) -> Entry | None:
    """Return what the contact wrote last, as far as it stands on their own timeline; None when that is long ago."""
    found = context().store.history(contact, limit=LATEST).entries
    written = [one.entry for one in found if one.contact == contact and one.entry.letter is Letter.MESSAGE]
    return written[-1] if written else None


def _rehearsed(rehearsal: Rehearsal, choices: Choices) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(step_words(one.step, choices), RESULTS[one.result], one.words, one.texts) for one in rehearsal.steps]
