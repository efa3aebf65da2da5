"""Every error this platform raises on purpose, in one tree.

AppError
├── BadSignature     403; nothing is stored
├── BadPayload       200 for a signed webhook (kept in `rejected`), 400 for an API call
├── NotFound         404
├── Conflict         409; somebody else got there first
├── Unauthorized     401
├── ChannelError     a platform refused or could not be reached; the worker handles it in one place
├── HookError        an address that an automation calls refused or could not be reached; its step fails, or is repeated
└── StoreError       503; the caller tries again, every script can be repeated
ConfigError          start-up stops and lists every bad setting
"""

from dataclasses import dataclass
from enum import StrEnum


class AppError(Exception):
    """Something went wrong in a way that we foresaw."""


class BadSignature(AppError):
    """A webhook's signature is missing or wrong."""


class BadPayload(AppError):
    """A body that we cannot read; the message says what was expected."""


class NotFound(AppError):
    """What the caller named does not exist."""


class Conflict(AppError):
    """The state changed since the caller looked; the message says how."""


class Unauthorized(AppError):
    """No credentials, or wrong ones."""


class StoreError(AppError):
    """Redis is away, refuses, or answers something we do not know."""


class Outcome(StrEnum):
    """What a failed send means for the message."""

    RETRY = "retry"  # it did not go out, and may later: try again with a back-off
    WAIT = "wait"  # it did not go out, and will not before the contact writes or `retry_after_s` is over
    PERMANENT = "permanent"  # it will never go out
    AMBIGUOUS = "ambiguous"  # it may have gone out: nobody can tell from here


@dataclass
class ChannelError(AppError):
    """A platform did not take what we sent.

    reason: a snake_case word for people and the timeline, for example `window_closed`.
    retry_after_s: how long to wait before the next try; None leaves it to the back-off.
    is_account_wide: the whole page or bot must rest (rate limit, bad token), not only this contact.
    """

    outcome: Outcome
    reason: str
    retry_after_s: float | None = None
    is_account_wide: bool = False

    def __str__(self) -> str:
        return f"{self.reason} ({self.outcome})"


@dataclass
class HookError(AppError):
    """An address that an automation calls did not take what we sent, or must not be called.

    reason: a snake_case word, for example `timed_out` or `status_404`.
    is_permanent: the same would happen again, so nobody need try.
    words: what happened and what to do next, for people; nothing of the address is in them.
    """

    reason: str
    is_permanent: bool
    words: str

    def __str__(self) -> str:
        return self.words


class ConfigError(Exception):
    """Settings that cannot be used. Not an AppError: nothing may swallow it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
