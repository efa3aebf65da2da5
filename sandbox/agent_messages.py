"""Turns an intent's exported responses into the messages that Dialogflow answers with."""

import random
from typing import Any

from google.cloud.dialogflow_v2 import types

_Platform = types.Intent.Message.Platform


def message_of(message: dict[str, Any], parameters: dict[str, Any]) -> types.Intent.Message | None:
    """Build one response of an intent, with `$parameters` filled in; None for a kind that we do not know."""
    # The export still speaks version 1: numbered kinds, `speech`, platforms in lower case.
    kind = str(message.get("type", "0"))
    said: types.Intent.Message
    if kind == "0":
        speech = message.get("speech") or ""
        chosen = random.choice(speech) if isinstance(speech, list) else speech
        for name, value in parameters.items():
            chosen = chosen.replace(f"${name}", str(value))
        said = text_message(chosen)
    elif kind == "1":
        card = {"title": message.get("title", ""), "subtitle": message.get("subtitle", "")}
        said = types.Intent.Message(card={**card, "image_uri": message.get("imageUrl", "")})
    elif kind == "2":
        replies = {"title": message.get("title", ""), "quick_replies": message.get("replies", [])}
        said = types.Intent.Message(quick_replies=replies)
    elif kind == "3":
        said = types.Intent.Message(image={"image_uri": message.get("imageUrl", "")})
    elif kind == "4":
        said = types.Intent.Message(payload=message.get("payload", {}))
    else:
        return None
    said.platform = getattr(_Platform, str(message.get("platform") or "PLATFORM_UNSPECIFIED").upper())
    return said


def text_message(text: str) -> types.Intent.Message:
    """Build a response of the Default tab."""
    return types.Intent.Message(text={"text": [text]})


def first_text(messages: list[types.Intent.Message | None]) -> str:
    """Return the first text of the Default tab: the legacy fulfillmentText."""
    texts = [
        m.text.text for m in messages if m is not None and m.platform == _Platform.PLATFORM_UNSPECIFIED and m.text.text
    ]
    return str(texts[0][0]) if texts else ""
