"""Facebook Messenger: one object for the Meta app and all of its pages."""

import hmac
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from calls.timed import Caller, Reply
from channels import facebook_errors, facebook_events, facebook_profiles, facebook_registration
from channels.base import Headers, Step, check_signature, is_loopback
from channels.bodies import as_id, read_object
from channels.facebook_calls import Graph
from domain.errors import BadSignature, ChannelError, Outcome
from domain.events import AnyEvent, Profile
from domain.identities import Identity
from domain.texts import clean

_MB = 1_000_000  # whether Facebook means 1,048,576 is nowhere said; this is the smaller one
#: A picture that comes by its address may have 8 MB, everything else 25 MB.
#: Source: developers.facebook.com, Messenger Platform, Saving assets, read 2026-11-22.
FILE_LIMITS = {"image": 8 * _MB, "audio": 25 * _MB, "video": 25 * _MB, "file": 25 * _MB}
#: Other pictures go as files, which everybody can open and nobody refuses.
#: Source: docs.rapidbott.com, Messages format, read 2026-11-22; Facebook's own pages have no list.
PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".gif")


class Facebook:
    """The Messenger channel: verify, parse, send, show typing, tell names, register, the challenge of the set-up."""

    kind = "facebook"
    #: The limit is 2,000, but in which unit is nowhere said; 1,900 leaves room.
    #: Source: developers.facebook.com, Messenger Platform, Send messages, read 2026-11-22.
    max_text_chars = 1900
    can_echo = True

    def __init__(
        self, app_id: str, app_secrets: tuple[str, ...], verify_token: str, pages: Mapping[str, str], graph_url: str
    ) -> None:
        """Take the app's credentials.

        app_secrets: newest first; webhooks may be signed with any, calls carry the proof of the newest.
        pages: page id → page access token. graph_url: with the version, for example https://graph.facebook.com/v25.0.
        """
        self.pages = dict(pages)
        self._app_id, self._verify_token = app_id, verify_token
        self._app_secrets = tuple(secret for secret in app_secrets if secret)
        self._graph = Graph(Caller(read_object), graph_url, self._app_secrets[0] if self._app_secrets else "")
        self.is_on_this_machine = is_loopback(urlsplit(graph_url).hostname or "")

    def challenge(self, args: Mapping[str, str]) -> str:
        """Return what the verification request (a GET) wants to hear; send it as text/plain, it is a stranger's text.

        Raises BadSignature when the verify token is not ours or we have none.
        Source: developers.facebook.com, Messenger Platform, Webhooks, read 2026-11-22.
        """
        given = args.get("hub.verify_token", "").encode("utf-8", "replace")
        is_ours = bool(self._verify_token) and hmac.compare_digest(given, self._verify_token.encode())
        if not is_ours or args.get("hub.mode") != "subscribe" or "hub.challenge" not in args:
            raise BadSignature("not a verification request with our verify token (FACEBOOK_VERIFY_TOKEN)")
        return args["hub.challenge"]

    def verify(self, raw: bytes, headers: Headers) -> None:
        """Check X-Hub-Signature-256 of the body as it came; the older SHA-1 header counts for nothing.

        Raises BadSignature.
        Source: developers.facebook.com, Messenger Platform, Webhooks, read 2026-11-22.
        """
        scheme, _, signature = headers.get("X-Hub-Signature-256", "").partition("=")
        if scheme != "sha256":
            raise BadSignature("the signature is missing or not SHA-256")
        check_signature(raw, signature, self._app_secrets)

    def parse(self, raw: bytes) -> list[AnyEvent]:
        """Return the events of a webhook body. Raises BadPayload."""
        return facebook_events.parse(raw, self.pages)

    def send_text(self, identity: Identity, text: str, tag: str) -> str:
        """Send `text` to one contact of one of our pages and return the message's id. Raises ChannelError.

        text: at most max_text_chars. tag: comes back as the metadata of the echo.
        Source: developers.facebook.com, Messenger Platform, Send messages, read 2026-11-22.
        """
        text = clean(text)
        if len(text) > self.max_text_chars:
            raise ChannelError(Outcome.PERMANENT, "text_too_long")
        return self._send(identity, {"text": text}, tag)

    def file_limit_bytes(self, kind: str) -> int:
        """Return how large a file of this kind may be; 0 for a kind that Messenger does not have."""
        return FILE_LIMITS.get(kind, 0)

    def send_file(self, identity: Identity, url: str, name: str, kind: str, size_bytes: int, tag: str) -> str:
        """Send the file behind `url` and return the message's id. Raises ChannelError.

        name: nothing to Messenger, which looks at the end of `url`. tag: comes back as the metadata of the echo.
        Facebook fetches the file before it answers, for up to 10 s (75 s for a video); where that takes longer than
        our call may, the echo says that it arrived.
        Source: developers.facebook.com, Messenger Platform, Send messages, read 2026-11-22; for how long it fetches:
        help.manychat.com, Media guidelines, read 2026-11-22.
        """
        if not 0 < size_bytes <= self.file_limit_bytes(kind):
            raise ChannelError(Outcome.PERMANENT, "file_not_taken")
        if kind == "image" and not url.lower().endswith(PICTURE_ENDINGS):
            kind = "file"
        return self._send(identity, {"attachment": {"type": kind, "payload": {"url": url}}}, tag)

    def show_typing(self, identity: Identity) -> None:
        """Show the contact three moving dots, until the next message or for about 20 s. Raises ChannelError.

        Source: developers.facebook.com, Messenger Platform, Sender actions, read 2026-11-22.
        """
        facebook_errors.check(self._post(identity, {"sender_action": "typing_on"}))

    def fetch_profile(self, identity: Identity) -> Profile | None:
        """Ask for the contact's name, which no webhook brings; None when Facebook keeps it. Raises ChannelError."""
        return facebook_profiles.fetch(self._graph, self._token(identity), identity.contact_ref)

    def register(self, callback_url: str) -> Iterator[Step]:
        """Subscribe the app and its pages to their events, and show the Get Started button. One Step each."""
        return facebook_registration.register(
            self._graph, self._app_id, self._app_secrets, self._verify_token, self.pages, callback_url
        )

    def _send(self, identity: Identity, message: dict[str, Any], tag: str) -> str:
        message = {**message, "metadata": tag} if tag else message
        reply = self._post(identity, {"messaging_type": "RESPONSE", "message": message})
        facebook_errors.check(reply)
        message_id = as_id(reply.body["message_id"]) if reply.body and "message_id" in reply.body else ""
        if not message_id:
            raise ChannelError(Outcome.AMBIGUOUS, "unexpected_answer")
        return message_id

    def _post(self, identity: Identity, body: dict[str, Any]) -> Reply:
        return self._graph.post(
            f"/{identity.account}/messages",
            self._token(identity),
            data=_json({"recipient": {"id": identity.contact_ref}, **body}),
            headers={"Content-Type": "application/json"},
        )

    def _token(self, identity: Identity) -> str:
        token = self.pages.get(identity.account)
        if token is None:
            # Waits for the page to be put back into the settings; nothing is lost.
            raise ChannelError(Outcome.RETRY, "page_not_configured", retry_after_s=300, is_account_wide=True)
        return token


def _json(payload: dict[str, Any]) -> bytes:
    return msgspec.json.encode(payload)
