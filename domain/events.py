"""What arrived from a platform, in words that no platform owns.

A channel turns each webhook body into a list of these. Platform ids are strings, times epoch milliseconds.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from domain.identities import Identity


@dataclass(frozen=True, slots=True)
class Profile:
    """What a platform told us about a contact beside its id; empty where it said nothing."""

    name: str = ""
    language: str = ""  # as the platform writes it, for example en-GB
    country: str = ""  # ISO 3166 letters


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that came with a message, named but not fetched."""

    kind: str  # image, audio, video, file, sticker, location, contact, link, or the platform's own word
    url: str = ""
    name: str = ""  # file name, title, or the name of a shared contact
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that concerns one contact."""

    kind: ClassVar[str] = "event"
    identity: Identity
    sent_at_ms: int | None  # the platform's own time; None where it has none that can be used
    native_id: str  # the same for each delivery of the same event, different for any other of this account
    profile: Profile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Event):
    """The contact wrote, tapped a quick reply or sent something."""

    kind: ClassVar[str] = "message.received"
    external_id: str  # the platform's id of this message, which edits, reactions and replies point at
    text: str = ""
    payload: str = ""  # of a quick reply
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""  # external id
    referral: str = ""  # ref of the link or ad it came through
    is_subscribed: bool | None = None  # Viber: whoever writes is a subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class PostbackReceived(Event):
    """The contact pressed a button other than Get Started."""

    kind: ClassVar[str] = "postback.received"
    external_id: str = ""
    title: str = ""
    payload: str = ""
    referral: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeReceived(Event):
    """The contact came to the door: Get Started, a lone referral, or Viber's conversation_started."""

    kind: ClassVar[str] = "welcome.received"
    cause: str  # get_started, referral or conversation_started
    external_id: str = ""
    title: str = ""
    payload: str = ""
    referral: str = ""  # ref or context of the link it came through
    welcome_token: str = ""  # Viber: the answer belongs into the HTTP response; the token names it
    is_subscribed: bool | None = None


class NoteKind(StrEnum):
    """What else can happen to a contact. None of these opens a conversation or is answered."""

    REACTION = "reaction"
    EDIT = "edit"
    DELETE = "delete"
    OPT_IN = "opt_in"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    STANDBY = "standby"  # another app holds the thread
    THREAD_CONTROL = "thread_control"
    ACCOUNT_LINKING = "account_linking"
    PAYMENT_STATUS = "payment_status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    """Something for the timeline that opens nothing and is not answered."""

    kind: ClassVar[str] = "noted"
    note: NoteKind
    text: str = ""
    details: dict[str, str] = field(default_factory=dict)
    is_subscribed: bool | None = None


class EchoSender(StrEnum):
    """Who sent what the platform echoes to us."""

    US = "us"
    PERSON = "person"  # wrote from the page's own inbox
    OTHER_APP = "other_app"


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoReceived(Event):
    """A copy of something that our page sent."""

    kind: ClassVar[str] = "echo.received"
    sender: EchoSender
    external_id: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    metadata: str = ""  # the string given with our own send


class ReceiptStatus(StrEnum):
    """What became of something we sent."""

    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptReceived(Event):
    """The platform says what became of what we sent: by message, or of all up to a watermark."""

    kind: ClassVar[str] = "receipt.received"
    status: ReceiptStatus
    external_ids: tuple[str, ...] = ()
    watermark_ms: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNotice:
    """Something about the page or bot itself: a probe, roles, a policy decision."""

    kind: ClassVar[str] = "account.notice"
    channel: str  # kind:account
    note: str  # webhook_probe, app_roles, policy_enforcement, changes
    details: dict[str, str] = field(default_factory=dict)
    needs_attention: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """An event that we do not know. It is logged by its keys and dropped; it is never an error."""

    kind: ClassVar[str] = "unknown"
    channel: str
    keys: tuple[str, ...]


AnyEvent = Event | AccountNotice | Unknown
