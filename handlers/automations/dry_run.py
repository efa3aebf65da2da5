"""A rehearsal of an automation: what each of its steps would do with a contact now. Nothing is done."""

from dataclasses import dataclass, replace

from domain.actions import Send
from domain.automation_runs import Result
from domain.automations import Automation, Run, Step, StepKind
from domain.models import Entry, Snapshot
from domain.platform_settings import PlatformSettings
from handlers.automations.conditions import Facts, unmet
from handlers.automations.imagining import imagine
from handlers.automations.steps import Scene, StepDone, Team, carry_out
from handlers.automations.supposing import suppose, why_not

#: Longer texts would go out in several messages; here they are shown whole.
MAX_TEXT_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class RehearsedStep:
    """What a step would do. words: about that, for people. texts: what would be sent."""

    step: Step
    result: Result
    words: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would happen. supposed: in words, what it is about. unmet: why it would not run at all; empty: it would."""

    supposed: str
    unmet: str
    steps: tuple[RehearsedStep, ...]


def rehearse(
    automation: Automation,
    snapshot: Snapshot,
    *,
    settings: PlatformSettings,
    team: Team,
    now_ms: int,
    message: Entry | None = None,
) -> Rehearsal:
    """Suppose that the trigger comes now, and go through the steps one by one.

    Each step is looked at on the contact as the ones before would have left it, and at the time that it would be by
    then. message: the contact's last one; where the trigger is something that they write, it is that. team: whose turn
    it is nobody can say before it comes: the first of those who are available stands for them.
    """
    supposed = suppose(automation, snapshot, settings=settings, now_ms=now_ms, message=message)
    seen, facts = supposed.snapshot, _facts(supposed.snapshot, settings, now_ms, supposed.message)
    why = why_not(automation, snapshot, supposed) or unmet(automation.conditions, facts)
    run = Run(
        id="rehearsal",
        automation=automation.id,
        trigger=automation.trigger.kind,
        entry=-1,
        number=supposed.number,
        step=automation.steps[0].id,
        started_at_ms=now_ms,
        chain=(automation.id,),
    )
    told: list[RehearsedStep] = []
    for step in automation.steps:
        scene = Scene(
            snapshot=seen,
            automation=automation,
            run=run,
            entry=None,
            now_ms=facts.now_ms,
            settings=settings,
            max_text_chars=MAX_TEXT_CHARS,
            team=team,
        )
        done = _look_at(step, scene, facts)
        texts = tuple(action.text for action in done.actions if isinstance(action, Send))
        told.append(RehearsedStep(step, done.result, _words(step, done, team), texts))
        if done.ends:
            break
        run = replace(run, number=run.number if done.number is None else done.number)
        seen = imagine(seen, done.actions, settings=settings, now_ms=facts.now_ms)
        # What it was about is decided by the time that a wait is over.
        later_ms, about = (done.at_ms, None) if done.at_ms else (facts.now_ms, facts.message)
        facts = _facts(seen, settings, later_ms, about)
    return Rehearsal(supposed.words, why, tuple(told))


def _look_at(step: Step, scene: Scene, facts: Facts) -> StepDone:
    if why := unmet(step.only_if, facts):
        return StepDone(result=Result.SKIPPED, words=why)
    if step.kind is StepKind.CALL_URL:
        return StepDone(result=Result.DONE)
    return carry_out(step, scene)


def _words(step: Step, done: StepDone, team: Team) -> str:
    if done.result is not Result.DONE or step.kind is not StepKind.ASSIGN or step.text("to") == "user":
        return done.words
    there = sum(user.is_active and user.is_available for user in team.users)
    whose = "Whoever's turn it is" if step.text("to") == "round_robin" else "Whoever has the fewest open by then"
    return f"{whose}; {there} available now."


def _facts(snapshot: Snapshot, settings: PlatformSettings, now_ms: int, message: Entry | None) -> Facts:
    return Facts(contact=snapshot.contact, open=snapshot.open, message=message, now_ms=now_ms, settings=settings)
