"""What was done by whom, for the page of the audit."""

from typing import Any

from web.access.guarding import viewer_or_none
from web.context import context


def record_audit(what: str, **details: Any) -> None:
    """Keep that the current user did something, for example record_audit("contact.merged", contact=…, into=…).

    Never give a password, a token or a message's text. Raises StoreError.
    """
    user = viewer_or_none()
    context().store.record_audit(what, user.card if user else None, **details)
