"""Facebook Messenger: one object for the Meta app and all of its pages."""

import hmac
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from channels import facebook_errors, facebook_events, facebook_registration
from channels.base import Headers, Step, check_signature
from channels.bodies import as_id
from channels.calls import Caller
from channels.facebook_calls import Graph
from domain.errors import BadSignature, ChannelError, Outcome
from domain.events import AnyEvent
from domain.identities import Identity
from domain.texts import clean


class Facebook:
    """The Messenger channel: verify, parse, send_text, register, and the challenge of the set-up."""

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
        self._graph = Graph(Caller(), graph_url, self._app_secrets[0] if self._app_secrets else "")

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
        token = self.pages.get(identity.account)
        if token is None:
            # Waits for the page to be put back into the settings; nothing is lost.
            raise ChannelError(Outcome.RETRY, "page_not_configured", retry_after_s=300, is_account_wide=True)
        text = clean(text)
        if len(text) > self.max_text_chars:
            raise ChannelError(Outcome.PERMANENT, "text_too_long")
        message = {"text": text, "metadata": tag} if tag else {"text": text}
        reply = self._graph.post(
            f"/{identity.account}/messages",
            token,
            data=_json({"recipient": {"id": identity.contact_ref}, "messaging_type": "RESPONSE", "message": message}),
            headers={"Content-Type": "application/json"},
        )
        facebook_errors.check(reply)
        message_id = as_id(reply.body["message_id"]) if reply.body and "message_id" in reply.body else ""
        if not message_id:
            raise ChannelError(Outcome.AMBIGUOUS, "unexpected_answer")
        return message_id

    def register(self, callback_url: str) -> Iterator[Step]:
        """Subscribe the app and its pages to their events, and show the Get Started button. One Step each."""
        return facebook_registration.register(
            self._graph, self._app_id, self._app_secrets, self._verify_token, self.pages, callback_url
        )


def _json(payload: dict[str, Any]) -> bytes:
    return msgspec.json.encode(payload)
