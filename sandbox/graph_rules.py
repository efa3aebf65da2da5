"""What the Graph API takes and what it refuses, with the error bodies that it documents."""

import hashlib
import hmac
import secrets
from typing import Any

from sandbox.attachments import Fetched

# Source: developers.facebook.com messenger-platform, Send API and error codes, read 2026-11-22.
MAX_TEXT_CHARS = 2_000
MAX_METADATA_CHARS = 1_000
MAX_QUICK_REPLIES = 13
WINDOW_MS = 24 * 3_600_000
HUMAN_AGENT_WINDOW_MS = 7 * 24 * 3_600_000
SENDER_ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")
MESSAGING_TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY")
RETIRED_TAGS = ("CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE")  # refused since 2026-04-27
TAGS = ("HUMAN_AGENT", "CUSTOMER_FEEDBACK")
MAX_IMAGE_BYTES = 8_000_000
MAX_FILE_BYTES = 25_000_000
_FILE_TYPES = ("image", "audio", "video", "file")


class GraphError(Exception):
    """A call that the Graph API refuses."""

    def __init__(
        self, code: int, message: str, subcode: int | None = None, status: int = 400, kind: str = "OAuthException"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code, self.message, self.subcode, self.kind = code, message, subcode, kind

    def body(self) -> dict[str, Any]:
        """Return the error body as it goes over the wire."""
        subcode = {} if self.subcode is None else {"error_subcode": self.subcode}
        trace = {"fbtrace_id": "A" + secrets.token_urlsafe(16)}
        return {"error": {"message": self.message, "type": self.kind, "code": self.code, **subcode, **trace}}


def no_such_recipient() -> GraphError:
    """Return the error for an id that is nobody's on this page."""
    return GraphError(100, "(#100) No matching user found", 2018001)


def check_proof(proof: str | None, token: str, app_secrets: tuple[str, ...]) -> None:
    """Refuse an appsecret_proof that does not belong to this very token. Raises GraphError."""
    if proof is None:
        return
    for secret in app_secrets:
        expected = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if hmac.compare_digest(expected.encode(), proof.encode()):
            return
    raise GraphError(100, "Invalid appsecret_proof provided in the API argument", kind="GraphMethodException")


def check_message(body: dict[str, Any]) -> dict[str, Any]:
    """Return the message of a send request. Raises GraphError where the real API refuses it."""
    message = body.get("message")
    if body.get("sender_action") is not None:
        raise GraphError(100, "(#100) Cannot send both message and state")
    if not isinstance(message, dict):
        raise GraphError(100, "(#100) param message must be non-empty.")
    _check_type(body)
    text, attachment = message.get("text"), message.get("attachment") or message.get("attachments")
    if text is None and attachment is None:
        raise GraphError(100, "(#100) Message cannot be empty, must provide valid attachment or text")
    if text is not None and attachment is not None:
        raise GraphError(100, "(#100) Message can only have one of text and attachment")
    for one in attachment if isinstance(attachment, list) else [attachment] if attachment is not None else []:
        _check_attachment(one)
    if text is not None and (not isinstance(text, str) or not text.strip()):
        raise GraphError(100, "(#100) param message[text] must be non-empty.")
    if isinstance(text, str) and len(text) > MAX_TEXT_CHARS:
        raise GraphError(100, f"(#100) Length of param message[text] must be less than or equal to {MAX_TEXT_CHARS}")
    metadata = message.get("metadata", "")
    if not isinstance(metadata, str) or len(metadata) > MAX_METADATA_CHARS:
        raise GraphError(100, f"(#100) param message[metadata] must be a string of at most {MAX_METADATA_CHARS}")
    replies = message.get("quick_replies", [])
    if not isinstance(replies, list) or len(replies) > MAX_QUICK_REPLIES:
        raise GraphError(100, f"(#100) param message[quick_replies] must have at most {MAX_QUICK_REPLIES} elements")
    return message


def check_file(kind: str, fetched: Fetched) -> None:
    """Refuse an attachment of type `kind` by what its address gave. Raises GraphError."""
    does_fit = kind == "file" or fetched.content_type.startswith(f"{kind}/")
    if fetched.status != 200 or not does_fit or not fetched.size_bytes:
        raise GraphError(100, "(#100) Upload attachment failure.", 2018047)
    if fetched.size_bytes > (MAX_IMAGE_BYTES if kind == "image" else MAX_FILE_BYTES):
        raise GraphError(100, "(#100) Attachment size exceeds allowable limit", 2018109)


def check_window(body: dict[str, Any], wrote_at_ms: int | None, now_ms: int) -> None:
    """Refuse what comes too late after the contact's last message. Raises GraphError."""
    if wrote_at_ms is None:
        return  # somebody whom only the platform knows: given the benefit of the doubt
    limit_ms = HUMAN_AGENT_WINDOW_MS if body.get("messaging_type") == "MESSAGE_TAG" else WINDOW_MS
    if now_ms - wrote_at_ms > limit_ms:
        raise GraphError(10, "(#10) This message is sent outside of allowed window.", 2018278)


def _check_attachment(attachment: Any) -> None:
    kind = attachment.get("type") if isinstance(attachment, dict) else None
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    if kind not in (*_FILE_TYPES, "template") or not isinstance(payload, dict):
        raise GraphError(100, f"(#100) param message[attachment][type] must be one of {', '.join(_FILE_TYPES)}.")
    url = payload.get("url")
    if kind in _FILE_TYPES and not (isinstance(url, str) and url.startswith(("https://", "http://"))):
        raise GraphError(100, "(#100) param message[attachment][payload][url] should represent a valid URL")


def _check_type(body: dict[str, Any]) -> None:
    kind, tag = body.get("messaging_type"), body.get("tag")
    if kind not in MESSAGING_TYPES:
        raise GraphError(100, f"(#100) param messaging_type must be one of {', '.join(MESSAGING_TYPES)}.")
    if kind == "MESSAGE_TAG" and tag in RETIRED_TAGS:
        raise GraphError(100, "Invalid parameter", 1893061)
    if kind == "MESSAGE_TAG" and tag not in TAGS:
        raise GraphError(100, f"(#100) param tag must be one of {', '.join(TAGS)}.")
