"""What is kept of automations' runs for people to read: how often each ran, and how its last ones went."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a run stands, or why there was none."""

    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"  # by a step that says so
    FAILED = "failed"
    ENDED = "ended"  # the automation was switched off, changed or deleted, or the contact merged, while it waited
    NOT_MATCHED = "not_matched"  # its trigger came, its conditions were not met
    OWN_CHANGE = "own_change"  # its trigger was something that it had led to itself
    GUARDED = "guarded"  # automations set each other off too often


class Result(StrEnum):
    """How a step went."""

    DONE = "done"
    NOTHING = "nothing"  # there was nothing to do
    SKIPPED = "skipped"  # its own conditions were not met
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run as it was at `at_ms`; a run that waits and goes on has several. None of it is a contact's words.

    run: empty where there was none. number: of the conversation, 0 outside of any. trigger: what made it run. reason:
    in words for people. done: of each step that is over its id, its result and a few words.
    """

    contact: str
    at_ms: int
    outcome: Outcome
    run: str = ""
    number: int = 0
    trigger: str = ""
    reason: str = ""
    done: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationNumbers:
    """How often an automation ran, failed, and was stopped by the guard; and when last (ms), 0 for never."""

    triggered: int = 0
    last_at_ms: int = 0
    errors: int = 0
    last_error_at_ms: int = 0
    guarded: int = 0
    guarded_at_ms: int = 0
