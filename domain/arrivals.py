"""What the store shall do with an event: record it, settle one of our sends, or note a receipt."""

from dataclasses import dataclass
from typing import Any

from domain.events import Profile, ReceiptStatus
from domain.identities import Identity
from domain.models import Letter, Source
from domain.sends import SendTag


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Put it on the contact's timeline, once."""

    identity: Identity
    native_id: str
    sent_at_ms: int | None
    letter: Letter  # MESSAGE, WELCOME_OPENING, WELCOME, NOTED, or SENT for what a person wrote elsewhere
    data: dict[str, Any]
    opens: Source | None = None
    external_id: str = ""  # of what a person wrote elsewhere
    is_subscribed: bool | None = None
    profile: Profile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleByEcho:
    """Our own send came back: it arrived."""

    tag: SendTag
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReceipt:
    """The platform says what became of something we sent."""

    identity: Identity
    status: ReceiptStatus
    external_id: str = ""
    watermark_ms: int = 0
    reason: str = ""


Arrival = Record | SettleByEcho | RecordReceipt
