"""How a detectIntent response becomes an Answer.

The raw protobuf is read: the library's own wrappers cost sixteen times as much.
Source: QueryResult and Intent.Message in google-cloud-dialogflow 2.54.0, read 2026-11-22.
"""

from collections.abc import Iterable
from typing import Any

from google.cloud.dialogflow_v2.types import DetectIntentResponse, Intent

from dialogflow.parameters import keep_small, read_commands
from domain.answers import Answer
from domain.texts import clean

_MAX_STATUS_CHARS = 200
_DEFAULT_TAB = Intent.Message.Platform.PLATFORM_UNSPECIFIED
_TABS = {"facebook": Intent.Message.Platform.FACEBOOK, "viber": Intent.Message.Platform.VIBER}


def read_answer(response: DetectIntentResponse, platform: str) -> Answer:
    """Read what the agent said to a contact on `platform` (facebook or viber)."""
    message = DetectIntentResponse.pb(response)
    result = message.query_result
    parameters = {name: _plain(value) for name, value in result.parameters.fields.items()}
    return Answer(
        response_id=message.response_id,
        intent=clean(result.intent.display_name),
        is_fallback=result.intent.is_fallback,
        confidence=round(result.intent_detection_confidence, 4),  # a 32-bit float: 0.87 arrives as 0.8700000048
        replies=_read_replies(result, platform),
        commands=read_commands(parameters, result.all_required_params_present),
        parameters=keep_small(parameters),
        webhook_status=_read_webhook_status(message),
    )


def _read_replies(result: Any, platform: str) -> tuple[str, ...]:
    """Texts of the platform's tab, else of the default one: Dialogflow sends all tabs, and the caller chooses."""
    if not result.fulfillment_messages:
        return _spoken([result.fulfillment_text])
    texts = [
        (message.platform, text)
        for message in result.fulfillment_messages
        if message.WhichOneof("message") == "text"
        for text in message.text.text
    ]
    own_tab = _TABS.get(platform, _DEFAULT_TAB)
    return _spoken(text for tab, text in texts if tab == own_tab) or _spoken(
        text for tab, text in texts if tab == _DEFAULT_TAB
    )


def _spoken(texts: Iterable[str]) -> tuple[str, ...]:
    """Drop the empty bubbles that the console leaves in an intent."""
    return tuple(text for text in (clean(text).strip() for text in texts) if text)


def _read_webhook_status(message: Any) -> str:
    """A status is there whenever the intent has a webhook, also when all went well."""
    if not message.HasField("webhook_status"):
        return ""
    if message.webhook_status.code == 0:
        return "ok"
    words = " ".join(clean(message.webhook_status.message).split())[:_MAX_STATUS_CHARS]
    return words or f"Webhook call failed (code {message.webhook_status.code})"


def _plain(value: Any) -> Any:
    """Turn a protobuf Value into plain Python. Protobuf itself bounds the depth, to 100."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {name: _plain(inner) for name, inner in value.struct_value.fields.items()}
    if kind == "list_value":
        return [_plain(inner) for inner in value.list_value.values]
    return getattr(value, kind) if kind not in (None, "null_value") else None
