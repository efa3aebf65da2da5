"""Which worker asks the platform for a contact's name, and how often."""

from store.base import StoreBase, check_contact

ASKED_EVERY_S = 24 * 3600


class Profiles(StoreBase):
    """Hands it to one of them."""

    def claim_profile(self, contact: str) -> bool:
        """Tell whether this worker is the one to ask for the contact's name, for the next ASKED_EVERY_S.

        Raises StoreError.
        """
        check_contact(contact)
        key = self.keys.profile_asked(contact)
        return bool(self.connection.command(lambda client: client.set(key, "1", nx=True, ex=ASKED_EVERY_S)))
