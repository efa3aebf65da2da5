"""What every channel is, and how a webhook's signature is checked."""

import hmac
import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from domain.errors import BadSignature, Outcome
from domain.events import AnyEvent, Profile
from domain.identities import Identity


@dataclass(frozen=True, slots=True)
class Step:
    """One step of connecting a channel, for people. problem: empty when it went well; never holds a secret."""

    what: str
    problem: str = ""


class Meaning(NamedTuple):
    """What an error of a platform means for a message: the arguments of a ChannelError."""

    outcome: Outcome
    reason: str
    retry_after_s: float | None = None
    is_account_wide: bool = False


class Headers(Protocol):
    """What we need of a request's headers: a dict has it, and so has a web framework's own kind."""

    def get(self, name: str, default: str, /) -> str: ...


class Channel(Protocol):
    """One kind of connected account. The contract that tests/channels/contract.py holds."""

    @property
    def kind(self) -> str: ...

    @property
    def max_text_chars(self) -> int: ...

    @property
    def can_echo(self) -> bool:
        """Whether our own sends come back as events, with the tag we gave them."""

    def verify(self, raw: bytes, headers: Headers) -> None:
        """Check the signature of a webhook body as it came. Raises BadSignature."""

    def parse(self, raw: bytes) -> list[AnyEvent]:
        """Return the events of a body, in order per contact. Raises BadPayload."""

    @property
    def is_on_this_machine(self) -> bool:
        """Whether a stand-in plays the platform here: only that can fetch a file from a loopback address."""

    def send_text(self, identity: Identity, text: str, tag: str) -> str:
        """Send `text` and return the platform's id of the message. Raises ChannelError."""

    def file_limit_bytes(self, kind: str) -> int:
        """Return how large a file of this kind (image, audio, video or file) may be; 0 for a kind it does not take."""

    def send_file(self, identity: Identity, url: str, name: str, kind: str, size_bytes: int, tag: str) -> str:
        """Send a file, which the platform fetches from `url`; return its id of the message. Raises ChannelError."""

    def show_typing(self, identity: Identity) -> None:
        """Show the contact for a moment that somebody writes; nothing where there is no such thing.

        Raises ChannelError.
        """

    def fetch_profile(self, identity: Identity) -> Profile | None:
        """Ask what the platform tells of the contact; None when it tells nothing, or its webhooks do it already.

        Raises ChannelError.
        """

    def register(self, callback_url: str) -> Iterator[Step]:
        """Tell the platform where we listen, step by step."""


def check_signature(raw: bytes, given: str, secrets: Iterable[str]) -> None:
    """Compare a lower-case hex HMAC-SHA256 of `raw`, in constant time, with that of any secret. Raises BadSignature."""
    signature = given.encode("utf-8", "replace")
    for secret in secrets:
        # An empty secret is one that anybody knows.
        if secret and hmac.compare_digest(hmac.digest(secret.encode(), raw, "sha256").hex().encode(), signature):
            return
    raise BadSignature("the signature is missing or does not fit the body")


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine itself, and nobody else's way to it."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
