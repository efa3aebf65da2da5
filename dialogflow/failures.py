"""Why Dialogflow could not answer: what its client raises, in our words."""

from collections.abc import Iterator

from google.api_core import exceptions
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError

from domain.answers import Answer, BotFailure
from domain.texts import clean

_MAX_DETAIL_CHARS = 300
_METADATA_FAILED = "Getting metadata from plugin failed"  # gRPC's words when a key cannot sign or be refreshed

_KINDS: tuple[tuple[type[Exception], BotFailure], ...] = (
    (exceptions.DeadlineExceeded, BotFailure.TIMED_OUT),
    (exceptions.ResourceExhausted, BotFailure.RATE_LIMITED),
    (exceptions.PermissionDenied, BotFailure.NOT_ALLOWED),
    (exceptions.Unauthenticated, BotFailure.NOT_ALLOWED),
    (GoogleAuthError, BotFailure.NOT_ALLOWED),
    (exceptions.BadRequest, BotFailure.REFUSED),  # InvalidArgument, FailedPrecondition, OutOfRange
    (exceptions.NotFound, BotFailure.REFUSED),
    (exceptions.MethodNotImplemented, BotFailure.REFUSED),
    (ValueError, BotFailure.REFUSED),
)
_WORDS = {
    BotFailure.UNREACHABLE: "Dialogflow cannot be reached; it is asked again with the next message",
    BotFailure.TIMED_OUT: "Dialogflow did not answer in time",
    BotFailure.RATE_LIMITED: "Dialogflow's quota is used up; raise it in the Google Cloud console",
    BotFailure.NOT_ALLOWED: (
        "Dialogflow does not accept our credentials; check DIALOGFLOW_CREDENTIALS, "
        "and that the account has the role Dialogflow API Client"
    ),
    BotFailure.REFUSED: (
        "Dialogflow refuses the question; "
        "check the DIALOGFLOW_ settings for project, location, environment and language"
    ),
}
# Only these of Dialogflow's own sentences are shown: the ones to an invalid argument can repeat the contact's text.
_SHOWN = (
    exceptions.PermissionDenied,
    exceptions.Unauthenticated,
    exceptions.ResourceExhausted,
    exceptions.NotFound,
    DefaultCredentialsError,
)


def to_failed_answer(error: Exception, latency_ms: int) -> Answer:
    """Describe `error`, without the contact's text and without secrets."""
    kind = _classify(error)
    detail = f"{_WORDS[kind]} ({type(error).__name__})"
    if isinstance(error, _SHOWN):
        words = error.message if isinstance(error, exceptions.GoogleAPICallError) else str(error)
        detail += ": " + " ".join(clean(words).split())
    return Answer(failure=kind, failure_detail=detail[:_MAX_DETAIL_CHARS], latency_ms=latency_ms)


def is_worth_a_retry(error: Exception) -> bool:
    """Tell whether Dialogflow was away, and may be back in a moment. A key that cannot be used looks the same."""
    return isinstance(error, exceptions.ServiceUnavailable) and not _is_key_trouble(error)


def _classify(error: Exception) -> BotFailure:
    for cause in _causes(error):
        if _is_key_trouble(cause):
            return BotFailure.NOT_ALLOWED
        for kind, failure in _KINDS:
            if isinstance(cause, kind):
                return failure
    return BotFailure.UNREACHABLE


def _causes(error: Exception) -> Iterator[Exception]:
    """The error, and what a RetryError, which says nothing itself, was given up for."""
    yield error
    cause = getattr(error, "cause", None)
    if isinstance(error, exceptions.RetryError) and isinstance(cause, Exception):
        yield cause


def _is_key_trouble(error: Exception) -> bool:
    return isinstance(error, exceptions.ServiceUnavailable) and _METADATA_FAILED in str(error.message)
