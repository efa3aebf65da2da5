"""What Messenger tells beside messages and buttons: receipts, edits, reactions, thread control, notices.

Source: developers.facebook.com, Messenger Platform, Webhook events (one page for each), read 2026-11-22.
"""

from collections.abc import Callable
from typing import Any

from channels.bodies import as_id, as_list, as_ms, as_text, fingerprint
from channels.facebook_items import Item
from domain.events import AccountNotice, AnyEvent, NoteKind, ReceiptReceived, ReceiptStatus


def read_delivery(item: Item) -> AnyEvent:
    return _receipt(item, ReceiptStatus.DELIVERED, tuple(filter(None, map(as_id, as_list(item.body.get("mids"))))))


def read_read(item: Item) -> AnyEvent:
    return _receipt(item, ReceiptStatus.READ, ())


def _receipt(item: Item, status: ReceiptStatus, external_ids: tuple[str, ...]) -> AnyEvent:
    watermark_ms = as_ms(item.body.get("watermark"))
    return ReceiptReceived(
        identity=item.identity,
        sent_at_ms=item.sent_at_ms,
        native_id=item.hashed(status, watermark_ms, *external_ids),
        status=status,
        external_ids=external_ids,
        watermark_ms=watermark_ms,
    )


def read_edit(item: Item) -> AnyEvent:
    mid, count, text = as_id(item.body.get("mid")), as_text(item.body.get("num_edit")), as_text(item.body.get("text"))
    native_id = f"ed:{fingerprint(mid, count)}" if mid else item.hashed("edit", count, text)
    return item.noted(NoteKind.EDIT, native_id, {"external_id": mid}, text)


def read_reaction(item: Item) -> AnyEvent:
    mid, action = as_id(item.body.get("mid")), as_text(item.body.get("action"))
    emoji = as_text(item.body.get("emoji")) or as_text(item.body.get("reaction"))
    native_id = f"r:{fingerprint(mid, item.identity.contact_ref, action, item.sent_at_ms)}"
    return item.noted(NoteKind.REACTION, native_id, {"emoji": emoji, "action": action, "external_id": mid})


def noting(note: NoteKind, keys: tuple[str, ...], action: str = "") -> Callable[[Item], AnyEvent]:
    """Return a reader that keeps `keys`. What it leaves out are tokens and codes: they are worth stealing."""

    def read(item: Item) -> AnyEvent:
        details = {key: as_text(item.body.get(key)) for key in keys}
        if action:
            details["action"] = action
        return item.noted(
            note, item.hashed(note, *details.values()), {key: text for key, text in details.items() if text}
        )

    return read


def read_app_roles(channel: str, roles: dict[str, Any]) -> AnyEvent:
    details = {as_id(app)[:40]: ", ".join(map(as_text, as_list(held))) for app, held in list(roles.items())[:20]}
    return AccountNotice(channel=channel, note="app_roles", details=details)


def read_policy(channel: str, decision: dict[str, Any]) -> AnyEvent:
    details = {key: as_text(decision.get(key)) for key in ("action", "reason")}
    return AccountNotice(channel=channel, note="policy_enforcement", details=details, needs_attention=True)
