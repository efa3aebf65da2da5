"""How a question becomes a detectIntent request.

Source: Sessions in google-cloud-dialogflow 2.54.0, read 2026-11-22.
"""

import re
from typing import Any

from google.cloud.dialogflow_v2.types import DetectIntentRequest

from domain.answers import Question
from domain.texts import clean, head

MAX_TEXT_CHARS = 256  # longer is refused: "Input text exceeds 256 characters."
WELCOME = "WELCOME"  # the event of the Default Welcome Intent, for a platform's own that no intent has
_MAX_EXACT = 2**53  # the payload travels as doubles; larger whole numbers would lose digits
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")


def format_session(project_id: str, location: str, environment: str, session: str) -> str:
    """Return the session's path; empty location is global, empty environment the draft agent.

    Raises: ValueError when `session` is not 1 to 36 letters, digits, "-" or "_".
    Source: the REST bindings of Sessions.DetectIntent (the library itself formats the shortest one only).
    """
    if _SESSION_ID.fullmatch(session) is None:
        raise ValueError("a session id has 1 to 36 letters, digits, - or _")
    place = f"/locations/{location}" if location else ""
    version = f"/environments/{environment}/users/-" if environment else ""
    return f"projects/{project_id}{place}/agent{version}/sessions/{session}"


def build_request(question: Question, session_path: str, language: str) -> DetectIntentRequest:
    """Make the request: the text's first 256 characters, or the event, and the payload as it is.

    language: asked in where the question names none; Dialogflow demands one.
    Raises: ValueError when there is nothing to ask, or the payload is not JSON.
    """
    message = DetectIntentRequest.pb()()
    message.session = session_path
    text = head(clean(question.text), MAX_TEXT_CHARS)
    if question.event:
        message.query_input.event.name = question.event
        message.query_input.event.language_code = question.language or language
    elif text:
        message.query_input.text.text = text
        message.query_input.text.language_code = question.language or language
    else:
        raise ValueError("there is neither a text nor an event to ask about")
    if question.payload:
        message.query_params.payload.update(_survivable(question.payload))
    request: DetectIntentRequest = DetectIntentRequest.wrap(message)
    return request


def _survivable(value: Any) -> Any:
    """Make whole numbers that a double cannot hold into strings, and texts such that protobuf takes them."""
    match value:
        case bool():
            return value
        case int() if abs(value) > _MAX_EXACT:
            return str(value)
        case str():
            return clean(value)
        case dict():
            return {clean(str(name)): _survivable(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_survivable(inner) for inner in value]
        case _:
            return value
