"""A rehearsal of an automation: what each of its steps would do with a contact now. Nothing is done."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from domain.actions import Action, Assign, ChangeProfile, Close, Open, Pause, Send, SetBot
from domain.automation_runs import Result
from domain.automations import Automation, Run, Step, StepKind
from domain.models import Contact, OpenConversation, Snapshot
from domain.platform_settings import PlatformSettings
from handlers.automations.conditions import Facts, unmet
from handlers.automations.steps import Scene, StepDone, Team, carry_out

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
    """What would happen if its trigger came now. unmet: why it would not run at all; empty: it would."""

    unmet: str
    steps: tuple[RehearsedStep, ...]


def rehearse(
    automation: Automation, snapshot: Snapshot, *, settings: PlatformSettings, team: Team, now_ms: int
) -> Rehearsal:
    """Suppose that the trigger comes now, for the conversation that is open; go through the steps one by one.

    Each step is looked at on the contact as the ones before would have left it. team: whose turn it is nobody can say
    before it comes: the first of those who are available stands for them.
    """
    why = unmet(automation.conditions, _facts(snapshot, settings, now_ms))
    run = Run(
        id="rehearsal",
        automation=automation.id,
        trigger=automation.trigger.kind,
        entry=-1,
        number=snapshot.open.number if snapshot.open else snapshot.contact.conversations,
        step=automation.steps[0].id,
        started_at_ms=now_ms,
        chain=(automation.id,),
    )
    told: list[RehearsedStep] = []
    for step in automation.steps:
        scene = Scene(
            snapshot=snapshot,
            automation=automation,
            run=run,
            entry=None,
            now_ms=now_ms,
            settings=settings,
            max_text_chars=MAX_TEXT_CHARS,
            team=team,
        )
        done = _look_at(step, scene)
        texts = tuple(action.text for action in done.actions if isinstance(action, Send))
        told.append(RehearsedStep(step, done.result, _words(step, done, team), texts))
        if done.ends:
            break
        run = replace(run, number=run.number if done.number is None else done.number)
        snapshot = imagine(snapshot, done.actions, now_ms)
    return Rehearsal(why, tuple(told))


def imagine(snapshot: Snapshot, actions: Iterable[Action], now_ms: int) -> Snapshot:
    """Return what a contact would be after these, as far as steps of automations look at it."""
    for action in actions:
        snapshot = _after(snapshot, action, now_ms)
    return snapshot


def _look_at(step: Step, scene: Scene) -> StepDone:
    if why := unmet(step.only_if, _facts(scene.snapshot, scene.settings, scene.now_ms)):
        return StepDone(result=Result.SKIPPED, words=why)
    if step.kind is StepKind.CALL_URL:
        return StepDone(result=Result.DONE)
    return carry_out(step, scene)


def _words(step: Step, done: StepDone, team: Team) -> str:
    if done.result is not Result.DONE or step.kind is not StepKind.ASSIGN or step.text("to") == "user":
        return done.words
    there = sum(user.is_active and user.is_available for user in team.users)
    return f"Whoever's turn it is; {there} available now."


def _facts(snapshot: Snapshot, settings: PlatformSettings, now_ms: int) -> Facts:
    return Facts(contact=snapshot.contact, open=snapshot.open, message=None, now_ms=now_ms, settings=settings)


def _after(snapshot: Snapshot, action: Action, now_ms: int) -> Snapshot:
    contact, conversation = snapshot.contact, snapshot.open
    match action:
        case Open():
            number = contact.conversations + 1
            opened = OpenConversation(
                number=number,
                first_entry=snapshot.end,
                opened_at_ms=now_ms,
                source=action.source,
                channel=action.channel,
                by=action.by,
            )
            return replace(snapshot, open=opened, contact=replace(contact, conversations=number))
        case Close():
            return replace(snapshot, open=None)
        case Assign() if conversation:
            return replace(snapshot, open=replace(conversation, assignee=action.user))
        case Pause() if conversation:
            return replace(snapshot, open=replace(conversation, paused=action.reason))
        case SetBot():
            return replace(snapshot, contact=replace(contact, bot_off="" if action.is_on else "-"))
        case ChangeProfile():
            return replace(snapshot, contact=_with_profile(contact, action))
        case _:
            return snapshot


def _with_profile(contact: Contact, action: ChangeProfile) -> Contact:
    values: dict[str, Any] = {name: action.values[name] for name in ("phone", "email") if name in action.values}
    if "edited_name" in action.values:
        values["name"] = action.values["edited_name"] or contact.platform_name
    if "fields" in action.values:
        values["fields"] = json.loads(action.values["fields"] or "{}")
    return replace(contact, tags=action.tags, **values)
