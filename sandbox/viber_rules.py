"""What Viber takes and what it refuses: limits of send_message, and its status codes."""

import json
from typing import Any, NamedTuple

# Source: creators.viber.com/docs/bots-api, send_message and error codes, read 2026-11-22.
MAX_BODY_BYTES = 30 * 1024
MAX_TEXT_CHARS = 7_000
MAX_SENDER_NAME_CHARS = 28
MAX_TRACKING_CHARS = 4_000
MAX_PICTURE_TEXT_CHARS = 768
MAX_FILE_BYTES = 50_000_000
MAX_FILE_NAME_CHARS = 256
_PICTURES = (".jpg", ".jpeg", ".png", ".gif")
MAX_UNANSWERED_PER_HOUR = 100
# What each kind of message must hold beside its type.
_REQUIRED = {
    "text": ("text",),
    "picture": ("media",),
    "video": ("media", "size"),
    "file": ("media", "size", "file_name"),
    "contact": ("contact",),
    "location": ("location",),
    "url": ("media",),
    "sticker": ("sticker_id",),
    "rich_media": ("rich_media",),
}


class Refusal(NamedTuple):
    """A status other than 0, in a body that comes with HTTP 200."""

    status: int
    message: str


BAD_TOKEN = Refusal(2, "invalidAuthToken")
NOT_SUBSCRIBED = Refusal(6, "notSubscribed")
NO_WEBHOOK = Refusal(10, "webhookNotSet")
TOO_MANY = Refusal(12, "maximum messages from Public Account to Viber user without reply exceeded.")


def check_message(message: dict[str, Any]) -> Refusal | None:
    """Return why Viber would not take `message`, receiver aside; None when it would."""
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _REQUIRED:
        return Refusal(3, "type is missing or not supported")
    sender = message.get("sender")
    name = sender.get("name") if isinstance(sender, dict) else None
    if not isinstance(name, str) or not name:
        return Refusal(4, "sender.name is missing")
    missing = [key for key in _REQUIRED[kind] if message.get(key) in (None, "")]
    if missing:
        return Refusal(4, f"{missing[0]} is missing")
    keyboard = message.get("keyboard")
    problems = {
        "text is too long": len(str(message.get("text", ""))) > MAX_TEXT_CHARS,
        "text is not a string": not isinstance(message.get("text", ""), str),
        "sender.name is too long": len(name) > MAX_SENDER_NAME_CHARS,
        "tracking_data is not a string or too long": not _is_text(message.get("tracking_data", ""), MAX_TRACKING_CHARS),
        'keyboard is not valid. [object has missing required properties (["Type"])]': keyboard is not None
        and not (isinstance(keyboard, dict) and keyboard.get("Type") == "keyboard"),
        **_file_problems(kind, message),
        "message is larger than 30 KB": len(json.dumps(message, ensure_ascii=False).encode()) > MAX_BODY_BYTES,
    }
    return next((Refusal(3, problem) for problem, is_there in problems.items() if is_there), None)


def _file_problems(kind: str, message: dict[str, Any]) -> dict[str, bool]:
    if kind not in ("picture", "video", "file"):
        return {}
    media, size, name = message["media"], message.get("size"), message.get("file_name")
    is_url = isinstance(media, str) and media.startswith(("https://", "http://"))
    is_size = isinstance(size, int) and not isinstance(size, bool) and 0 < size <= MAX_FILE_BYTES
    is_name = isinstance(name, str) and "." in name and len(name) <= MAX_FILE_NAME_CHARS
    return {
        "media is not a URL": not is_url,
        "media does not end as a picture": kind == "picture" and is_url and not media.lower().endswith(_PICTURES),
        "text is too long for a picture": kind == "picture"
        and len(str(message.get("text", ""))) > MAX_PICTURE_TEXT_CHARS,
        "size is not valid": kind != "picture" and not is_size,
        "file_name is not valid": kind == "file" and not is_name,
    }


def _is_text(value: object, limit_chars: int) -> bool:
    return isinstance(value, str) and len(value) <= limit_chars
