"""Viber: one object for each bot."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from calls.timed import REGISTER_TOTAL_S, SEND_TOTAL_S, Caller, Reply
from channels import viber_errors, viber_events
from channels.base import Headers, Step, check_signature, is_loopback
from channels.bodies import as_id, as_text, read_object
from domain.errors import ChannelError, Outcome
from domain.events import AnyEvent, Profile
from domain.identities import Identity
from domain.texts import clean

#: Source: creators.viber.com, Bots API, Message data model, read 2026-11-22.
MAX_SENDER_NAME_CHARS = 28
#: What an iPhone shows as a picture; Android would take three times as much. The address has to end in the file's name.
#: Source: creators.viber.com, Bots API, Message data model, read 2026-11-22.
MAX_PICTURE_BYTES = 1_000_000
PICTURE_ENDINGS = (".jpg", ".jpeg", ".png")  # of .gif only those that do not move
#: Source: the same.
MAX_FILE_BYTES = 50_000_000
MAX_FILE_NAME_CHARS = 256
FILE_KINDS = ("image", "audio", "video", "file")
#: `message` cannot be left out and need not be named. Without this list there would be no welcome events.
#: Source: creators.viber.com, Bots API, Webhooks, read 2026-11-22.
EVENT_TYPES = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")


class Viber:
    """The Viber channel of one bot: verify, parse, send, register, and the body of a welcome message."""

    kind = "viber"
    #: Viber takes 7,000 characters and 30 KB of JSON in UTF-8. 7,000 characters that take four bytes each are 28,000
    #: bytes; receiver, sender and the rest stay under 1,000.
    #: Source: creators.viber.com, Bots API, Message data model, read 2026-11-22.
    max_text_chars = 7000
    can_echo = False

    def __init__(self, name: str, auth_token: str, api_url: str, sender_name: Callable[[], str]) -> None:
        """Take the bot's credentials.

        name: ours, part of the webhook's address. sender_name: what contacts see, asked at every send.
        """
        self.name = name
        self._auth_token, self._api_url = auth_token, api_url.rstrip("/")
        self._sender_name = sender_name
        self._caller = Caller(read_object)
        self.is_on_this_machine = is_loopback(urlsplit(api_url).hostname or "")

    def verify(self, raw: bytes, headers: Headers) -> None:
        """Check X-Viber-Content-Signature of the body as it came. Raises BadSignature.

        Source: creators.viber.com, Bots API, Webhooks, read 2026-11-22.
        """
        check_signature(raw, headers.get("X-Viber-Content-Signature", ""), (self._auth_token,))

    def parse(self, raw: bytes) -> list[AnyEvent]:
        """Return the events of a webhook body; with Viber it is always one. Raises BadPayload."""
        return viber_events.parse(raw, self.name)

    def send_text(self, identity: Identity, text: str, tag: str) -> str:
        """Send `text` to one contact and return the message's id. Raises ChannelError.

        text: at most max_text_chars. tag: Viber has no place for it.
        Source: creators.viber.com, Bots API, Send message, read 2026-11-22.
        """
        text = clean(text)
        if len(text) > self.max_text_chars:
            raise ChannelError(Outcome.PERMANENT, "text_too_long")
        return self._send(identity, {"type": "text", "text": text})

    def file_limit_bytes(self, kind: str) -> int:
        """Return how large a file of this kind may be: a picture too large for one goes as a file."""
        return MAX_FILE_BYTES if kind in FILE_KINDS else 0

    def send_file(self, identity: Identity, url: str, name: str, kind: str, size_bytes: int, tag: str) -> str:
        """Send the file behind `url`, as a picture where Viber has those, and return the message's id.

        name: what the contact sees, with its extension. tag: Viber has no place for it. Raises ChannelError.
        Source: creators.viber.com, Bots API, Message data model, read 2026-11-22.
        """
        if not 0 < size_bytes <= self.file_limit_bytes(kind):
            raise ChannelError(Outcome.PERMANENT, "file_not_taken")
        if kind == "image" and size_bytes <= MAX_PICTURE_BYTES and url.lower().endswith(PICTURE_ENDINGS):
            # The text has to be there, and may be empty.
            return self._send(identity, {"type": "picture", "text": "", "media": url})
        file_name = clean(name)[-MAX_FILE_NAME_CHARS:]  # its end says what it is
        return self._send(identity, {"type": "file", "media": url, "size": size_bytes, "file_name": file_name})

    def show_typing(self, identity: Identity) -> None:
        """Do nothing: Viber's bots cannot show that somebody writes.

        Source: creators.viber.com, Bots API, read 2026-11-22.
        """

    def fetch_profile(self, identity: Identity) -> Profile | None:
        """Return None: Viber's webhooks bring the name.

        Source: creators.viber.com, Bots API, Webhooks (`sender`, `user`), read 2026-11-22.
        """
        return None

    def welcome_body(self, text: str) -> bytes:
        """Return the JSON that answers a `conversation_started` callback with `text`.

        Source: creators.viber.com, Bots API, Welcome message, read 2026-11-22.
        """
        return msgspec.json.encode(self._signed({"type": "text", "text": clean(text)[: self.max_text_chars]}))

    def register(self, callback_url: str) -> Iterator[Step]:
        """Set the bot's webhook. Viber calls it before it answers: the web process must be up already.

        Source: creators.viber.com, Bots API, Webhooks, read 2026-11-22.
        """
        what = f"bot {self.name}: webhook {callback_url}"
        body = {"url": callback_url, "event_types": EVENT_TYPES, "send_name": True, "send_photo": True}
        try:
            reply = self._post("/set_webhook", body, REGISTER_TOTAL_S)
        except ChannelError as error:
            yield Step(what, f"Viber could not be reached: {error.reason}. Check the network and VIBER_API_URL")
            return
        yield Step(what, self._problem(reply))

    def _problem(self, reply: Reply) -> str:
        body = reply.body or {}
        if reply.status == 200 and body.get("status") == 0:
            return ""
        words = (as_text(body.get("status_message")) or "no reason given").replace(self._auth_token or "\0", "***")
        return f"Viber says: {words} (status {as_text(body.get('status')) or f'HTTP {reply.status}'})"

    def _send(self, identity: Identity, message: dict[str, Any]) -> str:
        reply = self._post("/send_message", {"receiver": identity.contact_ref, **self._signed(message)}, SEND_TOTAL_S)
        viber_errors.check(reply, time.time())
        message_token = as_id((reply.body or {}).get("message_token"))
        if not message_token:
            raise ChannelError(Outcome.AMBIGUOUS, "unexpected_answer")
        return message_token

    def _signed(self, message: dict[str, Any]) -> dict[str, Any]:
        """Say who writes."""
        return {**message, "sender": {"name": clean(self._sender_name())[:MAX_SENDER_NAME_CHARS]}}

    def _post(self, path: str, body: dict[str, Any], total_s: float) -> Reply:
        headers = {"X-Viber-Auth-Token": self._auth_token, "Content-Type": "application/json"}
        data = msgspec.json.encode(body)
        return self._caller.call("POST", self._api_url + path, data=data, headers=headers, total_s=total_s)
