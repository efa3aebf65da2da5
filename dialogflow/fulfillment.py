"""The fulfillment webhook, both ends: what our questions carry, and reading it when Dialogflow calls us.

Plain JSON, without gRPC: this is what the web process imports.
Source: WebhookRequest and WebhookResponse in google-cloud-dialogflow 2.54.0, read 2026-11-22.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dialogflow.parameters import keep_small, read_commands
from domain.answers import Commands
from domain.errors import BadPayload, Unauthorized
from domain.events import Profile
from domain.identities import Identity, is_contact_id, parse_conversation_id
from domain.texts import clean

MAX_BODY_BYTES = 1024 * 1024
MAX_RESPONSE_BYTES = 64 * 1024  # Source: cloud.google.com/dialogflow/es/docs/fulfillment-webhook, read 2026-11-22
_MAX_NAME_CHARS = 200
_MAX_HEADER_CHARS = 4096
_MAX_NUMBER = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentCall:
    """One call of the webhook.

    contact, conversation, entry: what our own question said; where the caller is somebody else, what the session
    says if it is one of our conversations' ids, and entry None. contact is empty if neither names one.
    response_id: the same as in the answer of the turn; empty if the caller left it out.
    """

    response_id: str
    session: str  # the last part of its path
    contact: str = ""
    conversation: int | None = None  # its number; 0 is "outside of any conversation"
    entry: int | None = None
    commands: Commands = field(default_factory=Commands)
    intent: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


def authenticate(header: str | None, tokens: tuple[str, ...]) -> None:
    """Check an `Authorization` header: one of `tokens` as Bearer token or as Basic password, of any user.

    Raises: Unauthorized; always when no token is configured.
    """
    if not tokens:
        raise Unauthorized("No fulfillment token is configured: set DIALOGFLOW_FULFILLMENT_TOKEN.")
    given = _read_secret(header or "").encode("utf-8", "surrogatepass")
    if not any(hmac.compare_digest(given, token.encode()) for token in tokens):
        raise Unauthorized("The fulfillment token is missing or wrong: send it as Bearer token or Basic password.")


def build_payload(
    identity: Identity, contact: str, conversation: int, entry: int, text: str, profile: Profile | None = None
) -> dict[str, Any]:
    """Make what a question carries, so that a fulfillment call can be matched to its contact, turn and text.

    Dialogflow hands it on to the agent's webhook, whoever runs that; whole `text`, for it is asked only 256 characters.
    Ids and the entry's number are strings: numbers become doubles on the way.
    """
    return {
        "markdone": {"contact": contact, "conversation": conversation, "entry": str(entry)},
        "source": identity.kind,
        "text": clean(text),
        "contact": {
            "id": contact,
            "identity": clean(str(identity)),
            "name": clean(profile.name) if profile else "",
            "language": clean(profile.language) if profile else "",
        },
    }


def parse(raw: bytes) -> FulfillmentCall:
    """Read the body of a fulfillment call of a Dialogflow ES agent, v2. Unknown fields are left alone.

    Raises: BadPayload; above 1 MiB, and for bodies of CX and of the retired v1 with a sentence that says so.
    """
    body = _read_body(raw)
    result = _object(body.get("queryResult"))
    parameters = _object(result.get("parameters"))
    session = _name(body.get("session")).rsplit("/", 1)[-1]
    contact, conversation, entry = _read_turn(_object(body.get("originalDetectIntentRequest")), session)
    return FulfillmentCall(
        response_id=_name(body.get("responseId")),
        session=session,
        contact=contact,
        conversation=conversation,
        entry=entry,
        commands=read_commands(parameters, result.get("allRequiredParamsPresent") is True),
        intent=_name(_object(result.get("intent")).get("displayName")),
        parameters=keep_small(parameters),
    )


def build_response(replies: Sequence[str]) -> dict[str, Any]:
    """Make the answer to a call. Without replies it is {}: Dialogflow then uses the intent's own responses.

    Replies that no longer fit into Dialogflow's 64 KiB are left out, from the first such one on.
    """
    messages: list[dict[str, Any]] = []
    room_bytes = MAX_RESPONSE_BYTES - len(b'{"fulfillmentMessages": []}')
    for reply in filter(str.strip, map(clean, replies)):
        message = {"text": {"text": [reply]}}
        room_bytes -= len(json.dumps(message)) + len(", ")
        if room_bytes < 0:
            break
        messages.append(message)
    return {"fulfillmentMessages": messages} if messages else {}


def _read_secret(header: str) -> str:
    scheme, _, rest = header[:_MAX_HEADER_CHARS].strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _read_body(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_BODY_BYTES:
        raise BadPayload(f"The body has {len(raw)} bytes; at most {MAX_BODY_BYTES} are read.")
    try:
        body = json.loads(raw)
    except RecursionError:
        raise BadPayload("The body is nested too deeply.") from None
    except ValueError:  # without its message, which can repeat the body
        raise BadPayload("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise BadPayload("The body is not a JSON object.")
    if isinstance(body.get("queryResult"), dict):
        return body
    if "sessionInfo" in body:
        raise BadPayload("This is a call of Dialogflow CX; connect a Dialogflow ES agent.")
    if "result" in body:
        raise BadPayload("This is a call of Dialogflow's retired API v1; switch the agent to API v2.")
    raise BadPayload('The body has no "queryResult" object; a Dialogflow ES fulfillment call (API v2) was expected.')


def _read_turn(request: Mapping[str, Any], session: str) -> tuple[str, int | None, int | None]:
    turn = _object(_object(request.get("payload")).get("markdone"))
    contact, conversation = turn.get("contact"), _number(turn.get("conversation"))
    if isinstance(contact, str) and is_contact_id(contact) and conversation is not None:
        return contact, conversation, _number(turn.get("entry"))
    named = parse_conversation_id(session)
    return (*named, None) if named else ("", None, None)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(value: object) -> str:
    return clean(value) if isinstance(value, str) and len(value) <= _MAX_NAME_CHARS else ""


def _number(value: object) -> int | None:
    """Read a count that may have become a double, or text, on the way."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < len(str(_MAX_NUMBER)):
        return int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _MAX_NUMBER:
        return int(value) if value == int(value) else None
    return None
