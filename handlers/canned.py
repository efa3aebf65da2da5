"""Filling in the variables of a canned reply."""

import re
from collections.abc import Collection

from domain.models import Contact
from domain.users import User

#: What can stand between {{ and }}; FIELDS is followed by a custom field's id.
VARIABLES = ("contact.name", "contact.first_name", "user.name")
FIELDS = "contact.fields."
#: A $ in front is what Dialogflow's own responses and other platforms write.
_VARIABLE = re.compile(r"( ?)\{\{\s*\$?([A-Za-z0-9_.]+)\s*\}\}")


def fill(text: str, contact: Contact, user: User | None) -> str:
    """Return `text` with what is known in the place of its variables.

    user: who is about to send it. A variable that nobody knows, or that this contact has nothing for, stays as it is,
    so that it is seen before it is sent; without a user nobody would see it, and it goes.
    What a contact wrote is put in once, as it is: variables in it mean nothing.
    """
    words = contact.name.split()
    known = {
        "contact.name": contact.name,
        "contact.first_name": words[0] if words else "",
        "user.name": user.name if user else "",
    }

    def value(found: re.Match[str]) -> str:
        space, name = found.groups()
        is_field = name.startswith(FIELDS)
        said = contact.fields.get(name.removeprefix(FIELDS)) if is_field else known.get(name)
        if said or user:
            return f"{space}{said}" if said else found[0]
        # The space in front goes with it where none is needed: “Hello , …” looks like a form letter.
        return space if text[found.end() : found.end() + 1].isalnum() else ""

    return _VARIABLE.sub(value, text)


def unknown_variables(text: str, field_ids: Collection[str]) -> list[str]:
    """Return the variables in `text` that mean nothing, in order. field_ids: of the custom fields there are."""
    known = {*VARIABLES, *(f"{FIELDS}{field_id}" for field_id in field_ids)}
    return [found[0].strip() for found in _VARIABLE.finditer(text) if found[2] not in known]
