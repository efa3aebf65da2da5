"""The pages about contacts: who they are, merging and deleting them; and the public page about deleting data."""

from web.contacts import deleting, lists, merging, profile, suggestions  # noqa: F401  (their views are of the blueprint)
from web.contacts.blueprint import contacts
from web.contacts.data_deletion import data_deletion

CONTACT_PAGES = (contacts, data_deletion)

__all__ = ["CONTACT_PAGES"]
