"""What a platform would refuse, or has to wait with, said to the user before it is sent."""

from dataclasses import dataclass

from domain.identities import Identity
from domain.models import Contact

#: After a contact's last message a page may answer for so long.
#: Source: developers.facebook.com, Messenger Platform, Send messages, read 2026-11-22.
WINDOW_MS = 24 * 3_600_000
_MB = 1_000_000
_PLATFORMS = {"facebook": "Facebook", "viber": "Viber"}

# Why a page or bot rests, and what ends that. Messages wait meanwhile; none is lost.
_ACCOUNT_RESTS = {
    "bad_token": "{platform} does not accept our access token any more. Somebody who manages the channels has to "
    "renew it (docs/connect.md); then this message goes out.",
    "bad_app_secret": "Facebook does not accept our app secret. Somebody who manages the channels has to correct "
    "FACEBOOK_APP_SECRET; then this message goes out.",
    "bad_page": "Facebook does not know this page, or our token is not for it. Somebody who manages the channels must "
    "correct FACEBOOK_PAGES; then this message goes out.",
    "account_blocked": "{platform} has blocked our account for now. Somebody who manages the channels has to look "
    "there; this message waits until {platform} takes messages again.",
    "webhook_not_set": "Viber does not know where we listen. Somebody who manages the channels has to connect the bot "
    "again (docs/connect.md); then this message goes out.",
    "rate_limited": "{platform} wants us to send less for a moment. This message goes out by itself in a few minutes.",
}
_OTHER_REST = "{platform} takes no messages from us at the moment. This message goes out as soon as it does."


@dataclass(frozen=True, slots=True)
class FileToSend:
    """What matters of a file. limit_bytes: the channel's for this kind, 0 where it takes none of it.

    can_be_fetched: whether the platform can reach the address under which we keep files.
    """

    size_bytes: int
    limit_bytes: int
    can_be_fetched: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message would not arrive, or not now.

    code: a word for programs. text: what, why, and what to do next. is_final: trying is of no use; otherwise it is
    only likely, or the message waits, and the user may send it all the same.
    """

    code: str
    text: str
    is_final: bool


def refusal(
    contact: Contact,
    identity: Identity,
    last_incoming_sent_at_ms: int | None,
    now_ms: int,
    *,
    with_file: FileToSend | None = None,
    is_connected: bool = True,
    rest_reason: str = "",
) -> Refusal | None:
    """Return why a message to `identity` would be refused or delayed; None when nothing is known against it.

    What is final comes first. last_incoming_sent_at_ms: when, by the platform's clock, the contact last wrote or
    pressed a button there; None: never. is_connected: its page or bot is in the settings. rest_reason: why that rests;
    empty when it does not.
    """
    return (
        _final(contact, identity, with_file)
        or _not_connected(identity, is_connected)
        or _unanswered(contact, identity, last_incoming_sent_at_ms, now_ms)
        or _resting(identity, rest_reason)
    )


def _final(contact: Contact, identity: Identity, with_file: FileToSend | None) -> Refusal | None:
    if contact.is_blocked:
        return Refusal("blocked", "This contact is blocked here, so nothing is sent. Unblock first.", True)
    if identity.kind == "viber" and contact.is_subscribed is False and _is_only(contact, identity):
        text = (
            "This contact has left the bot on Viber, which delivers nothing to people who did. "
            "Wait until they write again, or reach them another way."
        )
        return Refusal("not_subscribed", text, True)
    return _bad_file(identity, with_file) if with_file else None


def _is_only(contact: Contact, identity: Identity) -> bool:
    # Of a contact with several identities of this kind nobody can tell which one left.
    return [one.kind for one in contact.identities].count(identity.kind) == 1


def _bad_file(identity: Identity, file: FileToSend) -> Refusal | None:
    platform = _platform(identity)
    if not file.can_be_fetched:
        text = (
            f"Files cannot be sent yet: {platform} fetches them from us, and PUBLIC_URL, our address on the internet, "
            "is not set. Ask whoever runs Markdone to set it, or send a link."
        )
        return Refusal("file_unreachable", text, True)
    if file.limit_bytes == 0:
        return Refusal("file_not_taken", f"{platform} does not take files of this kind. Send a link instead.", True)
    if file.size_bytes > file.limit_bytes:
        limit = f"{file.limit_bytes / _MB:.0f} MB"
        text = f"The file is too large: {platform} takes {limit} of this kind. Make it smaller, or send a link."
        return Refusal("file_too_large", text, True)
    return None


def _not_connected(identity: Identity, is_connected: bool) -> Refusal | None:
    if is_connected:
        return None
    account = f"{'The page' if identity.kind == 'facebook' else 'The bot'} {identity.account}"
    text = f"{account} is not connected any more. This message waits until somebody connects it again in the settings."
    return Refusal("not_connected", text, False)


def _unanswered(contact: Contact, identity: Identity, last_ms: int | None, now_ms: int) -> Refusal | None:
    platform = _platform(identity)
    if last_ms is None:
        if identity.kind == "viber" and contact.is_subscribed:
            return None
        text = (
            f"This contact has never written to us there, so {platform} will most likely refuse this message. "
            "Wait until they write."
        )
        return Refusal("never_wrote", text, False)
    if identity.kind == "facebook" and now_ms - last_ms > WINDOW_MS:
        text = (
            "The contact last wrote over 24 hours ago, so Facebook will most likely refuse this message: answering "
            "later needs its Human Agent permission, which Markdone does not use. Wait until they write again."
        )
        return Refusal("window_closed", text, False)
    return None


def _resting(identity: Identity, reason: str) -> Refusal | None:
    if not reason:
        return None
    text = _ACCOUNT_RESTS.get(reason, _OTHER_REST).format(platform=_platform(identity))
    return Refusal(f"resting_{reason}" if reason in _ACCOUNT_RESTS else "resting", text, False)


def _platform(identity: Identity) -> str:
    return _PLATFORMS.get(identity.kind, identity.kind)
