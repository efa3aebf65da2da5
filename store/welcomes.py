"""Viber's welcome: the answer in the HTTP body of conversation_started, the same on every repeat."""

from domain.identities import Identity
from store.automations import AutomationsKept
from store.base import status_of
from store.entries import encode_json

#: How long a repeated conversation_started still gets the same body.
WELCOME_KEPT_S = 48 * 3600


class Welcomes(AutomationsKept):
    """First writer wins: the worker's commit, or the configured text."""

    def read_welcome(self, contact: str, token: str) -> str | None:
        """Return the text that this token was answered with; None when it is not yet. Raises StoreError."""
        text: str | None = self.connection.command(lambda client: client.get(self.keys.welcome(contact, token)))
        return text

    def claim_welcome(self, contact: str, token: str, text: str, identity: Identity | None = None) -> str:
        """Answer with the configured text unless the bot's is there; return which it is. Raises StoreError.

        identity: where it is read, when that is not the contact's own.
        """
        went_to = str(identity) if identity else None
        said = {"sender": "automation", "text": text, "identity": went_to}
        entry = encode_json({"kind": "message", "at": self.now_ms(), **said})
        wanted = " ".join(self.automations().wanted)
        words = (text, entry, WELCOME_KEPT_S, wanted)
        call = self._call("claim_welcome", contact, *words, extra_keys=[self.keys.welcome(contact, token)])
        answer = self.connection.run(call)
        status_of(answer, ("ok",))
        return str(answer[1])
