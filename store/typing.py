"""Who is writing to a contact at this moment. Nothing of it is kept: it is gone after a few seconds."""

from typing import Any

import msgspec

from store.base import StoreBase, check_contact
from store.entries import encode_json
from store.keys import TYPING_CHANNEL

#: A page says it again while somebody types, so that what is older than this has ended.
TYPING_LASTS_MS = 6_000
#: The platforms' own dots last longer; more often need nobody tell them.
SHOWN_EVERY_MS = 4_000


class Typing(StoreBase):
    """Says it to colleagues and, through a worker, to the contact."""

    def say_typing(self, contact: str, user: dict[str, Any]) -> None:
        """Note that a user writes to a contact, and hint at it. user: {id, email, name}. Raises StoreError."""
        check_contact(contact)

        def say(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            pipeline.set(self.keys.typing(contact), encode_json(user), px=TYPING_LASTS_MS)
            pipeline.publish(TYPING_CHANNEL, contact)
            return pipeline.execute()

        self.connection.command(say)

    def who_types(self, contact: str) -> dict[str, Any] | None:
        """Return the user who wrote last within TYPING_LASTS_MS; None when nobody did. Raises StoreError."""
        check_contact(contact)
        found: str | None = self.connection.command(lambda client: client.get(self.keys.typing(contact)))
        return msgspec.json.decode(found) if found else None

    def claim_typing(self, contact: str) -> bool:
        """Tell whether this worker is the one to show it to the contact, for the next SHOWN_EVERY_MS.

        Raises StoreError.
        """
        check_contact(contact)
        key = self.keys.typing_shown(contact)
        return bool(self.connection.command(lambda client: client.set(key, "1", nx=True, px=SHOWN_EVERY_MS)))
