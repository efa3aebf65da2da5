"""What is known of a contact: tags, profile and custom fields; and under which words the search finds it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.actions import Action, ChangeProfile, NoteLine
from domain.errors import BadPayload
from domain.events import Profile
from domain.models import Contact, Snapshot
from domain.search_terms import contact_terms, normalize_phone
from domain.tags import read_tag as read_tag
from domain.texts import clean

MOST_TAGS = 50
NAME_CHARS = 60
EMAIL_CHARS = 254
PHONE_DIGITS = 23
FIELD_CHARS = 1_000


def change_tags(
    snapshot: Snapshot, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = (), by: dict[str, Any] | None
) -> list[Action]:
    """Give and take tags; nothing to do when that changes none. Raises BadPayload for what cannot be a tag."""
    contact = snapshot.contact
    wanted = tuple(dict.fromkeys(read_tag(tag) for tag in add))
    tags = tuple(tag for tag in contact.tags if tag not in remove)
    tags += tuple(tag for tag in wanted if tag not in tags)
    if tags == contact.tags:
        return []
    if len(tags) > MOST_TAGS:
        raise BadPayload(f"A contact has at most {MOST_TAGS} tags; take some away first.")
    details = {
        "added": [tag for tag in tags if tag not in contact.tags] or None,
        "removed": [tag for tag in contact.tags if tag not in tags] or None,
        "by": by,
    }
    return [
        ChangeProfile(
            number=_number(snapshot),
            values={"tags": _json(tags)},
            tags_before=contact.tags,
            tags=tags,
            line=NoteLine(number=_number(snapshot), kind="tags_changed", details=details),
        )
    ]


def change_profile(snapshot: Snapshot, changes: Mapping[str, str], *, by: dict[str, Any] | None) -> list[Action]:
    """Change name, phone, email or custom fields (by their id); an empty text clears. Nothing to do if all is so.

    changes: `name`, `phone`, `email`, and `fields.<id>`, checked against the field's kind by the caller. Clearing the
    name brings back the platform's. Raises BadPayload with what is wrong.
    """
    contact = snapshot.contact
    changed = replace(
        contact,
        name=(_name(changes["name"]) or contact.platform_name) if "name" in changes else contact.name,
        phone=_phone(changes["phone"]) if "phone" in changes else contact.phone,
        email=_email(changes["email"]) if "email" in changes else contact.email,
        fields=_fields(contact, changes),
    )
    values = {name: getattr(changed, name) for name in ("phone", "email")}
    values = {name: value for name, value in values.items() if value != getattr(contact, name)}
    if changed.name != contact.name:
        values["edited_name"] = "" if changed.name == contact.platform_name else changed.name
    if changed.fields != contact.fields:
        values["fields"] = _json(changed.fields)
    if not values:
        return []
    names = [name.removeprefix("edited_") for name in values if name != "fields"]
    names += [name for name in {**contact.fields, **changed.fields} if _differs(contact, changed, name)]
    line = NoteLine(number=_number(snapshot), kind="profile_changed", details={"changed": names, "by": by})
    terms = contact_terms(changed.name, changed.phone, changed.email)
    return [
        ChangeProfile(
            number=_number(snapshot),
            values={**values, "terms": "\n".join(terms)},
            tags_before=contact.tags,
            tags=contact.tags,
            terms=terms,
            line=line,
        )
    ]


def index(contact: Contact) -> list[Action]:
    """Let the search find the contact as it is now; nothing to do when it does."""
    terms = contact_terms(contact.name, contact.phone, contact.email)
    if terms == contact.terms or contact.merged_into:
        return []
    return [ChangeProfile(number=0, values={"terms": "\n".join(terms)}, terms=terms)]


def take_name(contact: Contact, profile: Profile) -> list[Action]:
    """Keep the name that the platform told when it was asked, and let the search find the contact by it.

    What a user wrote goes before it. Nothing to do for who has one by now, and for who is blocked or merged.
    """
    name = clean(profile.name).strip()[:NAME_CHARS]
    if not name or contact.platform_name or contact.is_blocked or contact.merged_into:
        return []
    terms = contact_terms(contact.name or name, contact.phone, contact.email)
    values = {"name": name, "terms": "\n".join(terms)}
    return [ChangeProfile(number=0, values=values, terms=terms)]


def _differs(before: Contact, after: Contact, field: str) -> bool:
    return before.fields.get(field) != after.fields.get(field)


def _fields(contact: Contact, changes: Mapping[str, str]) -> dict[str, str]:
    fields = dict(contact.fields)
    for name, value in changes.items():
        if name.startswith("fields."):
            fields[name.removeprefix("fields.")] = clean(value).strip()[:FIELD_CHARS]
    return {name: value for name, value in fields.items() if value}


def _name(text: str) -> str:
    name = " ".join(clean(text).split())
    if len(name) > NAME_CHARS:
        raise BadPayload(f"A name has at most {NAME_CHARS} characters.")
    return name


def _phone(text: str) -> str:
    phone = normalize_phone(clean(text))
    digits = phone.removeprefix("+")
    if phone and not (digits.isdecimal() and digits.isascii() and 4 <= len(digits) <= PHONE_DIGITS):
        raise BadPayload(f"A phone number has 4 to {PHONE_DIGITS} digits, and may begin with +.")
    return phone


def _email(text: str) -> str:
    email = clean(text).strip().lower()
    local, at, domain = email.rpartition("@")
    if email and not (at and local and "." in domain and email.split() == [email] and len(email) <= EMAIL_CHARS):
        raise BadPayload("An email address looks like name@example.com.")
    return email


def _number(snapshot: Snapshot) -> int:
    return snapshot.open.number if snapshot.open else 0


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
